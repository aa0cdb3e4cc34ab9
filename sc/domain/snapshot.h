// A snapshot that is taken here. No I/O.
#pragma once

#include <string>
#include <string_view>

#include "common/base/time.h"
#include "sc/domain/volume.h"

namespace angophora::sc {

using common::SnapshotId;

enum class SnapshotState {
  taking,     // nobody was told of it yet
  pending,    // the point in time is taken, the object store lacks bytes of it
  completed,  // the object store has it
  error,      // it will never be whole
  removing,   // it goes
};
std::string_view to_string(SnapshotState state);
Result<SnapshotState> parse_snapshot_state(std::string_view text);

struct Snapshot {
  SnapshotId id;
  VolumeId volume;
  std::uint32_t size_gib = 0;
  common::SysTime start{};
  SnapshotState state = SnapshotState::taking;
  SnapshotId base;  // chunks that it did not need are this one's; empty: zeros
  SnapshotId held;  // which it may hold in the object store
  common::SysTime ended{};
  std::string reason;
};

Result<> check_id(const SnapshotId& id);

}  // namespace angophora::sc
