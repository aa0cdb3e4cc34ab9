// Small helpers on text that the standard library lacks. Pure functions, any thread.
#pragma once

#include <charconv>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace angophora::common {

std::string to_lower(std::string_view text);                     // ASCII only
bool equal_ignore_case(std::string_view a, std::string_view b);  // ASCII only
std::string_view trim(std::string_view text);                    // spaces and tabs at both ends
std::vector<std::string_view> split(std::string_view text, char separator);  // keeps empty parts

// A whole decimal number and nothing else.
template <class Integer>
std::optional<Integer> parse_number(std::string_view text) {
  Integer value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// True when `text` matches `pattern`, in which '*' stands for any run of characters and '?' for
// any one; a backslash takes the next character literally (as in EC2's filters and IAM).
bool glob_match(std::string_view pattern, std::string_view text);

// How many single-letter edits turn `a` into `b`; for "did you mean".
std::size_t edit_distance(std::string_view a, std::string_view b);

bool is_valid_utf8(std::string_view text);

}  // namespace angophora::common
