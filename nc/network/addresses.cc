#include "nc/network/addresses.h"

#include <arpa/inet.h>

#include <algorithm>

#include "common/base/text.h"

namespace angophora::nc {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_hex(char c) { return is_digit(c) || (c >= 'a' && c <= 'f'); }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

}  // namespace

std::optional<std::uint32_t> parse_ipv4(std::string_view text) {
  in_addr address{};
  if (inet_pton(AF_INET, std::string(text).c_str(), &address) != 1) return std::nullopt;
  if (text.find('\0') != std::string_view::npos) return std::nullopt;
  return ntohl(address.s_addr);
}

std::string format_ipv4(std::uint32_t address) {
  const in_addr raw{htonl(address)};
  char text[INET_ADDRSTRLEN];
  inet_ntop(AF_INET, &raw, text, sizeof text);
  return text;
}

std::optional<Cidr> parse_cidr(std::string_view text) {
  const auto slash = text.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  const auto address = parse_ipv4(text.substr(0, slash));
  const auto digits = text.substr(slash + 1);
  const auto prefix = common::parse_number<int>(digits);
  if (!address || !prefix || *prefix < 0 || *prefix > 32) return std::nullopt;
  Cidr cidr{0, *prefix};
  cidr.network = *address & cidr.mask();
  return cidr;
}

std::string format_cidr(const Cidr& cidr) {
  return format_ipv4(cidr.network) + "/" + std::to_string(cidr.prefix);
}

std::optional<std::string> parse_mac(std::string_view text) {
  if (text.size() != 17) return std::nullopt;
  auto lower = common::to_lower(text);
  for (std::size_t i = 0; i < lower.size(); ++i)
    if (i % 3 == 2 ? lower[i] != ':' : !is_hex(lower[i])) return std::nullopt;
  return lower;
}

bool is_plain_id(std::string_view text) {
  return !text.empty() && text.size() <= 40 && is_letter(text.front()) &&
         std::all_of(text.begin(), text.end(),
                     [](char c) { return is_letter(c) || is_digit(c) || c == '-'; });
}

bool is_plain_domain(std::string_view text) {
  return !text.empty() && text.size() <= 253 && text.front() != '-' && text.front() != '.' &&
         std::all_of(text.begin(), text.end(),
                     [](char c) { return is_letter(c) || is_digit(c) || c == '-' || c == '.'; });
}

}  // namespace angophora::nc
