#include "walrus/store/identity_copy.h"

#include "walrus/store/columns.h"
#include "walrus/store/identity_policies.h"

namespace angophora::walrus {
namespace {

template <class Row, class Read>
Result<> read_rows(Tx& tx, std::string_view sql, std::vector<Row>& into, Read read) {
  TRY(auto q, tx.prepare(sql));
  for (;;) {
    TRY(const bool found, q.step());
    if (!found) return common::ok();
    into.push_back(read(q));
  }
}

Result<> remove_row(Tx& tx, std::string_view sql, std::string_view id) {
  TRY(auto q, tx.prepare(sql));
  TRY_VOID(q.bind(1, id).run());
  return common::ok();
}

}  // namespace

Result<std::optional<StoredIdentities>> IdentityCopy::load() {
  TRY(auto q, tx_.prepare("SELECT version, checked_ms, is_complete FROM identities WHERE id=1"));
  TRY(const bool found, q.step());
  if (!found) return std::optional<StoredIdentities>();
  StoredIdentities stored;
  stored.list.version = q.integer(0);
  stored.checked = time_of(q.integer(1));
  stored.is_complete = q.integer(2) != 0;
  TRY_VOID(read_rows(tx_, "SELECT account_id, name, canonical_id FROM identity_accounts",
                     stored.list.accounts, [](db::Query& row) {
                       return Account{row.id<common::AccountId>(0), row.text(1), row.text(2)};
                     }));
  TRY_VOID(read_rows(tx_,
                     "SELECT user_id, account_id, name, arn, is_root, is_enabled "
                     "FROM identity_users",
                     stored.list.users, [](db::Query& row) {
                       User user{row.id<common::UserId>(0), row.id<common::AccountId>(1),
                                 row.text(2), row.text(3), row.integer(4) != 0};
                       user.is_enabled = row.integer(5) != 0;
                       return user;
                     }));
  TRY_VOID(read_rows(
      tx_, "SELECT access_key_id, user_id, sealed_secret, active FROM identity_keys",
      stored.list.keys, [](db::Query& row) {
        return AccessKey{row.text(0), row.id<common::UserId>(1), row.text(2), row.integer(3) != 0};
      }));
  TRY_VOID(IdentityPolicies(tx_).load(stored.list));
  return std::optional(std::move(stored));
}

Result<> IdentityCopy::apply(const IdentityChanges& changes, common::SysTime checked,
                             bool is_complete) {
  IdentityPolicies policies(tx_);
  if (changes.whole) {
    TRY_VOID(policies.remove_all());
    for (const auto* sql : {"DELETE FROM identity_accounts", "DELETE FROM identity_users",
                            "DELETE FROM identity_keys"})
      TRY_VOID(tx_.execute(sql));
  }
  TRY_VOID(put(changes.present));
  TRY_VOID(policies.put(changes.present));
  TRY_VOID(remove(changes));
  TRY_VOID(policies.remove(changes));
  TRY(auto q, tx_.prepare("INSERT INTO identities (id, version, checked_ms, is_complete) "
                          "VALUES (1, ?1, ?2, ?3) ON CONFLICT (id) DO UPDATE SET "
                          "version=excluded.version, checked_ms=excluded.checked_ms, "
                          "is_complete=excluded.is_complete"));
  q.bind(1, changes.present.version).bind(2, milliseconds_of(checked)).bind(3, is_complete ? 1 : 0);
  TRY_VOID(q.run());
  return common::ok();
}

Result<> IdentityCopy::put(const IdentityList& list) {
  for (const auto& a : list.accounts) {
    TRY(auto q, tx_.prepare("INSERT INTO identity_accounts (account_id, name, canonical_id) "
                            "VALUES (?1,?2,?3) ON CONFLICT (account_id) DO UPDATE SET "
                            "name=excluded.name, canonical_id=excluded.canonical_id"));
    TRY_VOID(q.bind(1, a.id).bind(2, a.name).bind(3, a.canonical_id).run());
  }
  for (const auto& u : list.users) {
    TRY(auto q,
        tx_.prepare("INSERT INTO identity_users (user_id, account_id, name, arn, is_root, "
                    "is_enabled) VALUES (?1,?2,?3,?4,?5,?6) ON CONFLICT (user_id) DO UPDATE SET "
                    "account_id=excluded.account_id, name=excluded.name, "
                    "arn=excluded.arn, is_root=excluded.is_root, "
                    "is_enabled=excluded.is_enabled"));
    q.bind(1, u.id).bind(2, u.account).bind(3, u.name).bind(4, u.arn).bind(5, u.is_root ? 1 : 0);
    q.bind(6, u.is_enabled ? 1 : 0);
    TRY_VOID(q.run());
  }
  for (const auto& k : list.keys) {
    TRY(auto q, tx_.prepare("INSERT INTO identity_keys (access_key_id, user_id, sealed_secret, "
                            "active) VALUES (?1,?2,?3,?4) ON CONFLICT (access_key_id) DO UPDATE "
                            "SET user_id=excluded.user_id, sealed_secret=excluded.sealed_secret, "
                            "active=excluded.active"));
    q.bind(1, k.id).bind(2, k.user).bind_blob(3, k.sealed_secret).bind(4, k.active ? 1 : 0);
    TRY_VOID(q.run());
  }
  return common::ok();
}

Result<> IdentityCopy::remove(const IdentityChanges& changes) {
  for (const auto& id : changes.removed_accounts)
    TRY_VOID(remove_row(tx_, "DELETE FROM identity_accounts WHERE account_id=?1", id.value));
  for (const auto& id : changes.removed_users)
    TRY_VOID(remove_row(tx_, "DELETE FROM identity_users WHERE user_id=?1", id.value));
  for (const auto& id : changes.removed_keys)
    TRY_VOID(remove_row(tx_, "DELETE FROM identity_keys WHERE access_key_id=?1", id));
  return common::ok();
}

Result<> IdentityCopy::set_checked(common::SysTime checked) {
  TRY(auto q, tx_.prepare("UPDATE identities SET checked_ms=?1 WHERE id=1"));
  q.bind(1, milliseconds_of(checked));
  TRY_VOID(q.run());
  return common::ok();
}

}  // namespace angophora::walrus
