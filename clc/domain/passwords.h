// Passwords of users: what one must be, and the slow hash that is kept of it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "common/base/result.h"
#include "common/base/time.h"

namespace angophora::clc {

enum class PasswordErrc {
  violates_policy = 1,
  wrong,    // the old one that was given
  expired,  // too old for its user to change it
};
std::string_view to_string(PasswordErrc e);

// What an account asks of its users' passwords. An account that has said nothing asks for eight
// characters of three kinds.
struct PasswordPolicy {
  std::int64_t length_min = 6;
  bool needs_symbols = false, needs_numbers = false;
  bool needs_uppercase = false, needs_lowercase = false;
  bool users_may_change = false;
  std::int64_t age_max_days = 0;     // 0: they never expire
  std::int64_t reuse_prevented = 0;  // how many former ones may not come back
  bool hard_expiry = false;          // an expired one is changed by administrators alone
};

inline constexpr std::size_t kPasswordCharsMax = 128;

// PasswordErrc::violates_policy, with what is missing. Null: the account has said nothing.
common::Result<> check_password(const PasswordPolicy* policy, std::string_view password,
                                std::string_view user_name);

// "scrypt:" with salt and key. Slow on purpose: for the pool. `salt`: 16 random bytes.
common::Result<std::string> hash_password(std::string_view password, std::string_view salt);
// As slow. Errc::corrupt for what is no such hash.
common::Result<bool> is_password(std::string_view password, std::string_view hash);

}  // namespace angophora::clc

ANGOPHORA_ERROR_ENUM(angophora::clc, PasswordErrc)
