#include "clc/domain/security_group.h"

#include <arpa/inet.h>

#include <algorithm>

#include "clc/domain/errors.h"
#include "common/base/text.h"

namespace angophora::clc {
namespace {

using common::Error;
using common::Result;

Error bad_rule(std::string message) { return {GroupErrc::bad_rule, std::move(message)}; }

std::string dotted(std::uint32_t address) {
  const in_addr raw{htonl(address)};
  char text[INET_ADDRSTRLEN];
  return inet_ntop(AF_INET, &raw, text, sizeof text);
}

}  // namespace

Result<std::string> normal_protocol(std::string_view text) {
  const auto name = common::to_lower(text);
  if (name == "tcp" || name == "6") return std::string("tcp");
  if (name == "udp" || name == "17") return std::string("udp");
  if (name == "icmp" || name == "1") return std::string("icmp");
  if (name == "-1" || name == "all") return std::string("-1");
  const auto number = common::parse_number<int>(name);
  if (number && *number >= 0 && *number <= 255) return std::to_string(*number);
  return bad_rule("Invalid value '" + std::string(text) + "' for IP protocol");
}

Result<std::string> normal_cidr(std::string_view text) {
  const auto slash = text.find('/');
  const std::string address(text.substr(0, slash));
  in_addr raw{};
  const auto bits = slash == std::string_view::npos
                        ? std::optional<int>(32)
                        : common::parse_number<int>(text.substr(slash + 1));
  if (inet_pton(AF_INET, address.c_str(), &raw) != 1 || !bits || *bits < 0 || *bits > 32)
    return bad_rule("CIDR block " + std::string(text) + " is malformed");
  const std::uint32_t mask = *bits == 0 ? 0 : UINT32_MAX << (32 - *bits);
  return dotted(ntohl(raw.s_addr) & mask) + "/" + std::to_string(*bits);
}

Result<> check_ports(RuleKey& rule) {
  const auto from = rule.from_port, to = rule.to_port;
  if (rule.protocol == "tcp" || rule.protocol == "udp") {
    if (from == -1 && to == -1) {
      rule.from_port = 0;
      rule.to_port = 65535;
      return common::ok();
    }
    if (from < 0 || from > 65535 || to < 0 || to > 65535 || from > to)
      return bad_rule("Invalid port range " + std::to_string(from) + " to " + std::to_string(to) +
                      " for " + rule.protocol + ": ports go from 0 to 65535");
    return common::ok();
  }
  if (rule.protocol == "icmp") {
    if (from < -1 || from > 255 || to < -1 || to > 255 || (from == -1 && to != -1))
      return bad_rule("Invalid ICMP type " + std::to_string(from) + " or code " +
                      std::to_string(to));
    return common::ok();
  }
  rule.from_port = rule.to_port = -1;
  return common::ok();
}

bool is_group_text(std::string_view text) {
  constexpr std::string_view kMarks = " ._-:/()#,@[]+=&;{}!$*";
  if (text.empty() || text.size() > 255) return false;
  return std::all_of(text.begin(), text.end(), [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           kMarks.find(c) != std::string_view::npos;
  });
}

std::string describe(const RuleKey& rule) {
  return "peer: " + (rule.cidr.empty() ? rule.source_group.value : rule.cidr) + ", " +
         (rule.protocol == "-1" ? "ALL" : rule.protocol) +
         ", from port: " + std::to_string(rule.from_port) +
         ", to port: " + std::to_string(rule.to_port);
}

}  // namespace angophora::clc
