// How much of a node's disk an instance counts for. The cloud controller promises room by this
// rule, the node takes it by the same one: two rules would let one say yes where the other says no.
#pragma once

#include <algorithm>
#include <cstdint>

namespace angophora::common {

// The root disk (the type's, or the image's when that is larger), the ephemeral disk and the swap
// space, in whole GiB.
constexpr std::int64_t disk_room_gib(std::int64_t disk_gib, std::int64_t image_bytes,
                                     std::int64_t ephemeral_gib, std::int64_t swap_mib) {
  constexpr std::int64_t kBytesPerGib = std::int64_t{1} << 30;
  constexpr std::int64_t kMibPerGib = 1024;
  const auto image_gib = image_bytes / kBytesPerGib + (image_bytes % kBytesPerGib > 0);
  const auto swap_gib = (swap_mib + kMibPerGib - 1) / kMibPerGib;
  return std::max(disk_gib, image_gib) + ephemeral_gib + swap_gib;
}
static_assert(disk_room_gib(10, 1, 0, 0) == 10);
static_assert(disk_room_gib(10, (std::int64_t{10} << 30) + 1, 0, 0) == 11);
static_assert(disk_room_gib(10, 0, 20, 1025) == 32);

}  // namespace angophora::common
