// What was done with snapshots since the daemon's start, for operators.
#pragma once

#include <cstdint>

namespace angophora::sc {

// I/O thread only.
struct SnapshotFigures {
  std::uint64_t taken = 0, completed = 0, failed = 0;
  std::uint64_t chunks_sent = 0;     // that the object store did not have
  std::uint64_t chunks_fetched = 0;  // for volumes that were made from snapshots
};

}  // namespace angophora::sc
