#include "walrus/chunks/chunk_store.h"

#include <chrono>

#include "common/log/log.h"
#include "walrus/s3/commit.h"
#include "walrus/s3/receive.h"

namespace angophora::walrus {
namespace {

using common::Errc;

constexpr std::size_t kEntriesPerWrite = 2000;
constexpr std::size_t kMissingMax = 10'000;  // told at a time
constexpr std::chrono::days kUnusedKept{7};
constexpr std::chrono::hours kTouchAfter{1};  // a row is not written for each question
constexpr std::chrono::minutes kSweepEvery{10};

// Checked and on the disk.
Result<Segment> store_chunk(BlobStore& blobs, std::string blob, const ChunkName& name,
                            const std::string& bytes) {
  if (chunks::name_of(bytes) != name)
    return Error(Errc::corrupt, "the bytes are not those of chunk " + chunks::to_hex(name));
  TRY(auto draft, blobs.draft(std::move(blob), bytes.size()));
  TRY_VOID(draft->write(bytes));
  TRY(auto kept, draft->keep());
  return segment_of(std::move(kept));
}

Result<Object> find_chunk(Tx& tx, const ChunkName& name) {
  TRY(const auto row, Chunks(tx).find(name));
  if (!row) return Error(Errc::not_found, "there is no chunk " + chunks::to_hex(name));
  Object object;
  object.content = {row->content};
  object.size_bytes = row->content.length;
  return object;
}

// Removes its guard when it goes.
class Arriving {
 public:
  Arriving(std::set<std::string>& all, std::string id) : all_(all), id_(std::move(id)) {
    all_.insert(id_);
  }
  Arriving(const Arriving&) = delete;
  ~Arriving() { all_.erase(id_); }

 private:
  std::set<std::string>& all_;
  const std::string id_;
};

Error no_map(const std::string& id) {
  return Error(Errc::not_found, "there is no snapshot " + id + " here");
}

}  // namespace

Task<bool> ChunkStore::has(ChunkName name) {
  const auto now = s_.runtime.now();
  auto find = [name](Tx& tx) { return Chunks(tx).find(name); };
  CO_TRY(const auto row, co_await s_.db.read(std::move(find)));
  if (!row) co_return false;
  if (row->refs > 0 || now - row->touched < kTouchAfter) co_return true;
  // Asked again where nothing can come in between.
  auto touch = [name, now](Tx& tx) -> Result<bool> {
    TRY(const auto present, Chunks(tx).find(name));
    if (!present) return false;
    TRY_VOID(Chunks(tx).touch(name, now));
    return true;
  };
  co_return co_await s_.db.write(std::move(touch));
}

Task<> ChunkStore::put(ChunkName name, std::string bytes) {
  if (bytes.size() > chunks::kChunkBytes)
    co_return Error(Errc::limit_exceeded, "a chunk has at most 1 MiB");
  CO_TRY(const bool there, co_await has(name));
  if (there) co_return common::ok();
  auto store = [&blobs = s_.blobs, blob = new_blob_name(s_.runtime), name,
                bytes = std::move(bytes)] { return store_chunk(blobs, blob, name, bytes); };
  CO_TRY(const auto content, co_await s_.runtime.run_blocking(std::move(store)));
  auto insert = [name, content, now = s_.runtime.now()](Tx& tx) {
    return Chunks(tx).insert(name, content, now);
  };
  const auto fresh = co_await s_.db.write(std::move(insert));
  const std::vector<Segment> stored{content};
  if (!fresh) {
    discard_after_failure(s_, stored, fresh.error());
    co_return Error(fresh.error());
  }
  // Somebody else was faster with the same bytes.
  if (fresh.value())
    note_written(s_, stored);
  else
    discard_new(s_, stored);
  co_return common::ok();
}

Task<OpenObject> ChunkStore::open(ChunkName name) {
  FindObject find = [name](Tx& tx) { return find_chunk(tx, name); };
  co_return co_await open_object(s_, std::move(find));
}

Task<std::vector<std::uint32_t>> ChunkStore::put_map(std::string id, ChunkMap map) {
  if (arriving_.contains(id))
    co_return Error(Errc::unavailable, "the map of snapshot " + id + " is arriving already");
  const Arriving guard(arriving_, id);
  auto find = [id](Tx& tx) { return ChunkMaps(tx).find(id); };
  CO_TRY(const auto present, co_await s_.db.read(std::move(find)));
  if (present && present->state == MapState::whole) co_return std::vector<std::uint32_t>();
  if (present && present->state == MapState::deleted) co_return no_map(id);
  // What a crash has left of it.
  if (present) CO_TRY_VOID(co_await dismantle(id));
  auto insert = [id, bytes = map.volume_bytes](Tx& tx) {
    return ChunkMaps(tx).insert_open(id, bytes);
  };
  CO_TRY_VOID(co_await s_.db.write(std::move(insert)));
  auto missing = co_await add_entries(id, std::move(map));
  if (missing && missing.value().empty()) co_return missing;
  const auto undone = co_await dismantle(id);
  if (!undone) log::warn("snapshot_map.not_undone", {{"snapshot", id}, {"reason", undone.error()}});
  co_return missing;
}

Task<std::vector<std::uint32_t>> ChunkStore::add_entries(std::string id, ChunkMap map) {
  std::vector<std::uint32_t> missing;
  for (std::size_t from = 0; from < map.entries.size(); from += kEntriesPerWrite) {
    const auto to = std::min(map.entries.size(), from + kEntriesPerWrite);
    const std::vector<ChunkMap::Entry> some(map.entries.begin() + static_cast<std::ptrdiff_t>(from),
                                            map.entries.begin() + static_cast<std::ptrdiff_t>(to));
    auto add = [id, some](Tx& tx) { return ChunkMaps(tx).add(id, some); };
    CO_TRY(const auto absent, co_await s_.db.write(std::move(add)));
    missing.insert(missing.end(), absent.begin(), absent.end());
    if (missing.size() >= kMissingMax) break;
  }
  if (!missing.empty()) co_return missing;
  auto finish = [id](Tx& tx) -> Result<bool> {
    TRY(const auto row, ChunkMaps(tx).find(id));
    if (!row || row->state != MapState::open) return false;
    TRY_VOID(ChunkMaps(tx).set_state(id, MapState::whole));
    return true;
  };
  CO_TRY(const bool whole, co_await s_.db.write(std::move(finish)));
  if (!whole) co_return no_map(id);
  log::info("snapshot_map.kept", {{"snapshot", id}, {"chunks", map.entries.size()}});
  co_return missing;
}

Task<ChunkMap> ChunkStore::get_map(std::string id) {
  auto find = [id](Tx& tx) { return ChunkMaps(tx).find(id); };
  CO_TRY(const auto row, co_await s_.db.read(find));
  if (!row || !row->is_readable()) co_return no_map(id);
  ChunkMap map;
  map.volume_bytes = row->volume_bytes;
  for (std::uint64_t from = 0;;) {
    auto read = [id, from](Tx& tx) { return ChunkMaps(tx).entries(id, from, kEntriesPerWrite); };
    CO_TRY(const auto some, co_await s_.db.read(std::move(read)));
    map.entries.insert(map.entries.end(), some.begin(), some.end());
    if (some.size() < kEntriesPerWrite) break;
    from = std::uint64_t{some.back().number} + 1;
  }
  // Entries go only when it is not readable any more: then what was read may not be all.
  CO_TRY(const auto again, co_await s_.db.read(find));
  if (!again || !again->is_readable()) co_return no_map(id);
  co_return map;
}

Task<> ChunkStore::remove_map(std::string id) {
  auto remove = [id](Tx& tx) { return ChunkMaps(tx).set_state(id, MapState::deleted); };
  CO_TRY_VOID(co_await s_.db.write(std::move(remove)));
  to_sweep_.notify();
  co_return common::ok();
}

Task<std::uint64_t> ChunkStore::hold(std::string id, std::string holder) {
  auto hold = [id, holder](Tx& tx) -> Result<std::uint64_t> {
    TRY(const auto row, ChunkMaps(tx).find(id));
    if (!row || row->state != MapState::whole) return no_map(id);
    TRY_VOID(ChunkMaps(tx).hold(id, holder));
    return row->volume_bytes;
  };
  co_return co_await s_.db.write(std::move(hold));
}

Task<> ChunkStore::let_go(std::string id, std::string holder) {
  auto let_go = [id, holder](Tx& tx) { return ChunkMaps(tx).let_go(id, holder); };
  CO_TRY_VOID(co_await s_.db.write(std::move(let_go)));
  to_sweep_.notify();
  co_return common::ok();
}

Task<> ChunkStore::dismantle(std::string id) {
  for (bool more = true; more;) {
    auto some = [id, now = s_.runtime.now()](Tx& tx) {
      return ChunkMaps(tx).dismantle(id, kEntriesPerWrite, now);
    };
    CO_TRY(more, co_await s_.db.write(std::move(some)));
  }
  co_return common::ok();
}

Task<> ChunkStore::sweep() {
  auto list = [](Tx& tx) { return ChunkMaps(tx).to_dismantle(); };
  CO_TRY(const auto maps, co_await s_.db.read(std::move(list)));
  for (const auto& id : maps) {
    if (arriving_.contains(id)) continue;
    const Arriving guard(arriving_, id);  // nobody brings it while it goes
    CO_TRY_VOID(co_await dismantle(id));
  }
  const auto before = s_.runtime.now() - kUnusedKept;
  for (std::size_t swept = kEntriesPerWrite; swept == kEntriesPerWrite;) {
    auto remove = [before](Tx& tx) -> Result<std::pair<std::size_t, FreedBlobs>> {
      FreedBlobs freed;
      TRY(const auto count, Chunks(tx).sweep(before, kEntriesPerWrite, freed));
      return std::pair(count, std::move(freed));
    };
    CO_TRY(auto removed, co_await s_.db.write(std::move(remove)));
    swept = removed.first;
    if (swept > 0) log::info("chunks.swept", {{"count", swept}});
    discard_blobs(s_, std::move(removed.second));
  }
  co_return common::ok();
}

void ChunkStore::begin_sweep() { s_.runtime.spawn("sweep chunks", keep_sweeping()); }

common::awaitable<void> ChunkStore::keep_sweeping() {
  while (!s_.runtime.stopping()) {
    const auto seen = to_sweep_.notified();
    const auto swept = co_await sweep();
    if (!swept) log::warn("chunks.sweep_failed", {{"reason", swept.error()}});
    co_await to_sweep_.wait(s_.runtime, kSweepEvery, seen);
  }
}

}  // namespace angophora::walrus
