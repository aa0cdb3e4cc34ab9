#include "walrus/sweep.h"

#include <set>

#include "common/log/log.h"
#include "walrus/store/blobs.h"
#include "walrus/store/packs.h"

namespace angophora::walrus {
namespace {

constexpr std::size_t kIdsPerRead = 500;
// A database of yesterday knows nothing of today's objects: this long one has time to find out.
constexpr auto kRetiredKept = std::chrono::days(7);
constexpr auto kLookAtRetiredEvery = std::chrono::hours(24);

Task<std::size_t> sweep_shard(Services& services, int shard) {
  auto list = [&blobs = services.blobs, shard] { return blobs.blobs_of_earlier_starts(shard); };
  CO_TRY(const auto ids, co_await services.runtime.run_blocking(std::move(list)));
  std::size_t removed = 0;
  for (std::size_t from = 0; from < ids.size(); from += kIdsPerRead) {
    const auto to = std::min(ids.size(), from + kIdsPerRead);
    const std::vector<std::string> some(ids.begin() + static_cast<std::ptrdiff_t>(from),
                                        ids.begin() + static_cast<std::ptrdiff_t>(to));
    auto find = [some](Tx& tx) { return Blobs(tx).unknown(some); };
    CO_TRY(const auto unknown, co_await services.db.read(std::move(find)));
    auto retire = [&blobs = services.blobs, unknown]() -> Result<> {
      for (const auto& id : unknown) TRY_VOID(blobs.retire(id));
      return common::ok();
    };
    if (!unknown.empty()) CO_TRY_VOID(co_await services.runtime.run_blocking(std::move(retire)));
    removed += unknown.size();
  }
  co_return removed;
}

// Of what was retired: what the database knows (again) comes back, what is old goes.
Task<> judge_retired(Services& services) {
  auto list = [&blobs = services.blobs] { return blobs.retired(); };
  CO_TRY(const auto all, co_await services.runtime.run_blocking(std::move(list)));
  const auto now = services.runtime.now();
  std::size_t restored = 0, deleted = 0;
  for (std::size_t from = 0; from < all.size(); from += kIdsPerRead) {
    std::vector<std::string> some;
    for (auto i = from; i < std::min(all.size(), from + kIdsPerRead); ++i)
      some.push_back(all[i].id);
    auto find = [some](Tx& tx) { return Blobs(tx).unknown(some); };
    CO_TRY(const auto list_of_unknown, co_await services.db.read(std::move(find)));
    const std::set<std::string> unknown(list_of_unknown.begin(), list_of_unknown.end());
    std::vector<std::string> back, old;
    for (auto i = from; i < std::min(all.size(), from + kIdsPerRead); ++i) {
      if (!unknown.contains(all[i].id))
        back.push_back(all[i].id);
      else if (now - all[i].since > kRetiredKept)
        old.push_back(all[i].id);
    }
    auto move = [&blobs = services.blobs, back, old]() -> Result<> {
      for (const auto& id : back) TRY_VOID(blobs.restore(id));
      for (const auto& id : old) TRY_VOID(blobs.delete_retired(id));
      return common::ok();
    };
    CO_TRY_VOID(co_await services.runtime.run_blocking(std::move(move)));
    auto forget = [old](Tx& tx) -> Result<> {
      for (const auto& id : old)
        if (is_pack_name(id)) TRY_VOID(Packs(tx).forget(id));
      return common::ok();
    };
    if (!old.empty()) CO_TRY_VOID(co_await services.db.write(std::move(forget)));
    restored += back.size();
    deleted += old.size();
  }
  if (restored > 0) log::warn("blobs.restored", {{"count", restored}});
  if (deleted > 0) log::info("blobs.deleted", {{"count", deleted}});
  co_return common::ok();
}

common::awaitable<void> retire_unknown(Services& services) {
  std::size_t retired = 0;
  for (int shard = 0; shard < BlobStore::kShards && !services.runtime.stopping(); ++shard) {
    const auto swept = co_await sweep_shard(services, shard);
    if (swept)
      retired += swept.value();
    else
      log::warn("blobs.sweep_failed", {{"shard", shard}, {"reason", swept.error()}});
  }
  if (retired > 0) log::warn("blobs.retired", {{"count", retired}});
}

}  // namespace

common::awaitable<void> sweep_blobs(Services& services) {
  co_await retire_unknown(services);
  while (!services.runtime.stopping()) {
    const auto judged = co_await judge_retired(services);
    if (!judged) log::warn("blobs.sweep_failed", {{"reason", judged.error()}});
    co_await services.runtime.sleep_for(kLookAtRetiredEvery);
  }
}

}  // namespace angophora::walrus
