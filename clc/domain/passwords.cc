#include "clc/domain/passwords.h"

#include <algorithm>

#include "common/base/encoding.h"
#include "common/base/text.h"
#include "common/crypto/passphrase.h"

namespace angophora::clc {
namespace {

using common::Error;
using common::Result;

constexpr std::string_view kScheme = "scrypt";
constexpr std::string_view kSymbols = "!@#$%^&*()_+-=[]{}|'";

struct Kinds {
  bool symbol = false, number = false, upper = false, lower = false;
  int count() const { return symbol + number + upper + lower; }
};

Kinds kinds_of(std::string_view password) {
  Kinds kinds;
  for (const char c : password) {
    kinds.number = kinds.number || (c >= '0' && c <= '9');
    kinds.upper = kinds.upper || (c >= 'A' && c <= 'Z');
    kinds.lower = kinds.lower || (c >= 'a' && c <= 'z');
    kinds.symbol = kinds.symbol || kSymbols.find(c) != kSymbols.npos;
  }
  return kinds;
}

Error violation(const std::string& what) {
  return {PasswordErrc::violates_policy, "Password should have " + what};
}

}  // namespace

std::string_view to_string(PasswordErrc e) {
  switch (e) {
    case PasswordErrc::violates_policy:
      return "the password violates the policy";
    case PasswordErrc::wrong:
      return "wrong password";
    case PasswordErrc::expired:
      return "expired password";
  }
  return "unknown password error";
}

Result<> check_password(const PasswordPolicy* policy, std::string_view password,
                        std::string_view user_name) {
  constexpr std::int64_t kUsualLength = 8;
  constexpr int kUsualKinds = 3;
  const auto least = policy ? policy->length_min : kUsualLength;
  if (static_cast<std::int64_t>(password.size()) < least)
    return violation("a minimum length of " + std::to_string(least));
  if (password.size() > kPasswordCharsMax)
    return violation("a maximum length of " + std::to_string(kPasswordCharsMax));
  const bool printable = std::all_of(password.begin(), password.end(),
                                     [](unsigned char c) { return c >= 0x20 && c != 0x7f; });
  if (!printable) return violation("visible characters and spaces only");
  const auto has = kinds_of(password);
  if (!policy) {
    if (has.count() < kUsualKinds)
      return violation("at least three of uppercase letters, lowercase letters, numbers and " +
                       std::string(kSymbols));
    if (common::to_lower(password) == common::to_lower(user_name))
      return violation("another text than the user's name");
    return common::ok();
  }
  if (policy->needs_symbols && !has.symbol)
    return violation("at least one symbol of " + std::string(kSymbols));
  if (policy->needs_numbers && !has.number) return violation("at least one number");
  if (policy->needs_uppercase && !has.upper) return violation("at least one uppercase letter");
  if (policy->needs_lowercase && !has.lower) return violation("at least one lowercase letter");
  return common::ok();
}

Result<std::string> hash_password(std::string_view password, std::string_view salt) {
  TRY(const auto key, crypto::key_from_passphrase(password, salt));
  return std::string(kScheme) + ":" + common::base64_encode(salt) + ":" +
         common::base64_encode(key);
}

Result<bool> is_password(std::string_view password, std::string_view hash) {
  const auto parts = common::split(hash, ':');
  const auto salt = parts.size() == 3 ? common::base64_decode(parts[1]) : std::nullopt;
  if (!salt || parts[0] != kScheme)
    return Error(common::Errc::corrupt, "the hash of a password cannot be read");
  if (password.empty()) return false;
  TRY(const auto again, hash_password(password, *salt));
  return common::equal_constant_time(again, hash);
}

}  // namespace angophora::clc
