// The passwords of users, hashed, and what accounts ask of them.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "clc/domain/ids.h"
#include "clc/domain/passwords.h"
#include "clc/store/rows.h"

namespace angophora::clc {

struct LoginProfile {
  UserId user;
  std::string hash;
  bool must_change = false;
  common::SysTime created_at{};
  common::SysTime changed_at{};
};

class LoginProfiles {
 public:
  explicit LoginProfiles(Tx& tx) : tx_(tx) {}

  Result<std::optional<LoginProfile>> find(const UserId& user);
  // A new one, or another password in place of the present one, which is remembered.
  Result<> put(const LoginProfile& profile);
  Result<bool> remove(const UserId& user);  // with all former passwords
  // Hashes of the last `count` passwords, the present one among them.
  Result<std::vector<std::string>> last_hashes(const UserId& user, std::int64_t count);

 private:
  Tx& tx_;
};

class PasswordPolicies {
 public:
  explicit PasswordPolicies(Tx& tx) : tx_(tx) {}
  Result<std::optional<PasswordPolicy>> find(const AccountId& account);
  Result<> put(const AccountId& account, const PasswordPolicy& policy);
  Result<bool> remove(const AccountId& account);

 private:
  Tx& tx_;
};

}  // namespace angophora::clc
