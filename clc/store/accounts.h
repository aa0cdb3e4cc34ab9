// Accounts, their names and aliases.
#pragma once

#include <optional>
#include <vector>

#include "clc/domain/identity.h"
#include "clc/store/rows.h"

namespace angophora::clc {

// What stands in the way of an account's removal.
struct AccountHoldings {
  std::int64_t users = 0;  // beside the root
  std::int64_t instances = 0, volumes = 0, snapshots = 0;
  std::int64_t addresses = 0;  // elastic ones
  std::int64_t images = 0, key_pairs = 0;
  std::int64_t groups = 0;  // beside the default one
};

class Accounts {
 public:
  explicit Accounts(Tx& tx) : tx_(tx) {}

  // With its name as its first alias, unless the name is its number. IdentityErrc::exists for a
  // name that is another account's name or alias.
  Result<> insert(const Account& account);
  Result<std::optional<Account>> find(const AccountId& id);
  Result<std::optional<Account>> find_by_name(std::string_view name);
  // By number, name or alias. IdentityErrc::not_found.
  Result<Account> resolve(std::string_view text);
  Result<std::vector<Account>> list();  // by name

  Result<std::optional<std::string>> alias(const AccountId& id);
  // In place of the present one. IdentityErrc::exists for another account's alias or name.
  Result<> set_alias(const AccountId& id, std::string_view alias);
  // Whether the account had that alias.
  Result<bool> remove_alias(const AccountId& id, std::string_view alias);

  Result<AccountHoldings> holdings(const AccountId& id);
  // With all that is the account's: users, keys, certificates, key pairs, groups, addresses, its
  // network; images are deregistered. Instances, volumes and snapshots must be gone.
  Result<> remove(const AccountId& id);

 private:
  Result<> remove_groups(const AccountId& id);
  Result<> remove_addresses(const AccountId& id);
  Tx& tx_;
};

}  // namespace angophora::clc
