// Volumes in memory, for tests and simulations. What it holds outlives the daemon's "crash" when
// the object does. Each chunk has one short text for its bytes.
#pragma once

#include <map>
#include <set>

#include "sc/backends/volume_backend.h"

namespace angophora::sc {

class FakeBackend final : public VolumeBackend {
 public:
  using Chunks = std::map<std::uint32_t, std::string>;  // what begins them; the rest are zeros

  static std::string bytes_of(const std::string& text) {
    auto bytes = text;
    bytes.resize(chunks::kChunkBytes);
    return bytes;
  }

  Task<> create(VolumeId id, std::int64_t size_gib) override {
    ChunkMap nothing;
    co_return co_await create_from(std::move(id), size_gib, std::move(nothing));
  }
  Task<> create_from(VolumeId id, std::int64_t size_gib, ChunkMap source) override {
    CO_TRY_VOID(check_id(id));
    CO_TRY_VOID(check_size(id, size_gib));
    const auto size = static_cast<std::uint32_t>(size_gib);
    const auto [at, fresh] = volumes.try_emplace(id, size);
    if (!fresh && at->second != size)
      co_return Error(VolumeErrc::size_mismatch, "volume " + id.value + " has another size");
    if (!fresh) co_return common::ok();
    for (const auto& entry : source.entries) lacking[id].insert(entry.number);
    sources[id] = std::move(source);
    co_return common::ok();
  }
  Task<> remove(VolumeId id) override {
    CO_TRY_VOID(check_id(id));
    volumes.erase(id);
    written.erase(id);
    lacking.erase(id);
    sources.erase(id);
    dirty.erase(id);
    co_return common::ok();
  }
  Task<std::optional<Volume>> find(VolumeId id) override {
    const auto at = volumes.find(id);
    if (at == volumes.end()) co_return std::optional<Volume>();
    Volume volume{at->first, at->second, {}, false};
    co_return std::optional<Volume>(std::move(volume));
  }
  Task<std::vector<Volume>> list() override {
    std::vector<Volume> all;
    for (const auto& [id, size_gib] : volumes) all.push_back({id, size_gib, {}, false});
    co_return all;
  }
  Task<Pool> pool() override {
    Pool pool{1000 * kBytesPerGib, 900 * kBytesPerGib};
    co_return pool;
  }

  Task<ChunkMap> source(VolumeId id) override { co_return sources[id]; }
  Task<Missing> missing(VolumeId id, std::size_t count) override {
    Missing answer;
    answer.count = lacking[id].size();
    for (const auto chunk : lacking[id])
      if (answer.next.size() < count) answer.next.push_back(chunk);
    co_return answer;
  }
  Task<> fill(VolumeId id, std::uint32_t chunk, std::string bytes) override {
    const auto text = bytes.substr(0, bytes.find_last_not_of('\0') + 1);
    if (lacking[id].erase(chunk) > 0) written[id][chunk] = text;
    // Pending snapshots have it too from now on, also when nobody knows the source any more.
    for (auto& [snapshot, taken] : pending[id])
      if (taken.lacking.erase(chunk) > 0) taken.chunks[chunk] = text;
    co_return common::ok();
  }
  Task<> set_fill_failed(VolumeId id, bool failed) override {
    if (failed)
      fill_failed.insert(id);
    else
      fill_failed.erase(id);
    co_return common::ok();
  }
  Task<> forget_source(VolumeId id) override {
    sources.erase(id);
    co_return common::ok();
  }

  Task<> take_snapshot(VolumeId id, SnapshotId snapshot, bool all, bool) override {
    if (!failure.empty()) co_return Error(VolumeErrc::pool_full, failure);
    Taken taken;
    taken.chunks = written[id];
    for (const auto chunk : lacking[id]) taken.lacking.insert(chunk);
    if (all) {
      for (const auto& [chunk, text] : written[id]) taken.needed.insert(chunk);
      for (const auto chunk : lacking[id]) taken.needed.insert(chunk);
    } else {
      taken.needed = dirty[id];
      for (const auto& [other, its] : pending[id])
        taken.needed.insert(its.needed.begin(), its.needed.end());
    }
    dirty[id].clear();
    pending[id][snapshot] = std::move(taken);
    co_return common::ok();
  }
  Task<SnapshotWork> snapshot_work(VolumeId id, SnapshotId snapshot, std::size_t count) override {
    if (!pending[id].contains(snapshot))
      co_return Error(common::Errc::not_found, snapshot.value + " is not pending");
    const auto& taken = pending[id][snapshot];
    SnapshotWork work;
    work.failure = taken.failure;
    work.chunks = taken.needed.size();
    work.done = taken.done.size();
    for (const auto chunk : taken.needed)
      if (work.next.size() < count && !taken.done.contains(chunk)) work.next.push_back(chunk);
    co_return work;
  }
  Task<SnapshotChunk> read_snapshot(VolumeId id, SnapshotId snapshot,
                                    std::uint32_t chunk) override {
    ++reads;
    SnapshotChunk answer;
    auto& taken = pending[id][snapshot];
    if (taken.lacking.contains(chunk)) {
      for (const auto& entry : sources[id].entries)
        if (entry.number == chunk) answer.known_as = entry.name;
      if (answer.known_as) co_return answer;
    }
    answer.bytes = bytes_of(taken.chunks[chunk]);
    co_return answer;
  }
  Task<> snapshot_done(VolumeId id, SnapshotId snapshot, std::uint32_t chunk,
                       ChunkName name) override {
    pending[id][snapshot].done[chunk] = name;
    co_return common::ok();
  }
  Task<std::vector<ChunkMap::Entry>> snapshot_names(VolumeId id, SnapshotId snapshot) override {
    std::vector<ChunkMap::Entry> entries;
    for (const auto& [chunk, name] : pending[id][snapshot].done) entries.push_back({chunk, name});
    co_return entries;
  }
  Task<> drop_snapshot(VolumeId id, SnapshotId snapshot, bool finished) override {
    const auto at = pending[id].find(snapshot);
    if (at == pending[id].end()) co_return common::ok();
    if (!finished) dirty[id].insert(at->second.needed.begin(), at->second.needed.end());
    pending[id].erase(at);
    co_return common::ok();
  }
  Task<std::vector<std::pair<VolumeId, SnapshotId>>> pending_snapshots() override {
    std::vector<std::pair<VolumeId, SnapshotId>> all;
    for (const auto& [id, snapshots] : pending)
      for (const auto& [snapshot, taken] : snapshots) all.push_back({id, snapshot});
    co_return all;
  }

  // As a guest does.
  void write(const VolumeId& id, std::uint32_t chunk, std::string text) {
    lacking[id].erase(chunk);
    written[id][chunk] = std::move(text);
    dirty[id].insert(chunk);
  }

  struct Taken {
    Chunks chunks;
    std::set<std::uint32_t> needed, lacking;
    std::map<std::uint32_t, ChunkName> done;
    std::string failure;
  };
  std::map<VolumeId, std::uint32_t> volumes;  // size in GiB
  std::map<VolumeId, Chunks> written;
  std::map<VolumeId, std::set<std::uint32_t>> lacking, dirty;
  std::map<VolumeId, ChunkMap> sources;
  std::map<VolumeId, std::map<SnapshotId, Taken>> pending;
  std::set<VolumeId> fill_failed;
  std::string failure;  // of taking a snapshot
  int reads = 0;        // of chunks of snapshots
};

}  // namespace angophora::sc
