// DescribeIdentities: accounts, users, keys and certificates, for Walrus' copy: what has changed
// since the version that it has. Secrets are sealed to the asker's encryption key.
#include <algorithm>

#include "clc/operations/operations.h"
#include "clc/store/access_keys.h"
#include "clc/store/accounts.h"
#include "clc/store/counters.h"
#include "clc/store/identity_changes.h"
#include "clc/store/signing_certificates.h"
#include "clc/store/users.h"

namespace angophora::clc::operations {
namespace {

constexpr int kWaitMaxMs = 60'000;
// Changes in an answer; as many secrets can be sealed in a tenth of a second.
constexpr std::size_t kChangesMax = 2000;

// What the asker has, and how it takes the rest.
struct Asked {
  std::int64_t known = 0;
  bool changes_only = false;
};

struct Changes {
  std::int64_t version = 0;  // as of these
  std::int64_t newest = 0;
  std::optional<std::int64_t> from;  // else these are all
  std::vector<Account> accounts;
  std::vector<User> users;
  std::vector<AccessKey> keys;
  std::vector<UserCertificate> certificates;
  std::vector<IdentityChange> removed;
};

// A key works no longer than its user does.
Result<> add_key(Tx& tx, AccessKey key, Changes& into) {
  TRY(const auto user, Users(tx).find(key.user));
  key.active = key.active && user && user->is_enabled;
  into.keys.push_back(std::move(key));
  return common::ok();
}

template <class Row>
Result<> keep(std::optional<Row> row, const IdentityChange& change, std::vector<Row>& into,
              Changes& changes) {
  if (row)
    into.push_back(std::move(*row));
  else
    changes.removed.push_back(change);
  return common::ok();
}

Result<> add(Tx& tx, const IdentityChange& change, Changes& into) {
  switch (change.kind) {
    case IdentityKind::account: {
      TRY(auto account, Accounts(tx).find(AccountId(change.id)));
      return keep(std::move(account), change, into.accounts, into);
    }
    case IdentityKind::user: {
      TRY(auto user, Users(tx).find(UserId(change.id)));
      return keep(std::move(user), change, into.users, into);
    }
    case IdentityKind::access_key: {
      TRY(auto key, AccessKeys(tx).find(change.id));
      if (key) return add_key(tx, std::move(*key), into);
      into.removed.push_back(change);
      return common::ok();
    }
    case IdentityKind::certificate: {
      TRY(auto certificate, SigningCertificates(tx).find(change.id));
      return keep(std::move(certificate), change, into.certificates, into);
    }
    case IdentityKind::group:
    case IdentityKind::policy:
      return common::ok();  // policies of users are judged here alone
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
  for (const auto& row : rows) TRY_VOID(add(tx, row, changes));
  changes.version = rows.empty() ? changes.newest : rows.back().version;
  return changes;
}

using Reply = soap::cloud::DescribeIdentities::Reply;

Result<> add_keys(const Changes& changes, const crypto::PublicKey& reader, Reply& reply) {
  for (const auto& key : changes.keys) {
    auto& row = reply.accessKeys.emplace_back();
    row.accessKeyId = key.id;
    row.userId = key.user.value;
    row.active = key.active;
    TRY(row.sealedSecret, reader.encrypt_oaep(key.secret));
  }
  return common::ok();
}

void add_users(const Changes& changes, Reply& reply) {
  for (const auto& user : changes.users) {
    auto& row = reply.users.emplace_back();
    row.userId = user.id.value;
    row.accountId = user.account.value;
    row.name = user.name;
    row.arn = arn_of(user);
    row.root = user.is_root;
  }
}

void add_removed(const Changes& changes, Reply& reply) {
  if (!changes.from) return;  // who forgets all else needs not be told
  for (const auto& change : changes.removed) {
    auto& row = reply.removed.emplace_back();
    row.kind = to_string(change.kind);
    row.id = change.id;
  }
}

// Slow: seals each secret.
Result<Reply> reply_of(const Changes& changes, const std::string& reader_der) {
  TRY(const auto reader, crypto::Certificate::from_der(reader_der));
  Reply reply;
  reply.version = changes.version;
  reply.changesFrom = changes.from;
  reply.more = changes.version < changes.newest;
  for (const auto& account : changes.accounts) {
    auto& row = reply.accounts.emplace_back();
    row.accountId = account.id.value;
    row.name = account.name;
    row.canonicalId = account.canonical_id;
  }
  add_users(changes, reply);
  for (const auto& certificate : changes.certificates) {
    auto& row = reply.certificates.emplace_back();
    row.certificateId = certificate.id;
    row.userId = certificate.user.value;
    row.pem = certificate.pem;
    row.active = certificate.active;
  }
  add_removed(changes, reply);
  TRY_VOID(add_keys(changes, reader.public_key(), reply));
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
  auto seal = [changes = std::move(changes), der = reader->encryption_certificate_der] {
    return reply_of(changes, der);
  };
  co_return co_await s.runtime.run_blocking(std::move(seal));
}

}  // namespace angophora::clc::operations
