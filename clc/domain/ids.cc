#include "clc/domain/ids.h"

#include <algorithm>

namespace angophora::clc {
namespace {

std::string random_text(common::Runtime& runtime, std::string_view alphabet, std::size_t count) {
  std::string text;
  for (std::size_t i = 0; i < count; ++i) text += alphabet[runtime.random_below(alphabet.size())];
  return text;
}

}  // namespace

bool is_well_formed_id(std::string_view text, std::string_view prefix) {
  if (!text.starts_with(prefix) || text.size() <= prefix.size() || text[prefix.size()] != '-')
    return false;
  text.remove_prefix(prefix.size() + 1);
  if (text.size() != 8 && text.size() != 17) return false;
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

AccountId new_account_id(common::Runtime& runtime) {
  return AccountId(std::to_string(100'000'000'000 + runtime.random_below(900'000'000'000)));
}

std::string new_identity_id(common::Runtime& runtime, std::string_view prefix) {
  return std::string(prefix) + random_text(runtime, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", 16);
}

std::string new_secret(common::Runtime& runtime) {
  constexpr std::string_view kAlphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
  return random_text(runtime, kAlphabet, 40);
}

}  // namespace angophora::clc
