// The users of accounts.
#pragma once

#include <optional>
#include <vector>

#include "clc/domain/identity.h"
#include "clc/store/rows.h"

namespace angophora::clc {

// A part of a long list of what has names and paths.
struct NamePage {
  std::string path_prefix;
  std::string after;  // names that are greater; "" is the beginning
  std::size_t limit = 0;
};

class Users {
 public:
  explicit Users(Tx& tx) : tx_(tx) {}

  // IdentityErrc::exists for a name that the account has, in capitals or small letters.
  Result<> insert(const User& user);
  Result<std::optional<User>> find(const UserId& id);
  Result<User> find(const AccountId& account, std::string_view name);  // IdentityErrc::not_found
  Result<User> root_of(const AccountId& account);
  Result<std::vector<User>> page(const AccountId& account, const NamePage& page);  // by name
  Result<std::vector<User>> all_of(const AccountId& account);
  // Name, path and whether it is enabled. IdentityErrc::exists.
  Result<> update(const User& user);
  // Keys, certificates, policies and memberships must be gone.
  Result<> remove(const UserId& id);
  Result<> remove_with_all(const UserId& id);

 private:
  Tx& tx_;
};

}  // namespace angophora::clc
