// A volume of this zone, and what can be wrong with a wish for one. No I/O.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "common/base/id.h"
#include "common/base/result.h"

namespace angophora::sc {

using common::Error;
using common::Result;
using common::VolumeId;

inline constexpr std::uint32_t kSizeGibMin = 1;
inline constexpr std::uint32_t kSizeGibMax = 16384;
inline constexpr std::uint64_t kBytesPerGib = std::uint64_t{1} << 30;

enum class VolumeErrc {
  bad_id = 1,     // not vol- and hex digits
  bad_size,       // outside 1 to 16384 GiB, or more than the pool's file system can hold
  size_mismatch,  // there is one of that id with another size
  pool_full,      // the pool has too little room left
  in_use,         // an attachment is granted
  damaged,        // its bytes are not there, or not all of them
  busy,           // too many of its snapshots are pending
};
std::string_view to_string(VolumeErrc e);

struct Volume {
  VolumeId id;
  std::uint32_t size_gib = 0;
  std::string damage;  // what is wrong with its bytes; empty when nothing is
  bool lost = false;   // they are not all there: it cannot be opened
};

struct Pool {
  std::uint64_t capacity_bytes = 0;
  std::uint64_t free_bytes = 0;

  std::uint64_t used_bytes() const { return capacity_bytes - free_bytes; }
};

// How much of the pool may be promised.
struct PoolLimits {
  std::uint32_t reserve_percent = 5;        // of the capacity stays free; less left means full
  std::uint32_t overcommit_percent = 1000;  // volumes may be that much of the capacity together
};

Result<> check_id(const VolumeId& id);
Result<> check_size(const VolumeId& id, std::int64_t size_gib);
// VolumeErrc::pool_full, with the figures, when a volume of `size_gib` more must not be made.
// `promised_gib` is the sum of all volumes' sizes.
Result<> check_room(const Pool& pool, const PoolLimits& limits, std::uint64_t promised_gib,
                    std::uint32_t size_gib);

}  // namespace angophora::sc

ANGOPHORA_ERROR_ENUM(angophora::sc, VolumeErrc)
