// The snapshots and missing chunks of volumes in files: what FileBackend does on the pool. The
// files' forms are those of the export server's plug-in (sc/nbdkit), which may have them open
// meanwhile.
//
// Everything blocks. `raw` is the path of VOLUME-ID.raw, as long as the volume is large.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "sc/backends/volume_backend.h"

namespace angophora::sc::snapshot_files {

// Before the volume gets its name: the map, and what it is made from when it is not empty.
Result<> prepare(const std::string& raw, std::uint64_t bytes, const ChunkMap& source);
// What belongs to the volume, but for itself.
Result<> remove_all(const std::string& raw);
// Of volumes that are not there.
Result<> remove_orphans(const std::string& folder);

Result<ChunkMap> source(const std::string& raw);
Result<VolumeBackend::Missing> missing(const std::string& raw, std::size_t count);
Result<> fill(const std::string& raw, std::uint32_t chunk, const std::string& bytes);
Result<> set_fill_failed(const std::string& raw, bool failed);
Result<> forget_source(const std::string& raw);

Result<> take(const std::string& raw, const std::string& snapshot, bool all, bool exported);
Result<SnapshotWork> work(const std::string& raw, const std::string& snapshot, std::size_t count);
Result<SnapshotChunk> read(const std::string& raw, const std::string& snapshot,
                           std::uint32_t chunk);
Result<> set_done(const std::string& raw, const std::string& snapshot, std::uint32_t chunk,
                  const ChunkName& name);
Result<std::vector<ChunkMap::Entry>> names(const std::string& raw, const std::string& snapshot);
Result<> drop(const std::string& raw, const std::string& snapshot, bool finished);
Result<std::vector<std::pair<VolumeId, SnapshotId>>> pending(const std::string& folder);

}  // namespace angophora::sc::snapshot_files
