#include "clc/store/key_pairs.h"

#include "clc/domain/errors.h"
#include "clc/store/tags.h"

namespace angophora::clc {
namespace {

constexpr std::string_view kSelectKeyPair =
    "SELECT key_pair_id, account_id, name, key_type, fingerprint, public_key, created_at_ms "
    "FROM key_pairs ";

KeyPair read_key_pair(Query& q) {
  return {KeyPairId(q.text(0)), AccountId(q.text(1)), q.text(2), q.text(3), q.text(4), q.text(5),
          from_ms(q.integer(6))};
}

}  // namespace

Result<> KeyPairs::insert(const KeyPair& key, std::int64_t count_max) {
  TRY(const auto present, count(key.account));
  if (present >= count_max)
    return Error(KeyPairErrc::too_many,
                 "The account has " + std::to_string(present) + " key pairs; more are not allowed");
  TRY(auto q, tx_.prepare("INSERT INTO key_pairs (key_pair_id, account_id, name, key_type, "
                          "fingerprint, public_key, created_at_ms) VALUES (?1,?2,?3,?4,?5,?6,?7)"));
  q.bind(1, key.id).bind(2, key.account).bind(3, key.name).bind(4, key.key_type);
  q.bind(5, key.fingerprint).bind(6, key.public_key).bind(7, to_ms(key.created_at));
  const auto ran = q.run();
  if (!ran && ran.error().code == db::DbErrc::unique)
    return Error(KeyPairErrc::duplicate, "The keypair '" + key.name + "' already exists.");
  TRY_VOID(std::move(ran));
  return TagRows(tx_).put(key.account, key.id.value, key.tags);
}

Result<KeyPair> KeyPairs::find(const AccountId& account, std::string_view name) {
  TRY(auto q, tx_.prepare(std::string(kSelectKeyPair) + "WHERE account_id=?1 AND name=?2"));
  TRY(const bool found, q.bind(1, account).bind(2, name).step());
  if (!found)
    return Error(KeyPairErrc::not_found, "The key pair '" + std::string(name) + "' does not exist");
  return read_key_pair(q);
}

Result<std::vector<KeyPair>> KeyPairs::list(const AccountId& account) {
  TRY(auto q, tx_.prepare(std::string(kSelectKeyPair) + "WHERE account_id=?1 ORDER BY name"));
  TRY(auto keys, all_rows(q.bind(1, account), read_key_pair));
  TRY(auto tags, TagRows(tx_).of_kind(account, "key"));
  for (auto& key : keys) key.tags = std::move(tags[key.id.value]);
  return keys;
}

Result<std::int64_t> KeyPairs::count(const AccountId& account) {
  TRY(auto q, tx_.prepare("SELECT count(*) FROM key_pairs WHERE account_id=?1"));
  TRY_VOID(q.bind(1, account).step());
  return q.integer(0);
}

Result<bool> KeyPairs::remove(const AccountId& account, std::string_view name,
                              const KeyPairId& id) {
  TRY(auto q, tx_.prepare("DELETE FROM key_pairs WHERE account_id=?1 AND (?2='' OR name=?2) "
                          "AND (?3='' OR key_pair_id=?3) AND NOT (?2='' AND ?3='') "
                          "RETURNING key_pair_id"));
  q.bind(1, account).bind(2, name).bind(3, id);
  TRY(const auto removed, all_rows(q, [](Query& row) { return row.id<KeyPairId>(0); }));
  for (const auto& gone : removed) TRY_VOID(TagRows(tx_).remove_all(gone.value));
  return !removed.empty();
}

}  // namespace angophora::clc
