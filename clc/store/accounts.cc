#include "clc/store/accounts.h"

#include "clc/domain/errors.h"
#include "clc/store/identity_changes.h"
#include "clc/store/identity_rows.h"
#include "clc/store/users.h"

namespace angophora::clc {
namespace {

Error name_is_taken(std::string_view name) {
  return {IdentityErrc::exists,
          "An account with the name or alias " + std::string(name) + " already exists."};
}

Result<std::optional<Account>> find_one(Query& q) {
  TRY(const bool found, q.step());
  return found ? std::optional<Account>(read_account(q)) : std::nullopt;
}

}  // namespace

Result<> Accounts::insert(const Account& account) {
  TRY(auto taken, tx_.prepare("SELECT 1 FROM account_aliases WHERE alias=?1"));
  TRY(const bool is_taken, taken.bind(1, account.name).step());
  if (is_taken) return name_is_taken(account.name);
  TRY(auto q, tx_.prepare("INSERT INTO accounts (account_id, name, canonical_id, created_at_ms) "
                          "VALUES (?1,?2,?3,?4)"));
  q.bind(1, account.id).bind(2, account.name).bind(3, account.canonical_id);
  const auto ran = q.bind(4, to_ms(account.created_at)).run();
  if (!ran && ran.error().code == db::DbErrc::unique) return name_is_taken(account.name);
  TRY_VOID(std::move(ran));
  if (account.name != account.id.value) TRY_VOID(set_alias(account.id, account.name));
  return IdentityChanges(tx_).note(IdentityKind::account, account.id.value);
}

Result<std::optional<Account>> Accounts::find(const AccountId& id) {
  TRY(auto q, tx_.prepare("SELECT " ACCOUNT_COLUMNS("") "FROM accounts WHERE account_id=?1"));
  return find_one(q.bind(1, id));
}

Result<std::optional<Account>> Accounts::find_by_name(std::string_view name) {
  TRY(auto q, tx_.prepare("SELECT " ACCOUNT_COLUMNS("") "FROM accounts WHERE name=?1"));
  return find_one(q.bind(1, name));
}

Result<Account> Accounts::resolve(std::string_view text) {
  TRY(auto q, tx_.prepare("SELECT " ACCOUNT_COLUMNS(
                  "") "FROM accounts WHERE account_id=?1 "
                      "OR name=?1 OR account_id IN "
                      "(SELECT account_id FROM account_aliases WHERE alias=?1)"));
  TRY(const auto found, find_one(q.bind(1, text)));
  if (!found)
    return Error(IdentityErrc::not_found,
                 "The account with name " + std::string(text) + " cannot be found.");
  return *found;
}

Result<std::vector<Account>> Accounts::list() {
  TRY(auto q, tx_.prepare("SELECT " ACCOUNT_COLUMNS("") "FROM accounts ORDER BY name"));
  return all_rows(q, [](Query& row) { return read_account(row); });
}

Result<std::optional<std::string>> Accounts::alias(const AccountId& id) {
  TRY(auto q, tx_.prepare("SELECT alias FROM account_aliases WHERE account_id=?1"));
  TRY(const bool found, q.bind(1, id).step());
  return found ? std::optional(q.text(0)) : std::nullopt;
}

Result<> Accounts::set_alias(const AccountId& id, std::string_view alias) {
  TRY(auto named, tx_.prepare("SELECT 1 FROM accounts WHERE name=?1 AND account_id<>?2"));
  TRY(const bool is_name, named.bind(1, alias).bind(2, id).step());
  if (is_name) return name_is_taken(alias);
  TRY(auto q, tx_.prepare("INSERT INTO account_aliases (alias, account_id) VALUES (?1, ?2) "
                          "ON CONFLICT (account_id) DO UPDATE SET alias=excluded.alias"));
  const auto ran = q.bind(1, alias).bind(2, id).run();
  if (!ran && ran.error().code == db::DbErrc::unique) return name_is_taken(alias);
  TRY_VOID(std::move(ran));
  return common::ok();
}

Result<bool> Accounts::remove_alias(const AccountId& id, std::string_view alias) {
  TRY(auto q, tx_.prepare("DELETE FROM account_aliases WHERE account_id=?1 AND alias=?2"));
  TRY(const auto count, q.bind(1, id).bind(2, alias).run());
  return count > 0;
}

}  // namespace angophora::clc
