#include "clc/domain/public_pool.h"

#include <algorithm>
#include <cassert>

#include "clc/domain/errors.h"
#include "common/base/text.h"

namespace angophora::clc {
namespace {

using common::Error;
using common::Result;

constexpr std::uint64_t kAddressesMax = 65536;

Error bad(std::string_view word, std::string_view why) {
  return {RequestErrc::invalid_value, "'" + std::string(word) + "' " + std::string(why)};
}

// Addresses that one machine can be reached under by others.
bool is_usable(std::uint32_t address) {
  const auto top = address >> 24;
  const bool link_local = address >> 16 == 0xa9fe;
  return top != 0 && top != 127 && top < 224 && !link_local;
}

}  // namespace

Result<PublicPool::Range> PublicPool::parse_range(std::string_view word) {
  constexpr auto kForms = "is none of ADDRESS, FIRST-LAST and ADDRESS/BITS";
  Range range;
  if (const auto slash = word.find('/'); slash != std::string_view::npos) {
    const auto base = parse_address(word.substr(0, slash));
    const auto bits = common::parse_number<int>(word.substr(slash + 1));
    if (!base || !bits || *bits < 0 || *bits > 32) return bad(word, kForms);
    if (*bits < 16) return bad(word, "is more than 65536 addresses");
    const auto rest = static_cast<std::uint32_t>((std::uint64_t{1} << (32 - *bits)) - 1);
    if (*base & rest) return bad(word, "has bits set beyond its prefix");
    range = {*base, *base | rest};
  } else {
    const auto dash = word.find('-');
    const auto first = parse_address(word.substr(0, dash));
    const auto last = dash == std::string_view::npos ? first : parse_address(word.substr(dash + 1));
    if (!first || !last) return bad(word, kForms);
    if (*last < *first) return bad(word, "ends before it begins");
    range = {*first, *last};
  }
  if (!is_usable(range.first) || !is_usable(range.last))
    return bad(word, "holds addresses that no machine can have");
  return range;
}

Result<PublicPool> PublicPool::parse(std::string_view text) {
  std::string spaced(text);
  std::replace(spaced.begin(), spaced.end(), ',', ' ');
  std::vector<Range> ranges;
  for (const auto word : common::split(spaced, ' ')) {
    if (word.empty()) continue;
    TRY(const auto range, parse_range(word));
    ranges.push_back(range);
  }
  std::sort(ranges.begin(), ranges.end(),
            [](const Range& a, const Range& b) { return a.first < b.first; });
  PublicPool pool;
  for (const auto& range : ranges) {
    if (!pool.ranges_.empty() && range.first <= pool.ranges_.back().last)
      pool.ranges_.back().last = std::max(pool.ranges_.back().last, range.last);
    else
      pool.ranges_.push_back(range);
  }
  std::uint64_t size = 0;
  for (const auto& range : pool.ranges_) size += std::uint64_t{range.last} - range.first + 1;
  if (size > kAddressesMax)
    return Error(RequestErrc::invalid_value,
                 "these are " + std::to_string(size) + " addresses; there may be 65536 at most");
  pool.size_ = static_cast<std::uint32_t>(size);
  return pool;
}

bool PublicPool::contains(std::uint32_t address) const {
  return std::any_of(ranges_.begin(), ranges_.end(), [address](const Range& range) {
    return address >= range.first && address <= range.last;
  });
}

std::uint32_t PublicPool::at(std::uint32_t index) const {
  for (const auto& range : ranges_) {
    const auto count = range.last - range.first + 1;
    if (index < count) return range.first + index;
    index -= count;
  }
  assert(false);
  return 0;
}

bool PublicPool::overlaps(const InstanceNetwork& network) const {
  const auto end = static_cast<std::uint32_t>(network.base + (network.size() - 1));
  return std::any_of(ranges_.begin(), ranges_.end(), [&](const Range& range) {
    return range.first <= end && range.last >= network.base;
  });
}

}  // namespace angophora::clc
