// IPv4 addresses and MACs of instances as values.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "common/base/result.h"

namespace angophora::clc {

// Host byte order.
std::string format_address(std::uint32_t address);
std::optional<std::uint32_t> parse_address(std::string_view text);

// The network of the instances. The first address is the network's, the next the gateway's, and
// the last is for broadcasts; all between may be given to instances.
struct InstanceNetwork {
  std::uint32_t base = 0;
  int prefix_bits = 0;

  std::uint32_t gateway() const { return base + 1; }
  std::uint32_t first() const { return base + 2; }
  std::uint32_t last() const { return base + static_cast<std::uint32_t>(size() - 2); }
  std::uint64_t size() const { return std::uint64_t{1} << (32 - prefix_bits); }
  bool contains(std::uint32_t address) const { return address >= first() && address <= last(); }
  std::string cidr() const;
};

// "10.100.0.0/16"; prefixes 8 to 29, no bits set beyond them.
common::Result<InstanceNetwork> parse_instance_network(std::string_view cidr);

// d0:0d and four bytes of `random` (at least 4 long).
std::string format_mac(std::string_view random);

}  // namespace angophora::clc
