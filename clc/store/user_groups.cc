#include "clc/store/user_groups.h"

#include "clc/domain/errors.h"
#include "clc/store/identity_changes.h"
#include "clc/store/identity_rows.h"
#include "clc/store/managed_policies.h"

namespace angophora::clc {
namespace {

#define GROUP_COLUMNS "g.group_id, g.account_id, g.name, g.path, g.created_at_ms "
UserGroup read_user_group(Query& q) {
  return {UserGroupId(q.text(0)), AccountId(q.text(1)), q.text(2), q.text(3),
          from_ms(q.integer(4))};
}

Error name_is_taken(const UserGroup& group) {
  return {IdentityErrc::exists, "Group with name " + group.name + " already exists."};
}

}  // namespace

Result<> UserGroups::insert(const UserGroup& group) {
  TRY(auto q, tx_.prepare("INSERT INTO user_groups (group_id, account_id, name, path, "
                          "created_at_ms) VALUES (?1,?2,?3,?4,?5)"));
  q.bind(1, group.id).bind(2, group.account).bind(3, group.name).bind(4, group.path);
  const auto ran = q.bind(5, to_ms(group.created_at)).run();
  if (!ran && ran.error().code == db::DbErrc::unique) return name_is_taken(group);
  TRY_VOID(std::move(ran));
  return IdentityChanges(tx_).note(IdentityKind::group, group.id.value);
}

Result<std::optional<UserGroup>> UserGroups::find(const UserGroupId& id) {
  TRY(auto q, tx_.prepare("SELECT " GROUP_COLUMNS "FROM user_groups g WHERE g.group_id=?1"));
  TRY(const bool found, q.bind(1, id).step());
  return found ? std::optional<UserGroup>(read_user_group(q)) : std::nullopt;
}

Result<UserGroup> UserGroups::find(const AccountId& account, std::string_view name) {
  TRY(auto q, tx_.prepare("SELECT " GROUP_COLUMNS "FROM user_groups g "
                          "WHERE g.account_id=?1 AND g.name=?2"));
  TRY(const bool found, q.bind(1, account).bind(2, name).step());
  if (found) return read_user_group(q);
  return Error(IdentityErrc::not_found,
               "The group with name " + std::string(name) + " cannot be found.");
}

Result<std::vector<UserGroup>> UserGroups::page(const AccountId& account, const NamePage& page) {
  TRY(auto q, tx_.prepare("SELECT " GROUP_COLUMNS "FROM user_groups g "
                          "WHERE g.account_id=?1 AND g.name>?2 AND substr(g.path, 1, ?4)=?3 "
                          "ORDER BY g.name LIMIT ?5"));
  q.bind(1, account).bind(2, page.after).bind(3, page.path_prefix);
  q.bind(4, page.path_prefix.size()).bind(5, page.limit);
  return all_rows(q, read_user_group);
}

Result<> UserGroups::update(const UserGroup& group) {
  TRY(auto q, tx_.prepare("UPDATE user_groups SET name=?2, path=?3 WHERE group_id=?1"));
  const auto ran = q.bind(1, group.id).bind(2, group.name).bind(3, group.path).run();
  if (!ran && ran.error().code == db::DbErrc::unique) return name_is_taken(group);
  TRY_VOID(std::move(ran));
  return IdentityChanges(tx_).note(IdentityKind::group, group.id.value);
}

Result<> UserGroups::remove(const UserGroupId& id) {
  TRY_VOID(remove_policies(tx_, entity(id)));
  TRY(const auto users, members(id));
  for (const auto& user : users) TRY_VOID(remove_member(id, user.id));
  TRY(auto q, tx_.prepare("DELETE FROM user_groups WHERE group_id=?1"));
  TRY_VOID(q.bind(1, id).run());
  return IdentityChanges(tx_).note(IdentityKind::group, id.value);
}

Result<> UserGroups::remove_all(const AccountId& account) {
  TRY(auto q, tx_.prepare("SELECT group_id FROM user_groups WHERE account_id=?1"));
  TRY(const auto ids, all_rows(q.bind(1, account), [](Query& r) { return r.id<UserGroupId>(0); }));
  for (const auto& id : ids) TRY_VOID(remove(id));
  return common::ok();
}

// What a user may do depends on it, so that it is a change of the user.
Result<> UserGroups::add_member(const UserGroupId& group, const UserId& user) {
  TRY(auto q, tx_.prepare("INSERT INTO user_group_members (group_id, user_id) VALUES (?1, ?2) "
                          "ON CONFLICT DO NOTHING"));
  TRY_VOID(q.bind(1, group).bind(2, user).run());
  return IdentityChanges(tx_).note(IdentityKind::user, user.value);
}

Result<bool> UserGroups::remove_member(const UserGroupId& group, const UserId& user) {
  TRY(auto q, tx_.prepare("DELETE FROM user_group_members WHERE group_id=?1 AND user_id=?2"));
  TRY(const auto count, q.bind(1, group).bind(2, user).run());
  if (count > 0) TRY_VOID(IdentityChanges(tx_).note(IdentityKind::user, user.value));
  return count > 0;
}

Result<std::vector<User>> UserGroups::members(const UserGroupId& group) {
  TRY(auto q, tx_.prepare("SELECT " USER_COLUMNS(
                  "u.") "FROM user_group_members m "
                        "JOIN users u ON u.user_id=m.user_id WHERE m.group_id=?1 "
                        "ORDER BY u.name"));
  return all_rows(q.bind(1, group), [](Query& row) { return read_user(row); });
}

Result<std::vector<UserGroup>> UserGroups::groups_of(const UserId& user) {
  TRY(auto q, tx_.prepare("SELECT " GROUP_COLUMNS "FROM user_group_members m "
                          "JOIN user_groups g ON g.group_id=m.group_id WHERE m.user_id=?1 "
                          "ORDER BY g.name"));
  return all_rows(q.bind(1, user), read_user_group);
}

Result<> UserGroups::remove_from_all(const UserId& user) {
  TRY(auto q, tx_.prepare("DELETE FROM user_group_members WHERE user_id=?1"));
  TRY_VOID(q.bind(1, user).run());
  return common::ok();
}

}  // namespace angophora::clc
