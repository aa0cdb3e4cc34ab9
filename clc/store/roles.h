// Roles and instance profiles.
#pragma once

#include <optional>
#include <vector>

#include "clc/domain/roles.h"
#include "clc/store/users.h"

namespace angophora::clc {

class Roles {
 public:
  explicit Roles(Tx& tx) : tx_(tx) {}

  // IdentityErrc::exists for a name that the account has, in capitals or small letters.
  Result<> insert(const Role& role);
  Result<std::optional<Role>> find(const RoleId& id);
  Result<Role> find(const AccountId& account, std::string_view name);              // not_found
  Result<std::optional<Role>> find_by_arn(std::string_view arn);                   // of any account
  Result<std::vector<Role>> page(const AccountId& account, const NamePage& page);  // by name
  Result<> update(const Role& role);  // description, trust and session_max
  Result<> remove(const RoleId& id);  // with its policies; it is in no instance profile
  Result<> remove_all(const AccountId& account);

 private:
  Tx& tx_;
};

class InstanceProfiles {
 public:
  explicit InstanceProfiles(Tx& tx) : tx_(tx) {}

  Result<> insert(const InstanceProfile& profile);  // IdentityErrc::exists
  Result<InstanceProfile> find(const AccountId& account, std::string_view name);  // not_found
  Result<std::optional<InstanceProfile>> find(const InstanceProfileId& id);
  Result<std::vector<InstanceProfile>> page(const AccountId& account, const NamePage& page);
  Result<std::vector<InstanceProfile>> of(const RoleId& role);  // by name
  Result<> set_role(const InstanceProfileId& id, const RoleId& role);
  Result<> remove(const InstanceProfileId& id);
  Result<> remove_all(const AccountId& account);

 private:
  Tx& tx_;
};

}  // namespace angophora::clc
