#include "clc/domain/addresses.h"

#include "common/base/encoding.h"
#include "common/base/text.h"

namespace angophora::clc {

std::string format_address(std::uint32_t address) {
  std::string text;
  for (int shift = 24; shift >= 0; shift -= 8) {
    if (!text.empty()) text += '.';
    text += std::to_string((address >> shift) & 0xff);
  }
  return text;
}

std::optional<std::uint32_t> parse_address(std::string_view text) {
  const auto parts = common::split(text, '.');
  if (parts.size() != 4) return std::nullopt;
  std::uint32_t address = 0;
  for (const auto part : parts) {
    const auto number = common::parse_number<std::uint8_t>(part);
    if (!number || (part.size() > 1 && part[0] == '0')) return std::nullopt;
    address = address << 8 | *number;
  }
  return address;
}

std::string InstanceNetwork::cidr() const {
  return format_address(base) + "/" + std::to_string(prefix_bits);
}

common::Result<InstanceNetwork> parse_instance_network(std::string_view cidr) {
  const auto bad = [&](std::string_view why) {
    return common::Error(common::Errc::invalid_argument,
                         "instance network '" + std::string(cidr) + "' " + std::string(why));
  };
  const auto slash = cidr.find('/');
  if (slash == std::string_view::npos) return bad("has no prefix length, e.g. /16");
  const auto base = parse_address(cidr.substr(0, slash));
  const auto bits = common::parse_number<int>(cidr.substr(slash + 1));
  if (!base || !bits) return bad("is not an IPv4 network");
  if (*bits < 8 || *bits > 29) return bad("must have a prefix of 8 to 29 bits");
  InstanceNetwork network{*base, *bits};
  if (*base & (network.size() - 1)) return bad("has bits set beyond its prefix");
  return network;
}

std::string format_mac(std::string_view random) {
  std::string mac = "d0:0d";
  const auto hex = common::hex_encode(random.substr(0, 4));
  for (std::size_t i = 0; i < hex.size(); i += 2) mac.append(":").append(hex, i, 2);
  return mac;
}

}  // namespace angophora::clc
