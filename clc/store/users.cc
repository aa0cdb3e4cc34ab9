#include "clc/store/users.h"

#include "clc/domain/errors.h"
#include "clc/store/access_keys.h"
#include "clc/store/identity_changes.h"
#include "clc/store/identity_rows.h"
#include "clc/store/login_profiles.h"
#include "clc/store/managed_policies.h"
#include "clc/store/signing_certificates.h"
#include "clc/store/user_groups.h"

namespace angophora::clc {
namespace {

Error name_is_taken(const User& user) {
  return {IdentityErrc::exists, "User with name " + user.name + " already exists."};
}

}  // namespace

Result<> Users::insert(const User& user) {
  TRY(auto q, tx_.prepare("INSERT INTO users (user_id, account_id, name, path, created_at_ms, "
                          "is_root, is_enabled) VALUES (?1,?2,?3,?4,?5,?6,?7)"));
  q.bind(1, user.id).bind(2, user.account).bind(3, user.name).bind(4, user.path);
  q.bind(5, to_ms(user.created_at)).bind(6, user.is_root ? 1 : 0).bind(7, user.is_enabled ? 1 : 0);
  const auto ran = q.run();
  if (!ran && ran.error().code == db::DbErrc::unique) return name_is_taken(user);
  TRY_VOID(std::move(ran));
  return IdentityChanges(tx_).note(IdentityKind::user, user.id.value);
}

Result<std::optional<User>> Users::find(const UserId& id) {
  TRY(auto q, tx_.prepare("SELECT " USER_COLUMNS("") "FROM users WHERE user_id=?1"));
  TRY(const bool found, q.bind(1, id).step());
  return found ? std::optional<User>(read_user(q)) : std::nullopt;
}

Result<User> Users::find(const AccountId& account, std::string_view name) {
  TRY(auto q, tx_.prepare("SELECT " USER_COLUMNS("") "FROM users WHERE account_id=?1 AND name=?2"));
  TRY(const bool found, q.bind(1, account).bind(2, name).step());
  if (!found)
    return Error(IdentityErrc::not_found,
                 "The user with name " + std::string(name) + " cannot be found.");
  return read_user(q);
}

Result<User> Users::root_of(const AccountId& account) { return find(account, kRootUserName); }

Result<std::vector<User>> Users::page(const AccountId& account, const NamePage& page) {
  TRY(auto q,
      tx_.prepare("SELECT " USER_COLUMNS("") "FROM users WHERE account_id=?1 AND name>?2 "
                                             "AND substr(path, 1, ?4)=?3 ORDER BY name LIMIT ?5"));
  q.bind(1, account).bind(2, page.after).bind(3, page.path_prefix);
  q.bind(4, page.path_prefix.size()).bind(5, page.limit);
  return all_rows(q, [](Query& row) { return read_user(row); });
}

Result<std::vector<User>> Users::all_of(const AccountId& account) {
  TRY(auto q, tx_.prepare("SELECT " USER_COLUMNS("") "FROM users WHERE account_id=?1 "
                                                     "ORDER BY name"));
  return all_rows(q.bind(1, account), [](Query& row) { return read_user(row); });
}

// A key works as long as its user does, so that whoever copies keys is told of them as well.
Result<> Users::update(const User& user) {
  TRY(auto q, tx_.prepare("UPDATE users SET name=?2, path=?3, is_enabled=?4 WHERE user_id=?1"));
  q.bind(1, user.id).bind(2, user.name).bind(3, user.path).bind(4, user.is_enabled ? 1 : 0);
  const auto ran = q.run();
  if (!ran && ran.error().code == db::DbErrc::unique) return name_is_taken(user);
  TRY_VOID(std::move(ran));
  IdentityChanges changes(tx_);
  TRY(const auto keys, AccessKeys(tx_).of(user.id));
  for (const auto& key : keys) TRY_VOID(changes.note(IdentityKind::access_key, key.id));
  return changes.note(IdentityKind::user, user.id.value);
}

Result<> Users::remove(const UserId& id) {
  TRY(auto messages, tx_.prepare("DELETE FROM soap_messages WHERE user_id=?1"));
  TRY_VOID(messages.bind(1, id).run());
  TRY(auto q, tx_.prepare("DELETE FROM users WHERE user_id=?1"));
  TRY_VOID(q.bind(1, id).run());
  return IdentityChanges(tx_).note(IdentityKind::user, id.value);
}

Result<> Users::remove_with_all(const UserId& id) {
  AccessKeys keys(tx_);
  TRY(const auto own_keys, keys.of(id));
  for (const auto& key : own_keys) TRY_VOID(keys.remove(key.id));
  SigningCertificates certificates(tx_);
  TRY(const auto own_certificates, certificates.of(id));
  for (const auto& one : own_certificates) TRY_VOID(certificates.remove(one.id));
  TRY_VOID(remove_policies(tx_, entity(id)));
  TRY_VOID(UserGroups(tx_).remove_from_all(id));
  TRY_VOID(LoginProfiles(tx_).remove(id));
  return remove(id);
}

}  // namespace angophora::clc
