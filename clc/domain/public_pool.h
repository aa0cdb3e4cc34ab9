// The addresses that the cloud may give to instances for the world outside, as the operator writes
// them: "198.51.100.10-198.51.100.20 203.0.113.0/28 192.0.2.7". Pure.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "clc/domain/addresses.h"

namespace angophora::clc {

class PublicPool {
 public:
  // Single addresses, ranges (both ends belong to it) and whole networks, with spaces or commas
  // between; what overlaps counts once. RequestErrc::invalid_value names the word that is wrong.
  static common::Result<PublicPool> parse(std::string_view text);

  std::uint32_t size() const { return size_; }
  bool contains(std::uint32_t address) const;
  // The address number `index` < size(), in their order.
  std::uint32_t at(std::uint32_t index) const;
  bool overlaps(const InstanceNetwork& network) const;

 private:
  struct Range {
    std::uint32_t first = 0;
    std::uint32_t last = 0;
  };
  static common::Result<Range> parse_range(std::string_view word);

  std::vector<Range> ranges_;  // apart from each other, the lowest first
  std::uint32_t size_ = 0;
};

}  // namespace angophora::clc
