// FileBackend's snapshots and missing chunks: snapshot_files.h on the pool.
#include "sc/backends/file_backend.h"
#include "sc/backends/snapshot_files.h"

namespace angophora::sc {

template <class T>
Task<T> FileBackend::with_file(VolumeId id, std::function<Result<T>(const std::string& raw)> work) {
  CO_TRY_VOID(check_id(id));
  std::function<Result<T>()> on_pool = [raw = folder_ + "/" + id.value + ".raw",
                                        work = std::move(work)] { return work(raw); };
  co_return co_await runtime_.run_blocking(std::move(on_pool));
}

Task<ChunkMap> FileBackend::source(VolumeId id) {
  std::function<Result<ChunkMap>(const std::string&)> work = snapshot_files::source;
  co_return co_await with_file(std::move(id), std::move(work));
}

Task<VolumeBackend::Missing> FileBackend::missing(VolumeId id, std::size_t count) {
  std::function<Result<Missing>(const std::string&)> work = [count](const std::string& raw) {
    return snapshot_files::missing(raw, count);
  };
  co_return co_await with_file(std::move(id), std::move(work));
}

Task<> FileBackend::fill(VolumeId id, std::uint32_t chunk, std::string bytes) {
  std::function<Result<>(const std::string&)> work =
      [chunk, bytes = std::move(bytes)](const std::string& raw) {
        return snapshot_files::fill(raw, chunk, bytes);
      };
  co_return co_await with_file(std::move(id), std::move(work));
}

Task<> FileBackend::set_fill_failed(VolumeId id, bool failed) {
  std::function<Result<>(const std::string&)> work = [failed](const std::string& raw) {
    return snapshot_files::set_fill_failed(raw, failed);
  };
  co_return co_await with_file(std::move(id), std::move(work));
}

Task<> FileBackend::forget_source(VolumeId id) {
  std::function<Result<>(const std::string&)> work = snapshot_files::forget_source;
  co_return co_await with_file(std::move(id), std::move(work));
}

Task<> FileBackend::take_snapshot(VolumeId id, SnapshotId snapshot, bool all, bool exported) {
  std::function<Result<Pool>(const std::string&)> look = [folder = folder_](const std::string&) {
    return look_at_pool(folder);
  };
  CO_TRY(const auto pool, co_await with_file(id, std::move(look)));
  CO_TRY_VOID(check_room(pool, limits_, 0, 0));
  std::function<Result<>(const std::string&)> work = [snapshot, all,
                                                      exported](const std::string& raw) {
    return snapshot_files::take(raw, snapshot.value, all, exported);
  };
  co_return co_await with_file(std::move(id), std::move(work));
}

Task<SnapshotWork> FileBackend::snapshot_work(VolumeId id, SnapshotId snapshot, std::size_t count) {
  std::function<Result<SnapshotWork>(const std::string&)> work = [snapshot,
                                                                  count](const std::string& raw) {
    return snapshot_files::work(raw, snapshot.value, count);
  };
  co_return co_await with_file(std::move(id), std::move(work));
}

Task<SnapshotChunk> FileBackend::read_snapshot(VolumeId id, SnapshotId snapshot,
                                               std::uint32_t chunk) {
  std::function<Result<SnapshotChunk>(const std::string&)> work = [snapshot,
                                                                   chunk](const std::string& raw) {
    return snapshot_files::read(raw, snapshot.value, chunk);
  };
  co_return co_await with_file(std::move(id), std::move(work));
}

Task<> FileBackend::snapshot_done(VolumeId id, SnapshotId snapshot, std::uint32_t chunk,
                                  ChunkName name) {
  std::function<Result<>(const std::string&)> work = [snapshot, chunk,
                                                      name](const std::string& raw) {
    return snapshot_files::set_done(raw, snapshot.value, chunk, name);
  };
  co_return co_await with_file(std::move(id), std::move(work));
}

Task<std::vector<ChunkMap::Entry>> FileBackend::snapshot_names(VolumeId id, SnapshotId snapshot) {
  std::function<Result<std::vector<ChunkMap::Entry>>(const std::string&)> work =
      [snapshot](const std::string& raw) { return snapshot_files::names(raw, snapshot.value); };
  co_return co_await with_file(std::move(id), std::move(work));
}

Task<> FileBackend::drop_snapshot(VolumeId id, SnapshotId snapshot, bool finished) {
  std::function<Result<>(const std::string&)> work = [snapshot, finished](const std::string& raw) {
    return snapshot_files::drop(raw, snapshot.value, finished);
  };
  co_return co_await with_file(std::move(id), std::move(work));
}

Task<std::vector<std::pair<VolumeId, SnapshotId>>> FileBackend::pending_snapshots() {
  using All = std::vector<std::pair<VolumeId, SnapshotId>>;
  std::function<Result<All>()> work = [folder = folder_] {
    return snapshot_files::pending(folder);
  };
  co_return co_await runtime_.run_blocking(std::move(work));
}

}  // namespace angophora::sc
