// DescribeIdentities: accounts, users, groups, roles, policies, keys and certificates, for Walrus'
// copy: what has changed since the version that it has. Secrets are sealed to the asker's
// encryption key.
#include <algorithm>

#include "clc/domain/secrets.h"
#include "clc/operations/operations.h"
#include "clc/store/access_keys.h"
#include "clc/store/accounts.h"
#include "clc/store/counters.h"
#include "clc/store/identity_changes.h"
#include "clc/store/inline_policies.h"
#include "clc/store/managed_policies.h"
#include "clc/store/roles.h"
#include "clc/store/signing_certificates.h"
#include "clc/store/user_groups.h"
#include "clc/store/users.h"
#include "common/log/log.h"
#include "common/sessions/session.h"

namespace angophora::clc::operations {
namespace {

constexpr int kWaitMaxMs = 60'000;
// Changes in an answer; as many secrets can be sealed in a tenth of a second.
constexpr std::size_t kChangesMax = 2000;
// Policies in an answer to who takes it in parts; one entity has up to 20 KiB.
constexpr std::size_t kPolicyBytesMax = 1 << 20;

// What the asker has, and how it takes the rest.
struct Asked {
  std::int64_t known = 0;
  bool changes_only = false;
};

// What an account, user or group may by itself.
struct PolicySet {
  std::vector<InlinePolicy> own;
  std::vector<ManagedPolicy> attached;
};
template <class Row>
struct WithPolicies {
  Row row;
  PolicySet policies;
};
struct UserRow {
  User user;
  std::vector<UserGroup> groups;
};
struct PolicyRow {
  ManagedPolicy policy;
  std::string document;
};

struct Changes {
  std::int64_t version = 0;  // as of these
  std::int64_t newest = 0;
  std::optional<std::int64_t> from;  // else these are all
  std::vector<WithPolicies<Account>> accounts;
  std::vector<WithPolicies<UserRow>> users;
  std::vector<WithPolicies<UserGroup>> groups;
  std::vector<WithPolicies<Role>> roles;
  std::vector<PolicyRow> policies;
  std::vector<AccessKey> keys;
  std::vector<UserCertificate> certificates;
  std::vector<IdentityChange> removed;
  std::size_t policy_bytes = 0;
};

Result<PolicySet> policies_of(Tx& tx, const PolicyEntity& entity, Changes& changes) {
  PolicySet set;
  TRY(set.own, InlinePolicies(tx).of(entity));
  TRY(set.attached, ManagedPolicies(tx).attached_to(entity));
  for (const auto& one : set.own) changes.policy_bytes += one.document.size();
  return set;
}

Result<> add_account(Tx& tx, Account account, Changes& into) {
  TRY(auto policies, policies_of(tx, entity(account.id), into));
  into.accounts.push_back({std::move(account), std::move(policies)});
  return common::ok();
}

Result<> add_user(Tx& tx, User user, Changes& into) {
  TRY(auto policies, policies_of(tx, entity(user.id), into));
  TRY(auto groups, UserGroups(tx).groups_of(user.id));
  into.users.push_back({{std::move(user), std::move(groups)}, std::move(policies)});
  return common::ok();
}

Result<> add_group(Tx& tx, UserGroup group, Changes& into) {
  TRY(auto policies, policies_of(tx, entity(group.id), into));
  into.groups.push_back({std::move(group), std::move(policies)});
  return common::ok();
}

Result<> add_role(Tx& tx, Role role, Changes& into) {
  TRY(auto policies, policies_of(tx, entity(role.id), into));
  into.roles.push_back({std::move(role), std::move(policies)});
  return common::ok();
}

Result<> add_policy(Tx& tx, ManagedPolicy policy, Changes& into) {
  TRY(auto version, ManagedPolicies(tx).version(policy, policy.default_version));
  into.policy_bytes += version.document.size();
  into.policies.push_back({std::move(policy), std::move(version.document)});
  return common::ok();
}

// A key works no longer than its user does.
Result<> add_key(Tx& tx, AccessKey key, Changes& into) {
  TRY(const auto user, Users(tx).find(key.user));
  key.active = key.active && user && user->is_enabled;
  into.keys.push_back(std::move(key));
  return common::ok();
}

Result<> add_certificate(Tx&, UserCertificate certificate, Changes& into) {
  into.certificates.push_back(std::move(certificate));
  return common::ok();
}

// What is not in its table any more is gone.
template <class Row>
Result<> keep(Tx& tx, std::optional<Row> row, const IdentityChange& change,
              Result<> (*add_row)(Tx&, Row, Changes&), Changes& changes) {
  if (row) return add_row(tx, std::move(*row), changes);
  changes.removed.push_back(change);
  return common::ok();
}

Result<> add(Tx& tx, const IdentityChange& change, Changes& into) {
  switch (change.kind) {
    case IdentityKind::account: {
      TRY(auto account, Accounts(tx).find(AccountId(change.id)));
      return keep(tx, std::move(account), change, add_account, into);
    }
    case IdentityKind::user: {
      TRY(auto user, Users(tx).find(UserId(change.id)));
      return keep(tx, std::move(user), change, add_user, into);
    }
    case IdentityKind::access_key: {
      TRY(auto key, AccessKeys(tx).find(change.id));
      return keep(tx, std::move(key), change, add_key, into);
    }
    case IdentityKind::certificate: {
      TRY(auto certificate, SigningCertificates(tx).find(change.id));
      return keep(tx, std::move(certificate), change, add_certificate, into);
    }
    case IdentityKind::group: {
      TRY(auto group, UserGroups(tx).find(UserGroupId(change.id)));
      return keep(tx, std::move(group), change, add_group, into);
    }
    case IdentityKind::role: {
      TRY(auto role, Roles(tx).find(RoleId(change.id)));
      return keep(tx, std::move(role), change, add_role, into);
    }
    case IdentityKind::policy: {
      TRY(auto policy, ManagedPolicies(tx).find(PolicyId(change.id)));
      return keep(tx, std::move(policy), change, add_policy, into);
    }
  }
  return common::ok();
}

// Whoever knows a version that is yet to come knows another cloud's past, and starts anew; so does
// who has not asked since this database came back from a backup.
Result<Changes> read_changes(Tx& tx, const Asked& asked) {
  IdentityChanges log(tx);
  Changes changes;
  TRY(changes.newest, log.version());
  TRY(const auto floor, Counters(tx).value(kIdentitiesFloor));
  const bool continues =
      asked.changes_only && asked.known <= changes.newest && asked.known >= floor;
  const auto from = continues ? asked.known : 0;
  if (continues) changes.from = from;
  TRY(const auto rows, log.after(from, asked.changes_only ? kChangesMax : SIZE_MAX / 2));
  changes.version = changes.newest;
  for (const auto& row : rows) {
    TRY_VOID(add(tx, row, changes));
    changes.version = row.version;
    if (asked.changes_only && changes.policy_bytes >= kPolicyBytesMax) break;
  }
  return changes;
}

using Reply = soap::cloud::DescribeIdentities::Reply;

void add_removed(IdentityKind kind, const std::string& id, Reply& reply) {
  auto& row = reply.removed.emplace_back();
  row.kind = to_string(kind);
  row.id = id;
}

// Who forgets all else needs not be told what is gone.
void add_removed(const Changes& changes, Reply& reply) {
  if (!changes.from) return;
  for (const auto& change : changes.removed) add_removed(change.kind, change.id, reply);
}

Result<> add_keys(const Changes& changes, const CloudKeys& keys, const crypto::PublicKey& reader,
                  Reply& reply) {
  for (const auto& key : changes.keys) {
    const auto secret = open_secret(*keys.masters, key);
    if (!secret) {
      // With one that nobody can open nobody signs in.
      log::error("secrets.unreadable",
                 {{"access_key", key.id}, {"reason", secret.error().message}});
      if (changes.from) add_removed(IdentityKind::access_key, key.id, reply);
      continue;
    }
    auto& row = reply.accessKeys.emplace_back();
    row.accessKeyId = key.id;
    row.userId = key.user.value;
    row.active = key.active;
    TRY(row.sealedSecret, reader.encrypt_oaep(secret.value()));
  }
  return common::ok();
}

template <class Row>
void add_policies(const PolicySet& policies, Row& row) {
  for (const auto& one : policies.own) {
    auto& text = row.policies.emplace_back();
    text.name = one.name;
    text.document = one.document;
  }
  for (const auto& one : policies.attached) row.attachedPolicyIds.push_back(one.id.value);
}

void add_users(const Changes& changes, Reply& reply) {
  for (const auto& [entry, policies] : changes.users) {
    const auto& user = entry.user;
    auto& row = reply.users.emplace_back();
    add_policies(policies, row);
    for (const auto& group : entry.groups) row.groupIds.push_back(group.id.value);
    row.userId = user.id.value;
    row.accountId = user.account.value;
    row.name = user.name;
    row.arn = arn_of(user);
    row.root = user.is_root;
    if (!user.is_enabled) row.disabled = true;
  }
}

void add_accounts(const Changes& changes, Reply& reply) {
  for (const auto& [account, policies] : changes.accounts) {
    auto& row = reply.accounts.emplace_back();
    row.accountId = account.id.value;
    row.name = account.name;
    row.canonicalId = account.canonical_id;
    add_policies(policies, row);
  }
}

void add_groups_and_policies(const Changes& changes, Reply& reply) {
  for (const auto& [group, policies] : changes.groups) {
    auto& row = reply.groups.emplace_back();
    row.groupId = group.id.value;
    row.name = group.name;
    add_policies(policies, row);
  }
  for (const auto& [role, policies] : changes.roles) {
    auto& row = reply.roles.emplace_back();
    row.roleId = role.id.value;
    row.accountId = role.account.value;
    row.arn = arn_of(role);
    add_policies(policies, row);
  }
  for (const auto& [policy, document] : changes.policies) {
    auto& row = reply.policies.emplace_back();
    row.policyId = policy.id.value;
    row.name = policy.name;
    row.document = document;
  }
}

Result<> add_token_keys(const CloudKeys& keys, const crypto::PublicKey& reader, Reply& reply) {
  const auto key = sessions::token_key_of(keys.secret);
  auto& row = reply.tokenKeys.emplace_back();
  row.keyId = key.id;
  TRY(row.sealedKey, reader.encrypt_oaep(key.key));
  return common::ok();
}

// Slow: seals each secret.
Result<Reply> reply_of(const Changes& changes, const std::string& reader_der,
                       const CloudKeys& keys) {
  TRY(const auto reader, crypto::Certificate::from_der(reader_der));
  Reply reply;
  reply.version = changes.version;
  reply.changesFrom = changes.from;
  reply.more = changes.version < changes.newest;
  add_accounts(changes, reply);
  add_users(changes, reply);
  add_groups_and_policies(changes, reply);
  for (const auto& certificate : changes.certificates) {
    auto& row = reply.certificates.emplace_back();
    row.certificateId = certificate.id;
    row.userId = certificate.user.value;
    row.pem = certificate.pem;
    row.active = certificate.active;
  }
  add_removed(changes, reply);
  TRY_VOID(add_keys(changes, keys, reader.public_key(), reply));
  TRY_VOID(add_token_keys(keys, reader.public_key(), reply));
  return reply;
}

}  // namespace

Task<Reply> describe_identities(Context& context, soap::Caller caller,
                                soap::cloud::DescribeIdentities::Request request) {
  auto& s = context.services;
  const auto reader = context.table.find(caller.name);
  if (!reader)
    co_return Error(common::Errc::permission_denied, caller.name.value + " is not registered");
  const std::chrono::milliseconds wait(std::clamp(request.waitMs, 0, kWaitMaxMs));
  const auto until = s.runtime.steady_now() + wait;
  const Asked asked{request.knownVersion, request.changesOnly.value_or(false)};
  const auto read = [asked](Tx& tx) { return read_changes(tx, asked); };
  auto seen = s.changes.identities.notified();
  CO_TRY(auto changes, co_await s.db.read(read));
  while (changes.newest == asked.known && !s.runtime.stopping()) {
    const auto left = until - s.runtime.steady_now();
    if (left <= common::Duration::zero()) break;
    co_await s.changes.identities.wait(s.runtime, left, seen);
    seen = s.changes.identities.notified();
    CO_TRY(changes, co_await s.db.read(read));
  }
  auto seal = [changes = std::move(changes), der = reader->encryption_certificate_der,
               &keys = s.keys] { return reply_of(changes, der, keys); };
  co_return co_await s.runtime.run_blocking(std::move(seal));
}

}  // namespace angophora::clc::operations
