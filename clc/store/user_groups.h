// Groups of users and who is in them.
#pragma once

#include <vector>

#include "clc/domain/identity.h"
#include "clc/domain/policies.h"
#include "clc/store/users.h"

namespace angophora::clc {

class UserGroups {
 public:
  explicit UserGroups(Tx& tx) : tx_(tx) {}

  // IdentityErrc::exists for a name that the account has, in capitals or small letters.
  Result<> insert(const UserGroup& group);
  Result<std::optional<UserGroup>> find(const UserGroupId& id);
  Result<UserGroup> find(const AccountId& account, std::string_view name);              // not_found
  Result<std::vector<UserGroup>> page(const AccountId& account, const NamePage& page);  // by name
  Result<> update(const UserGroup& group);  // name and path; IdentityErrc::exists
  // Members, policies and attachments go as well.
  Result<> remove(const UserGroupId& id);
  Result<> remove_all(const AccountId& account);

  // Nothing changes for one who is in it.
  Result<> add_member(const UserGroupId& group, const UserId& user);
  Result<bool> remove_member(const UserGroupId& group, const UserId& user);
  Result<std::vector<User>> members(const UserGroupId& group);   // by name
  Result<std::vector<UserGroup>> groups_of(const UserId& user);  // by name
  Result<> remove_from_all(const UserId& user);

 private:
  Tx& tx_;
};

}  // namespace angophora::clc
