// The typed values of conditions: numbers, dates, addresses. Each is parsed from text in one way,
// for the policy and for the request alike. Private to the folder. Pure functions, any thread.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace angophora::policy {

// A decimal number of any length, kept exactly: no two different numbers are ever equal.
class Decimal {
 public:
  // An optional sign, digits, and perhaps a point and digits. No exponents.
  static std::optional<Decimal> parse(std::string_view text);
  std::strong_ordering operator<=>(const Decimal& other) const;
  bool operator==(const Decimal& other) const = default;

 private:
  bool negative_ = false;
  std::string whole_;     // without leading zeros; "" for 0
  std::string fraction_;  // without trailing zeros
};

// Milliseconds since 1970 of the W3C's profile of ISO 8601 (from 2026 to
// 2026-11-22T02:40:58.123+01:00) or of a number of seconds since 1970; four digits alone are a
// year.
std::optional<std::int64_t> parse_date(std::string_view text);

// An IPv4 or IPv6 address. An IPv4 address inside an IPv6 one counts as the former.
struct Address {
  bool v6 = false;
  std::array<std::uint8_t, 16> bytes{};  // an IPv4 address has four
  static std::optional<Address> parse(std::string_view text);
};

// A range of addresses: 203.0.113.0/24, 2001:db8::/32, or one address. Bits behind the prefix do
// not matter.
struct Network {
  Address base;
  int prefix_bits = 0;
  static std::optional<Network> parse(std::string_view text);
  bool contains(const Address& address) const;
};

// "true" or "false" in any case.
std::optional<bool> parse_bool(std::string_view text);

}  // namespace angophora::policy
