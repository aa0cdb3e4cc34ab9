// Where the bytes of snapshots are kept for the whole cloud: chunks by their names, and a map for
// each snapshot.
//
// Threads:  I/O thread. Outlives the runtime's coroutines.
// Errors:   Errc::not_found for what is not there, Errc::corrupt for bytes that are not what their
//           name says, Errc::limit_exceeded when it is full; Errc::unavailable and Errc::timed_out
//           when it cannot be asked now.
#pragma once

#include <string>
#include <vector>

#include "common/chunks/chunk_map.h"
#include "common/runtime/runtime.h"
#include "sc/domain/volume.h"

namespace angophora::sc {

using chunks::ChunkMap;
using chunks::ChunkName;
using common::SnapshotId;
using common::Task;

class SnapshotStore {
 public:
  virtual ~SnapshotStore() = default;

  virtual Task<bool> has(ChunkName name) = 0;
  virtual Task<> put(ChunkName name, std::string bytes) = 0;
  virtual Task<std::string> get(ChunkName name) = 0;

  // The numbers of chunks that are not there; when there are none, the snapshot is kept.
  virtual Task<std::vector<std::uint32_t>> put_map(SnapshotId id, ChunkMap map) = 0;
  virtual Task<ChunkMap> get_map(SnapshotId id) = 0;
  // One that is not there counts as removed.
  virtual Task<> remove(SnapshotId id) = 0;

  // While a volume or snapshot holds it, all of it stays, also when it is removed; its size.
  virtual Task<std::uint64_t> hold(SnapshotId id, std::string holder) = 0;
  virtual Task<> let_go(SnapshotId id, std::string holder) = 0;
};

}  // namespace angophora::sc
