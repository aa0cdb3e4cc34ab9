#include "sc/snapshots/filler.h"

#include <algorithm>

#include "common/log/log.h"
#include "common/runtime/gather.h"
#include "sc/store/snapshot_records.h"

namespace angophora::sc {
namespace {

using namespace std::chrono_literals;
using common::Errc;

constexpr std::size_t kChunksAtOnce = 8;  // chunks on their way
constexpr std::size_t kPerVolume = 4;     // of them
constexpr auto kFillAgain = 1s;
constexpr auto kTryLostAgain = 30s;
constexpr auto kNothingToFill = 1h;

// The object store answers, and has not what it must have.
bool is_loss(const Error& error) {
  return error.code == Errc::not_found || error.code == Errc::corrupt;
}

}  // namespace

Task<> Filler::start() {
  auto read = [](db::Tx& tx) { return SnapshotRecords(tx).sources(); };
  CO_TRY(const auto sources, co_await db_.read(std::move(read)));
  for (const auto& [volume, source] : sources) {
    CO_TRY(const auto there, co_await backend_.find(volume));
    // One that was not made yet is asked for again, or removed, by the cloud controller.
    if (there) add(volume, source);
  }
  runtime_.spawn("fill volumes", keep_filling());
  co_return common::ok();
}

void Filler::add(VolumeId volume, SnapshotId source) {
  auto& filling = filling_[volume];
  filling.source = std::move(source);
  filling.missing = 1;  // until it was looked at
  changed_.notify();
}

std::uint64_t Filler::missing(const VolumeId& volume) const {
  const auto at = filling_.find(volume);
  return at == filling_.end() ? 0 : at->second.missing;
}

std::uint64_t Filler::missing() const {
  std::uint64_t all = 0;
  for (const auto& [volume, filling] : filling_) all += filling.missing;
  return all;
}

std::string Filler::trouble(const VolumeId& volume) const {
  const auto at = filling_.find(volume);
  return at == filling_.end() || !at->second.failed ? std::string() : at->second.trouble;
}

Task<> Filler::remove(VolumeId volume) {
  filling_.erase(volume);
  auto read = [volume](db::Tx& tx) { return SnapshotRecords(tx).source(volume); };
  CO_TRY(const auto source, co_await db_.read(std::move(read)));
  if (!source.empty()) {
    CO_TRY_VOID(co_await store_.let_go(source, volume.value));
  }
  auto forget = [volume](db::Tx& tx) { return SnapshotRecords(tx).forget_volume(volume); };
  co_return co_await db_.write(std::move(forget));
}

common::awaitable<void> Filler::keep_filling() {
  while (!runtime_.stopping()) {
    const auto seen = changed_.notified();
    const bool busy = co_await fill_some();
    if (busy) continue;
    common::Duration pause = kFillAgain;
    if (filling_.empty()) pause = kNothingToFill;
    co_await changed_.wait(runtime_, pause, seen);
  }
}

common::awaitable<bool> Filler::fill_some() {
  std::vector<VolumeId> volumes;
  for (const auto& [volume, filling] : filling_)
    if (filling.next <= runtime_.steady_now()) volumes.push_back(volume);
  // Each gets its turn.
  std::rotate(volumes.begin(), std::upper_bound(volumes.begin(), volumes.end(), last_),
              volumes.end());
  std::vector<Wish> wishes;
  for (const auto& volume : volumes) {
    if (wishes.size() >= kChunksAtOnce) break;
    last_ = volume;
    auto some = co_await wishes_of(volume);
    if (!some) {
      co_await note(volume, std::move(some).assume_error());
      continue;
    }
    wishes.insert(wishes.end(), some.value().begin(), some.value().end());
  }
  std::vector<Task<>> fetches;
  for (const auto& wish : wishes) fetches.push_back(fetch(wish));
  const auto fetched = co_await common::gather(runtime_, "fetch chunks", std::move(fetches));
  for (std::size_t i = 0; i < fetched.size(); ++i)
    if (fetched[i]) co_await note(wishes[i].volume, *fetched[i]);
  co_return !wishes.empty();
}

Task<std::vector<Filler::Wish>> Filler::wishes_of(VolumeId volume) {
  std::vector<Wish> wishes;
  const auto before = filling_.find(volume);
  if (before == filling_.end()) co_return wishes;  // removed meanwhile
  auto map = before->second.map;
  if (!map) {
    CO_TRY(auto source, co_await backend_.source(volume));
    map = std::make_shared<const ChunkMap>(std::move(source));
  }
  CO_TRY(const auto missing, co_await backend_.missing(volume, kPerVolume));
  const auto at = filling_.find(volume);
  if (at == filling_.end()) co_return wishes;
  at->second.map = map;
  at->second.missing = missing.count;
  if (missing.count == 0) {
    CO_TRY_VOID(co_await finish(volume));
    co_return wishes;
  }
  for (const auto chunk : missing.next) {
    const auto entry = std::lower_bound(
        map->entries.begin(), map->entries.end(), chunk,
        [](const ChunkMap::Entry& one, std::uint32_t n) { return one.number < n; });
    if (entry == map->entries.end() || entry->number != chunk)
      co_return Error(Errc::corrupt, "nobody knows what chunk " + std::to_string(chunk) + " of " +
                                         volume.value + " is");
    wishes.push_back({volume, chunk, entry->name});
  }
  co_return wishes;
}

Task<> Filler::fetch(Wish wish) {
  CO_TRY(auto bytes, co_await store_.get(wish.name));
  ++figures_.chunks_fetched;
  co_return co_await backend_.fill(wish.volume, wish.chunk, std::move(bytes));
}

Task<> Filler::finish(VolumeId volume) {
  const auto source = filling_.at(volume).source;
  CO_TRY_VOID(co_await backend_.forget_source(volume));
  CO_TRY_VOID(co_await store_.let_go(source, volume.value));
  SnapshotId none;
  auto forget = [volume, none](db::Tx& tx) { return SnapshotRecords(tx).set_source(volume, none); };
  CO_TRY_VOID(co_await db_.write(std::move(forget)));
  filling_.erase(volume);
  log::info("volume.filled", {{"volume", volume}, {"snapshot", source}});
  co_return common::ok();
}

common::awaitable<void> Filler::note(VolumeId volume, Result<> result) {
  const auto at = filling_.find(volume);
  if (at == filling_.end()) co_return;
  const bool lost = !result && is_loss(result.assume_error());
  if (!result) {
    const auto& error = result.assume_error();
    if (at->second.trouble != error.message)
      log::warn("volume.not_filled", {{"volume", volume}, {"reason", error}});
    at->second.trouble = error.message;
    const common::Duration pause = lost ? common::Duration(kTryLostAgain) : kFillAgain;
    at->second.next = runtime_.steady_now() + pause;
  }
  const bool told = at->second.failed;
  if (lost == told || (!lost && !result)) co_return;
  const auto said = co_await backend_.set_fill_failed(volume, lost);
  const auto now = filling_.find(volume);
  if (said && now != filling_.end()) now->second.failed = lost;
}

}  // namespace angophora::sc
