// Addresses as text that was checked: nothing else may get into a rule, a route or a file of
// dnsmasq. Pure functions, any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace angophora::nc {

// A dotted quad, host byte order.
std::optional<std::uint32_t> parse_ipv4(std::string_view text);
std::string format_ipv4(std::uint32_t address);

struct Cidr {
  std::uint32_t network = 0;  // host bits are zero
  int prefix = 0;
  std::uint32_t mask() const { return prefix == 0 ? 0 : ~std::uint32_t{0} << (32 - prefix); }
  bool contains(std::uint32_t address) const { return (address & mask()) == network; }
};
// "10.0.0.0/8"; host bits are cleared, as EC2 does.
std::optional<Cidr> parse_cidr(std::string_view text);
std::string format_cidr(const Cidr& cidr);

// Six pairs of hex digits with colons, in lower case.
std::optional<std::string> parse_mac(std::string_view text);

// Letters, digits and '-', at most 40: what our ids are made of.
bool is_plain_id(std::string_view text);
// A domain name of letters, digits, '-' and '.'.
bool is_plain_domain(std::string_view text);

}  // namespace angophora::nc
