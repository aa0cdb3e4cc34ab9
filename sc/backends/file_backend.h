// Volumes as sparse files in one folder: VOLUME-ID.raw, each as long as the volume is large. Thin:
// a block takes room when it is first written. VOLUME-ID.damage beside it says what the disk
// refused; VOLUME-ID.map, .source and .SNAPSHOT-ID.before are those of snapshot_files.h. Files
// whose name ends in .new are unfinished and removed at start.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>

#include "sc/backends/volume_backend.h"

namespace angophora::sc {

class FileBackend final : public VolumeBackend {
 public:
  // Makes the folder where it is missing and removes what a crash left unfinished. Blocks. Errc
  // with the folder's name when it cannot be used.
  static Result<std::unique_ptr<FileBackend>> open(common::Runtime& runtime, std::string folder,
                                                   PoolLimits limits);

  Task<> create(VolumeId id, std::int64_t size_gib) override;
  Task<> create_from(VolumeId id, std::int64_t size_gib, ChunkMap source) override;
  Task<> remove(VolumeId id) override;
  Task<std::optional<Volume>> find(VolumeId id) override;
  Task<std::vector<Volume>> list() override;
  Task<Pool> pool() override;

  Task<ChunkMap> source(VolumeId id) override;
  Task<Missing> missing(VolumeId id, std::size_t count) override;
  Task<> fill(VolumeId id, std::uint32_t chunk, std::string bytes) override;
  Task<> set_fill_failed(VolumeId id, bool failed) override;
  Task<> forget_source(VolumeId id) override;

  Task<> take_snapshot(VolumeId id, SnapshotId snapshot, bool all, bool exported) override;
  Task<SnapshotWork> snapshot_work(VolumeId id, SnapshotId snapshot, std::size_t count) override;
  Task<SnapshotChunk> read_snapshot(VolumeId id, SnapshotId snapshot, std::uint32_t chunk) override;
  Task<> snapshot_done(VolumeId id, SnapshotId snapshot, std::uint32_t chunk,
                       ChunkName name) override;
  Task<std::vector<ChunkMap::Entry>> snapshot_names(VolumeId id, SnapshotId snapshot) override;
  Task<> drop_snapshot(VolumeId id, SnapshotId snapshot, bool finished) override;
  Task<std::vector<std::pair<VolumeId, SnapshotId>>> pending_snapshots() override;

 private:
  FileBackend(common::Runtime& runtime, std::string folder, PoolLimits limits)
      : runtime_(runtime), folder_(std::move(folder)), limits_(limits) {}
  // Runs `work` on the pool with the path of the volume's file.
  template <class T>
  Task<T> with_file(VolumeId id, std::function<Result<T>(const std::string& raw)> work);

  common::Runtime& runtime_;
  std::string folder_;
  PoolLimits limits_;
  // Volumes are made one after the other.
  const std::shared_ptr<std::mutex> making_ = std::make_shared<std::mutex>();
};

// How large the file system of a folder is, and what is left. Blocks.
Result<Pool> look_at_pool(const std::string& folder);

}  // namespace angophora::sc
