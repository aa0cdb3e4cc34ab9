#include "sc/snapshots/upload.h"

#include <algorithm>
#include <map>

#include "common/runtime/gather.h"

namespace angophora::sc {
namespace {

using common::Errc;

constexpr std::size_t kChunksAtOnceUp = 4;  // chunks on their way
constexpr std::size_t kPerLook = 64;        // at what is left
constexpr int kMapAttempts = 3;

// Of a whole chunk.
const ChunkName& zeros() {
  static const auto name = chunks::name_of(std::string(chunks::kChunkBytes, '\0'));
  return name;
}

// The volume, or what was noted of the snapshot, is gone for good.
bool is_lost(const Error& error) {
  return error.code == Errc::not_found || error.code == Errc::corrupt;
}

struct Named {
  ChunkName name{};
  std::string bytes;  // empty when the object store needs none
};

Result<Named> name_chunk(SnapshotChunk chunk) {
  if (chunk.known_as) return Named{*chunk.known_as, {}};
  if (chunks::is_zeros(chunk.bytes)) return Named{zeros(), {}};
  const auto name = chunks::name_of(chunk.bytes);
  return Named{name, std::move(chunk.bytes)};
}

}  // namespace

Task<> Upload::send(Snapshot snapshot, std::uint32_t chunk) {
  CO_TRY(auto read, co_await backend_.read_snapshot(snapshot.volume, snapshot.id, chunk));
  auto work = [read = std::move(read)]() mutable { return name_chunk(std::move(read)); };
  CO_TRY(auto named, co_await runtime_.run_blocking(std::move(work)));
  if (!named.bytes.empty()) {
    CO_TRY(const bool there, co_await store_.has(named.name));
    if (!there) {
      CO_TRY_VOID(co_await store_.put(named.name, std::move(named.bytes)));
      ++figures_.chunks_sent;
    }
  }
  co_return co_await backend_.snapshot_done(snapshot.volume, snapshot.id, chunk, named.name);
}

Task<std::string> Upload::run(Snapshot snapshot, std::shared_ptr<UploadProgress> progress) {
  for (;;) {
    auto looked = co_await backend_.snapshot_work(snapshot.volume, snapshot.id, kPerLook);
    if (!looked && is_lost(looked.error())) co_return looked.error().message;
    CO_TRY(const auto work, std::move(looked));
    if (!work.failure.empty()) co_return work.failure;
    // The last percent is the map's.
    progress->percent = static_cast<int>(99 * work.done / std::max<std::uint64_t>(1, work.chunks));
    if (work.next.empty()) break;
    for (std::size_t from = 0; from < work.next.size(); from += kChunksAtOnceUp) {
      if (progress->cancelled || runtime_.stopping())
        co_return Error(Errc::cancelled, "the upload of " + snapshot.id.value + " was ended");
      std::vector<Task<>> sends;
      for (auto i = from; i < std::min(work.next.size(), from + kChunksAtOnceUp); ++i)
        sends.push_back(send(snapshot, work.next[i]));
      const auto sent = co_await common::gather(runtime_, "send chunks", std::move(sends));
      for (const auto& one : sent)
        if (one && !*one) co_return Error(one->assume_error());
    }
  }
  co_return co_await finish(std::move(snapshot));
}

// What it did not need is as in its base; zeros are in no map.
Task<ChunkMap> Upload::whole_map(Snapshot snapshot) {
  ChunkMap map;
  if (!snapshot.base.empty()) {
    CO_TRY(map, co_await store_.get_map(snapshot.base));
  }
  map.volume_bytes = snapshot.size_gib * kBytesPerGib;
  CO_TRY(const auto own, co_await backend_.snapshot_names(snapshot.volume, snapshot.id));
  auto merge = [map = std::move(map), own]() mutable -> Result<ChunkMap> {
    ChunkMap whole;
    whole.volume_bytes = map.volume_bytes;
    auto base = map.entries.begin();
    for (const auto& entry : own) {
      for (; base != map.entries.end() && base->number < entry.number; ++base)
        whole.entries.push_back(*base);
      if (base != map.entries.end() && base->number == entry.number) ++base;
      if (entry.name != zeros()) whole.entries.push_back(entry);
    }
    whole.entries.insert(whole.entries.end(), base, map.entries.end());
    return whole;
  };
  co_return co_await runtime_.run_blocking(std::move(merge));
}

Task<std::string> Upload::finish(Snapshot snapshot) {
  CO_TRY(const auto map, co_await whole_map(snapshot));
  for (int attempt = 0; attempt < kMapAttempts; ++attempt) {
    CO_TRY(auto missing, co_await store_.put_map(snapshot.id, map));
    if (missing.empty()) co_return std::string();
    CO_TRY(auto failure, co_await send_again(snapshot, map, std::move(missing)));
    if (!failure.empty()) co_return failure;
  }
  co_return Error(Errc::unavailable, "the object store loses chunks of " + snapshot.id.value);
}

// The object store has swept them, or lost them.
Task<std::string> Upload::send_again(Snapshot snapshot, const ChunkMap& map,
                                     std::vector<std::uint32_t> missing) {
  for (const auto chunk : missing) {
    const auto at = std::lower_bound(
        map.entries.begin(), map.entries.end(), chunk,
        [](const ChunkMap::Entry& entry, std::uint32_t n) { return entry.number < n; });
    if (at == map.entries.end() || at->number != chunk)
      co_return Error(Errc::corrupt, "the object store misses a chunk that nobody named");
    CO_TRY(auto read, co_await backend_.read_snapshot(snapshot.volume, snapshot.id, chunk));
    auto work = [read = std::move(read)]() mutable { return name_chunk(std::move(read)); };
    CO_TRY(auto named, co_await runtime_.run_blocking(std::move(work)));
    if (named.name != at->name || named.bytes.empty())
      co_return "the object store has lost chunk " + std::to_string(chunk) +
          ", which was overwritten since";
    CO_TRY_VOID(co_await store_.put(named.name, std::move(named.bytes)));
    ++figures_.chunks_sent;
  }
  co_return std::string();
}

}  // namespace angophora::sc
