#include "clc/store/managed_policies.h"

#include "clc/domain/errors.h"
#include "clc/store/identity_changes.h"
#include "clc/store/inline_policies.h"

namespace angophora::clc {
namespace {

#define POLICY_COLUMNS                                                            \
  "p.policy_id, p.account_id, p.name, p.path, p.description, p.default_version, " \
  "p.last_version, p.created_at_ms, p.updated_at_ms "

ManagedPolicy read_policy(Query& q) {
  ManagedPolicy p;
  p.id = PolicyId(q.text(0));
  p.account = AccountId(q.text(1));
  p.name = q.text(2);
  p.path = q.text(3);
  p.description = q.text(4);
  p.default_version = q.integer(5);
  p.last_version = q.integer(6);
  p.created_at = from_ms(q.integer(7));
  p.updated_at = from_ms(q.integer(8));
  return p;
}

PolicyVersion read_version(Query& q) { return {q.integer(0), q.text(1), from_ms(q.integer(2))}; }

Result<> insert_version(Tx& tx, const PolicyId& id, const PolicyVersion& version) {
  TRY(auto q, tx.prepare("INSERT INTO managed_policy_versions (policy_id, version, document, "
                         "created_at_ms) VALUES (?1,?2,?3,?4)"));
  q.bind(1, id).bind(2, version.version).bind(3, version.document);
  TRY_VOID(q.bind(4, to_ms(version.created_at)).run());
  return common::ok();
}

Result<std::vector<std::string>> names(Query& q, const PolicyId& id, const AccountId& account) {
  return all_rows(q.bind(1, id).bind(2, account), [](Query& row) { return row.text(0); });
}

// The account and the name in "arn:aws:iam::ACCOUNT:policy/PATH/NAME".
struct Named {
  std::string account, name;
};
std::optional<Named> parts_of(std::string_view arn) {
  constexpr std::string_view kHead = "arn:aws:iam::", kKind = ":policy/";
  if (!arn.starts_with(kHead)) return std::nullopt;
  arn.remove_prefix(kHead.size());
  const auto kind = arn.find(kKind);
  if (kind == std::string_view::npos) return std::nullopt;
  const auto name = arn.substr(arn.rfind('/') + 1);
  return Named{std::string(arn.substr(0, kind)), std::string(name)};
}

}  // namespace

Result<> ManagedPolicies::insert(const ManagedPolicy& policy, const std::string& document) {
  TRY(auto q,
      tx_.prepare("INSERT INTO managed_policies (policy_id, account_id, name, path, description, "
                  "default_version, last_version, created_at_ms, updated_at_ms) "
                  "VALUES (?1,?2,?3,?4,?5,1,1,?6,?6)"));
  q.bind(1, policy.id).bind(2, policy.account).bind(3, policy.name).bind(4, policy.path);
  const auto ran = q.bind(5, policy.description).bind(6, to_ms(policy.created_at)).run();
  if (!ran && ran.error().code == db::DbErrc::unique)
    return Error(IdentityErrc::exists, "A policy called " + policy.name +
                                           " already exists. Duplicate names are not allowed.");
  TRY_VOID(std::move(ran));
  TRY_VOID(insert_version(tx_, policy.id, {1, document, policy.created_at}));
  return IdentityChanges(tx_).note(IdentityKind::policy, policy.id.value);
}

Result<ManagedPolicy> ManagedPolicies::find(const AccountId& account, const std::string& arn) {
  const Error not_found(IdentityErrc::not_found,
                        "Policy " + arn + " does not exist or is not attachable.");
  const auto named = parts_of(arn);
  if (!named || (named->account != account.value && named->account != kCommonPolicies))
    return not_found;
  TRY(auto q, tx_.prepare("SELECT " POLICY_COLUMNS "FROM managed_policies p "
                          "WHERE p.account_id=?1 AND p.name=?2"));
  TRY(const bool found, q.bind(1, named->account).bind(2, named->name).step());
  if (!found) return not_found;
  auto policy = read_policy(q);
  if (arn_of(policy) != arn) return not_found;
  return policy;
}

Result<std::optional<ManagedPolicy>> ManagedPolicies::find(const PolicyId& id) {
  TRY(auto q, tx_.prepare("SELECT " POLICY_COLUMNS "FROM managed_policies p WHERE p.policy_id=?1"));
  TRY(const bool found, q.bind(1, id).step());
  return found ? std::optional<ManagedPolicy>(read_policy(q)) : std::nullopt;
}

Result<std::vector<ManagedPolicy>> ManagedPolicies::page(const AccountId& account,
                                                         const NamePage& page) {
  TRY(auto q, tx_.prepare("SELECT " POLICY_COLUMNS "FROM managed_policies p "
                          "WHERE p.account_id=?1 AND p.name>?2 AND substr(p.path, 1, ?4)=?3 "
                          "ORDER BY p.name LIMIT ?5"));
  q.bind(1, account).bind(2, page.after).bind(3, page.path_prefix);
  q.bind(4, page.path_prefix.size()).bind(5, page.limit);
  return all_rows(q, read_policy);
}

Result<> ManagedPolicies::remove(const PolicyId& id) {
  TRY(auto versions, tx_.prepare("DELETE FROM managed_policy_versions WHERE policy_id=?1"));
  TRY_VOID(versions.bind(1, id).run());
  TRY(auto q, tx_.prepare("DELETE FROM managed_policies WHERE policy_id=?1"));
  TRY_VOID(q.bind(1, id).run());
  return IdentityChanges(tx_).note(IdentityKind::policy, id.value);
}

Result<> ManagedPolicies::remove_all(const AccountId& account) {
  TRY(auto q, tx_.prepare("SELECT policy_id FROM managed_policies WHERE account_id=?1"));
  TRY(const auto ids, all_rows(q.bind(1, account), [](Query& r) { return r.id<PolicyId>(0); }));
  for (const auto& id : ids) TRY_VOID(remove(id));
  return common::ok();
}

Result<std::vector<PolicyVersion>> ManagedPolicies::versions(const PolicyId& id) {
  TRY(auto q, tx_.prepare("SELECT version, document, created_at_ms FROM managed_policy_versions "
                          "WHERE policy_id=?1 ORDER BY version DESC"));
  return all_rows(q.bind(1, id), read_version);
}

Result<PolicyVersion> ManagedPolicies::version(const ManagedPolicy& policy, std::int64_t version) {
  TRY(auto q, tx_.prepare("SELECT version, document, created_at_ms FROM managed_policy_versions "
                          "WHERE policy_id=?1 AND version=?2"));
  TRY(const bool found, q.bind(1, policy.id).bind(2, version).step());
  if (found) return read_version(q);
  return Error(IdentityErrc::not_found, "Policy " + arn_of(policy) + " version v" +
                                            std::to_string(version) + " does not exist.");
}

Result<std::int64_t> ManagedPolicies::add_version(const ManagedPolicy& policy,
                                                  const std::string& document,
                                                  common::SysTime now) {
  const auto number = policy.last_version + 1;
  TRY_VOID(insert_version(tx_, policy.id, {number, document, now}));
  TRY(auto q, tx_.prepare("UPDATE managed_policies SET last_version=?2, updated_at_ms=?3 "
                          "WHERE policy_id=?1"));
  TRY_VOID(q.bind(1, policy.id).bind(2, number).bind(3, to_ms(now)).run());
  return number;
}

Result<> ManagedPolicies::set_default(const PolicyId& id, std::int64_t version,
                                      common::SysTime now) {
  TRY(auto q, tx_.prepare("UPDATE managed_policies SET default_version=?2, updated_at_ms=?3 "
                          "WHERE policy_id=?1"));
  TRY_VOID(q.bind(1, id).bind(2, version).bind(3, to_ms(now)).run());
  return IdentityChanges(tx_).note(IdentityKind::policy, id.value);
}

Result<> ManagedPolicies::remove_version(const PolicyId& id, std::int64_t version) {
  TRY(auto q, tx_.prepare("DELETE FROM managed_policy_versions WHERE policy_id=?1 AND version=?2"));
  TRY_VOID(q.bind(1, id).bind(2, version).run());
  return common::ok();
}

Result<> ManagedPolicies::attach(const ManagedPolicy& policy, const AccountId& account,
                                 const PolicyEntity& entity) {
  TRY(auto q, tx_.prepare("INSERT INTO policy_attachments (policy_id, entity_id, account_id) "
                          "VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING"));
  TRY_VOID(q.bind(1, policy.id).bind(2, entity.id).bind(3, account).run());
  return IdentityChanges(tx_).note(entity);
}

Result<std::int64_t> ManagedPolicies::attachments(const PolicyId& id, const AccountId& account) {
  TRY(auto q, tx_.prepare("SELECT count(*) FROM policy_attachments "
                          "WHERE policy_id=?1 AND account_id=?2"));
  TRY_VOID(q.bind(1, id).bind(2, account).step());
  return q.integer(0);
}

Result<bool> ManagedPolicies::detach(const PolicyId& id, const PolicyEntity& entity) {
  TRY(auto q, tx_.prepare("DELETE FROM policy_attachments WHERE policy_id=?1 AND entity_id=?2"));
  TRY(const auto count, q.bind(1, id).bind(2, entity.id).run());
  if (count > 0) TRY_VOID(IdentityChanges(tx_).note(entity));
  return count > 0;
}

Result<> ManagedPolicies::detach_all(const PolicyEntity& entity) {
  TRY(auto q, tx_.prepare("DELETE FROM policy_attachments WHERE entity_id=?1"));
  TRY_VOID(q.bind(1, entity.id).run());
  return IdentityChanges(tx_).note(entity);
}

Result<std::vector<ManagedPolicy>> ManagedPolicies::attached_to(const PolicyEntity& entity) {
  TRY(auto q, tx_.prepare("SELECT " POLICY_COLUMNS "FROM policy_attachments a "
                          "JOIN managed_policies p ON p.policy_id=a.policy_id "
                          "WHERE a.entity_id=?1 ORDER BY p.name"));
  return all_rows(q.bind(1, entity.id), read_policy);
}

Result<std::vector<InlinePolicy>> ManagedPolicies::documents_of(const PolicyEntity& entity) {
  TRY(auto q, tx_.prepare("SELECT p.name, v.document FROM policy_attachments a "
                          "JOIN managed_policies p ON p.policy_id=a.policy_id "
                          "JOIN managed_policy_versions v ON v.policy_id=p.policy_id "
                          "AND v.version=p.default_version WHERE a.entity_id=?1 ORDER BY p.name"));
  return all_rows(q.bind(1, entity.id), [](Query& row) {
    return InlinePolicy{row.text(0), row.text(1)};
  });
}

Result<std::vector<std::string>> ManagedPolicies::users_of(const PolicyId& id,
                                                           const AccountId& account) {
  TRY(auto q, tx_.prepare("SELECT u.name FROM policy_attachments a "
                          "JOIN users u ON u.user_id=a.entity_id "
                          "WHERE a.policy_id=?1 AND u.account_id=?2 ORDER BY u.name"));
  return names(q, id, account);
}

Result<std::vector<std::string>> ManagedPolicies::groups_of(const PolicyId& id,
                                                            const AccountId& account) {
  TRY(auto q, tx_.prepare("SELECT g.name FROM policy_attachments a "
                          "JOIN user_groups g ON g.group_id=a.entity_id "
                          "WHERE a.policy_id=?1 AND g.account_id=?2 ORDER BY g.name"));
  return names(q, id, account);
}

Result<std::vector<std::string>> ManagedPolicies::roles_of(const PolicyId& id,
                                                           const AccountId& account) {
  TRY(auto q, tx_.prepare("SELECT r.name FROM policy_attachments a "
                          "JOIN roles r ON r.role_id=a.entity_id "
                          "WHERE a.policy_id=?1 AND r.account_id=?2 ORDER BY r.name"));
  return names(q, id, account);
}

Result<> remove_policies(Tx& tx, const PolicyEntity& entity) {
  TRY_VOID(InlinePolicies(tx).remove_all(entity));
  return ManagedPolicies(tx).detach_all(entity);
}

}  // namespace angophora::clc
