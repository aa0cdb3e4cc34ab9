// Where the bytes of the volumes of one zone live.
//
// Threads:  the I/O thread calls; calls may overlap, also for one volume.
// Lifetime: outlives the runtime's coroutines.
// Units:    sizes are GiB, as in the EC2 API.
// Errors:   VolumeErrc for what the caller asked; Errc::io for what the disk could not do.
#pragma once

#include <optional>
#include <vector>

#include "common/chunks/chunk_map.h"
#include "common/runtime/runtime.h"
#include "sc/domain/volume.h"

namespace angophora::sc {

using chunks::ChunkMap;
using chunks::ChunkName;
using common::SnapshotId;
using common::Task;

// A pending snapshot: which chunks of its volume the object store has, and which it lacks.
struct SnapshotWork {
  std::vector<std::uint32_t> next;  // some that it lacks
  std::uint64_t chunks = 0;         // that it needs in all
  std::uint64_t done = 0;
  std::string failure;  // why it can never be finished; empty when it can
};

// A chunk as it was at the point in time.
struct SnapshotChunk {
  std::string bytes;
  std::optional<ChunkName> known_as;  // instead of bytes: the object store has it already
};

class VolumeBackend {
 public:
  virtual ~VolumeBackend() = default;

  // Creates an empty volume of `size_gib`. Repeating the call with the same size changes nothing,
  // so a retry is safe; with another size it is VolumeErrc::size_mismatch. When it returns, the
  // volume survives a crash; a crash before leaves either the whole volume or none.
  virtual Task<> create(VolumeId id, std::int64_t size_gib) = 0;
  // As create(); the volume's bytes are those of the map, whose chunks are missing until fill().
  // With an empty map it is empty.
  virtual Task<> create_from(VolumeId id, std::int64_t size_gib, ChunkMap source) = 0;
  // Removes the volume; one that is not there counts as removed.
  virtual Task<> remove(VolumeId id) = 0;
  // The volume, or nothing.
  virtual Task<std::optional<Volume>> find(VolumeId id) = 0;
  // All volumes, by id.
  virtual Task<std::vector<Volume>> list() = 0;
  virtual Task<Pool> pool() = 0;

  // --- missing chunks ---

  // What the volume was made from; an empty map when nothing is missing any more.
  virtual Task<ChunkMap> source(VolumeId id) = 0;
  // How many chunks are missing, and up to `count` of them: those that somebody waits for come
  // first.
  struct Missing {
    std::uint64_t count = 0;
    std::vector<std::uint32_t> next;
  };
  virtual Task<Missing> missing(VolumeId id, std::size_t count) = 0;
  // The chunk's bytes are on the disk when it returns. A chunk that is not missing stays as it is.
  virtual Task<> fill(VolumeId id, std::uint32_t chunk, std::string bytes) = 0;
  // Whether those that wait for missing chunks are to be told that they cannot come.
  virtual Task<> set_fill_failed(VolumeId id, bool failed) = 0;
  // All has come: the volume no longer knows what it was made from.
  virtual Task<> forget_source(VolumeId id) = 0;

  // --- snapshots ---

  // Takes the point in time. Chunks that were not written since the volume's newest other point in
  // time are not needed, unless `all` are, or those that were written are not known. Durable.
  // VolumeErrc::busy when too many are pending, or when the volume is `exported` by a server that
  // knows nothing of snapshots; VolumeErrc::pool_full.
  virtual Task<> take_snapshot(VolumeId id, SnapshotId snapshot, bool all, bool exported) = 0;
  // With up to `count` chunks that the object store lacks. Errc::not_found when it is not pending.
  virtual Task<SnapshotWork> snapshot_work(VolumeId id, SnapshotId snapshot, std::size_t count) = 0;
  virtual Task<SnapshotChunk> read_snapshot(VolumeId id, SnapshotId snapshot,
                                            std::uint32_t chunk) = 0;
  // The object store has the chunk under this name. Durable.
  virtual Task<> snapshot_done(VolumeId id, SnapshotId snapshot, std::uint32_t chunk,
                               ChunkName name) = 0;
  // All chunks that are done.
  virtual Task<std::vector<ChunkMap::Entry>> snapshot_names(VolumeId id, SnapshotId snapshot) = 0;
  // It is not pending any more. What an unfinished one needed is needed by the next one. One that
  // is not there counts as dropped.
  virtual Task<> drop_snapshot(VolumeId id, SnapshotId snapshot, bool finished) = 0;
  // All that are pending.
  virtual Task<std::vector<std::pair<VolumeId, SnapshotId>>> pending_snapshots() = 0;
};

}  // namespace angophora::sc
