#include "clc/store/roles.h"

#include "clc/domain/errors.h"
#include "clc/store/identity_changes.h"
#include "clc/store/identity_rows.h"
#include "clc/store/managed_policies.h"

namespace angophora::clc {
namespace {

#define ROLE_COLUMNS \
  "role_id, account_id, name, path, description, trust, session_max_s, created_at_ms "
Role read_role(Query& q) {
  Role role;
  role.id = RoleId(q.text(0));
  role.account = AccountId(q.text(1));
  role.name = q.text(2);
  role.path = q.text(3);
  role.description = q.text(4);
  role.trust = q.text(5);
  role.session_max = std::chrono::seconds(q.integer(6));
  role.created_at = from_ms(q.integer(7));
  return role;
}

#define PROFILE_COLUMNS "profile_id, account_id, name, path, role_id, created_at_ms "
InstanceProfile read_profile(Query& q) {
  return {
      InstanceProfileId(q.text(0)), AccountId(q.text(1)), q.text(2), q.text(3), RoleId(q.text(4)),
      from_ms(q.integer(5))};
}

// The page of a table of things that have account, name and path.
Query& bind_page(Query& q, const AccountId& account, const NamePage& page) {
  q.bind(1, account).bind(2, page.after).bind(3, page.path_prefix);
  return q.bind(4, page.path_prefix.size()).bind(5, page.limit);
}

}  // namespace

Result<> Roles::insert(const Role& role) {
  TRY(auto q, tx_.prepare("INSERT INTO roles (role_id, account_id, name, path, description, trust, "
                          "session_max_s, created_at_ms) VALUES (?1,?2,?3,?4,?5,?6,?7,?8)"));
  q.bind(1, role.id).bind(2, role.account).bind(3, role.name).bind(4, role.path);
  q.bind(5, role.description).bind(6, role.trust).bind(7, role.session_max.count());
  const auto ran = q.bind(8, to_ms(role.created_at)).run();
  if (!ran && ran.error().code == db::DbErrc::unique)
    return Error(IdentityErrc::exists, "Role with name " + role.name + " already exists.");
  TRY_VOID(std::move(ran));
  return IdentityChanges(tx_).note(IdentityKind::role, role.id.value);
}

Result<std::optional<Role>> Roles::find(const RoleId& id) {
  TRY(auto q, tx_.prepare("SELECT " ROLE_COLUMNS "FROM roles WHERE role_id=?1"));
  TRY(const bool found, q.bind(1, id).step());
  return found ? std::optional<Role>(read_role(q)) : std::nullopt;
}

Result<Role> Roles::find(const AccountId& account, std::string_view name) {
  TRY(auto q, tx_.prepare("SELECT " ROLE_COLUMNS "FROM roles WHERE account_id=?1 AND name=?2"));
  TRY(const bool found, q.bind(1, account).bind(2, name).step());
  if (found) return read_role(q);
  return Error(IdentityErrc::not_found,
               "The role with name " + std::string(name) + " cannot be found.");
}

Result<std::optional<Role>> Roles::find_by_arn(std::string_view arn) {
  constexpr std::string_view kHead = "arn:aws:iam::", kKind = ":role/";
  const auto kind = arn.find(kKind);
  if (!arn.starts_with(kHead) || kind == std::string_view::npos) return std::optional<Role>();
  const AccountId account(std::string(arn.substr(kHead.size(), kind - kHead.size())));
  auto role = find(account, arn.substr(arn.rfind('/') + 1));
  if (!role && role.error().code == IdentityErrc::not_found) return std::optional<Role>();
  TRY(auto found, std::move(role));
  if (arn_of(found) != arn) return std::optional<Role>();
  return std::optional<Role>(std::move(found));
}

Result<std::vector<Role>> Roles::page(const AccountId& account, const NamePage& page) {
  TRY(auto q, tx_.prepare("SELECT " ROLE_COLUMNS "FROM roles WHERE account_id=?1 AND name>?2 "
                          "AND substr(path, 1, ?4)=?3 ORDER BY name LIMIT ?5"));
  return all_rows(bind_page(q, account, page), read_role);
}

Result<> Roles::update(const Role& role) {
  TRY(auto q, tx_.prepare("UPDATE roles SET description=?2, trust=?3, session_max_s=?4 "
                          "WHERE role_id=?1"));
  q.bind(1, role.id).bind(2, role.description).bind(3, role.trust);
  TRY_VOID(q.bind(4, role.session_max.count()).run());
  return IdentityChanges(tx_).note(IdentityKind::role, role.id.value);
}

Result<> Roles::remove(const RoleId& id) {
  TRY_VOID(remove_policies(tx_, entity(id)));
  TRY(auto q, tx_.prepare("DELETE FROM roles WHERE role_id=?1"));
  TRY_VOID(q.bind(1, id).run());
  return IdentityChanges(tx_).note(IdentityKind::role, id.value);
}

Result<> Roles::remove_all(const AccountId& account) {
  TRY(auto q, tx_.prepare("SELECT role_id FROM roles WHERE account_id=?1"));
  TRY(const auto ids, all_rows(q.bind(1, account), [](Query& r) { return r.id<RoleId>(0); }));
  for (const auto& id : ids) TRY_VOID(remove(id));
  return common::ok();
}

Result<> InstanceProfiles::insert(const InstanceProfile& profile) {
  TRY(auto q, tx_.prepare("INSERT INTO instance_profiles (profile_id, account_id, name, path, "
                          "role_id, created_at_ms) VALUES (?1,?2,?3,?4,?5,?6)"));
  q.bind(1, profile.id).bind(2, profile.account).bind(3, profile.name).bind(4, profile.path);
  const auto ran = q.bind(5, profile.role).bind(6, to_ms(profile.created_at)).run();
  if (!ran && ran.error().code == db::DbErrc::unique)
    return Error(IdentityErrc::exists, "Instance Profile " + profile.name + " already exists.");
  TRY_VOID(std::move(ran));
  return common::ok();
}

Result<InstanceProfile> InstanceProfiles::find(const AccountId& account, std::string_view name) {
  TRY(auto q, tx_.prepare("SELECT " PROFILE_COLUMNS
                          "FROM instance_profiles WHERE account_id=?1 AND name=?2"));
  TRY(const bool found, q.bind(1, account).bind(2, name).step());
  if (found) return read_profile(q);
  return Error(IdentityErrc::not_found,
               "Instance Profile " + std::string(name) + " cannot be found.");
}

Result<std::optional<InstanceProfile>> InstanceProfiles::find(const InstanceProfileId& id) {
  TRY(auto q, tx_.prepare("SELECT " PROFILE_COLUMNS "FROM instance_profiles WHERE profile_id=?1"));
  TRY(const bool found, q.bind(1, id).step());
  return found ? std::optional(read_profile(q)) : std::nullopt;
}

Result<std::vector<InstanceProfile>> InstanceProfiles::page(const AccountId& account,
                                                            const NamePage& page) {
  TRY(auto q, tx_.prepare("SELECT " PROFILE_COLUMNS
                          "FROM instance_profiles WHERE account_id=?1 AND name>?2 "
                          "AND substr(path, 1, ?4)=?3 ORDER BY name LIMIT ?5"));
  return all_rows(bind_page(q, account, page), read_profile);
}

Result<std::vector<InstanceProfile>> InstanceProfiles::of(const RoleId& role) {
  TRY(auto q, tx_.prepare("SELECT " PROFILE_COLUMNS
                          "FROM instance_profiles WHERE role_id=?1 ORDER BY name"));
  return all_rows(q.bind(1, role), read_profile);
}

Result<> InstanceProfiles::set_role(const InstanceProfileId& id, const RoleId& role) {
  TRY(auto q, tx_.prepare("UPDATE instance_profiles SET role_id=?2 WHERE profile_id=?1"));
  TRY_VOID(q.bind(1, id).bind(2, role).run());
  return common::ok();
}

Result<> InstanceProfiles::remove(const InstanceProfileId& id) {
  TRY(auto q, tx_.prepare("DELETE FROM instance_profiles WHERE profile_id=?1"));
  TRY_VOID(q.bind(1, id).run());
  return common::ok();
}

Result<> InstanceProfiles::remove_all(const AccountId& account) {
  TRY(auto q, tx_.prepare("DELETE FROM instance_profiles WHERE account_id=?1"));
  TRY_VOID(q.bind(1, account).run());
  return common::ok();
}

}  // namespace angophora::clc
