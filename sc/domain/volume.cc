#include "sc/domain/volume.h"

#include <algorithm>

namespace angophora::sc {
namespace {

bool is_hex(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); }

std::string in_gib(std::uint64_t bytes) { return std::to_string(bytes / kBytesPerGib) + " GiB"; }

}  // namespace

std::string_view to_string(VolumeErrc e) {
  switch (e) {
    case VolumeErrc::bad_id:
      return "bad_id";
    case VolumeErrc::bad_size:
      return "bad_size";
    case VolumeErrc::size_mismatch:
      return "size_mismatch";
    case VolumeErrc::pool_full:
      return "pool_full";
    case VolumeErrc::in_use:
      return "in_use";
    case VolumeErrc::damaged:
      return "damaged";
    case VolumeErrc::busy:
      return "busy";
  }
  return "unknown";
}

Result<> check_id(const VolumeId& id) {
  constexpr std::string_view kPrefix = "vol-";
  const std::string_view text = id.value;
  const auto digits = text.substr(std::min(text.size(), kPrefix.size()));
  if (text.starts_with(kPrefix) && (digits.size() == 8 || digits.size() == 17) &&
      std::all_of(digits.begin(), digits.end(), is_hex))
    return common::ok();
  return Error(VolumeErrc::bad_id, "'" + id.value + "' is not the id of a volume");
}

Result<> check_size(const VolumeId& id, std::int64_t size_gib) {
  if (size_gib >= kSizeGibMin && size_gib <= kSizeGibMax) return common::ok();
  return Error(VolumeErrc::bad_size, "volume " + id.value + " cannot have " +
                                         std::to_string(size_gib) + " GiB: 1 to 16384 are allowed");
}

Result<> check_room(const Pool& pool, const PoolLimits& limits, std::uint64_t promised_gib,
                    std::uint32_t size_gib) {
  const auto reserve = pool.capacity_bytes / 100 * limits.reserve_percent;
  if (pool.free_bytes <= reserve)
    return Error(VolumeErrc::pool_full, "the pool has " + in_gib(pool.free_bytes) + " of " +
                                            in_gib(pool.capacity_bytes) +
                                            " left, which is its reserve");
  const auto most_gib = pool.capacity_bytes / 100 * limits.overcommit_percent / kBytesPerGib;
  if (promised_gib + size_gib > most_gib)
    return Error(VolumeErrc::pool_full, "the pool has promised " + std::to_string(promised_gib) +
                                            " GiB and may promise " + std::to_string(most_gib) +
                                            " GiB: " + std::to_string(size_gib) +
                                            " GiB more are too much");
  return common::ok();
}

}  // namespace angophora::sc
