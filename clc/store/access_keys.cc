#include "clc/store/access_keys.h"

#include "clc/domain/errors.h"
#include "clc/store/identity_changes.h"
#include "clc/store/identity_rows.h"

namespace angophora::clc {

Result<> AccessKeys::insert(const AccessKey& key) {
  TRY(auto q, tx_.prepare("INSERT INTO access_keys (access_key_id, user_id, secret, active, "
                          "created_at_ms) VALUES (?1,?2,?3,?4,?5)"));
  q.bind(1, key.id).bind(2, key.user).bind(3, key.secret).bind(4, key.active ? 1 : 0);
  const auto ran = q.bind(5, to_ms(key.created_at)).run();
  if (!ran && ran.error().code == db::DbErrc::unique)
    return Error(IdentityErrc::exists, "The access key " + key.id + " already exists");
  TRY_VOID(std::move(ran));
  return IdentityChanges(tx_).note(IdentityKind::access_key, key.id);
}

Result<std::optional<AccessKey>> AccessKeys::find(std::string_view id) {
  TRY(auto q, tx_.prepare("SELECT " KEY_COLUMNS("") "FROM access_keys WHERE access_key_id=?1"));
  TRY(const bool found, q.bind(1, id).step());
  return found ? std::optional<AccessKey>(read_key(q)) : std::nullopt;
}

Result<AccessKey> AccessKeys::find(const UserId& user, std::string_view id) {
  TRY(auto found, find(id));
  if (!found || found->user != user)
    return Error(IdentityErrc::not_found,
                 "The Access Key with id " + std::string(id) + " cannot be found.");
  return std::move(*found);
}

Result<std::vector<AccessKey>> AccessKeys::of(const UserId& user) {
  TRY(auto q, tx_.prepare("SELECT " KEY_COLUMNS("") "FROM access_keys WHERE user_id=?1 "
                                                    "ORDER BY access_key_id"));
  return all_rows(q.bind(1, user), [](Query& row) { return read_key(row); });
}

Result<std::vector<AccessKey>> AccessKeys::not_sealed_with(std::string_view master_id,
                                                           std::string_view after,
                                                           std::size_t limit) {
  TRY(auto q, tx_.prepare("SELECT " KEY_COLUMNS(
                  "") "FROM access_keys "
                      "WHERE substr(secret, 1, length(?1)) <> ?1 AND access_key_id > ?2 "
                      "ORDER BY access_key_id LIMIT ?3"));
  q.bind(1, "sealed:" + std::string(master_id) + ":").bind(2, after).bind(3, limit);
  return all_rows(q, [](Query& row) { return read_key(row); });
}

Result<> AccessKeys::set_secret(std::string_view id, std::string_view sealed) {
  TRY(auto q, tx_.prepare("UPDATE access_keys SET secret=?2 WHERE access_key_id=?1"));
  TRY_VOID(q.bind(1, id).bind(2, sealed).run());
  return common::ok();
}

Result<> AccessKeys::set_active(std::string_view id, bool active) {
  TRY(auto q, tx_.prepare("UPDATE access_keys SET active=?2 WHERE access_key_id=?1"));
  TRY_VOID(q.bind(1, id).bind(2, active ? 1 : 0).run());
  return IdentityChanges(tx_).note(IdentityKind::access_key, id);
}

Result<> AccessKeys::remove(std::string_view id) {
  TRY(auto q, tx_.prepare("DELETE FROM access_keys WHERE access_key_id=?1"));
  TRY_VOID(q.bind(1, id).run());
  return IdentityChanges(tx_).note(IdentityKind::access_key, id);
}

}  // namespace angophora::clc
