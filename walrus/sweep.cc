#include "walrus/sweep.h"

#include "common/log/log.h"
#include "walrus/store/blobs.h"

namespace angophora::walrus {
namespace {

constexpr std::size_t kIdsPerRead = 500;

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
    auto remove = [&blobs = services.blobs, unknown]() -> Result<> {
      for (const auto& id : unknown) TRY_VOID(blobs.remove(id));
      return common::ok();
    };
    if (!unknown.empty()) CO_TRY_VOID(co_await services.runtime.run_blocking(std::move(remove)));
    removed += unknown.size();
  }
  co_return removed;
}

}  // namespace

common::awaitable<void> sweep_blobs(Services& services) {
  std::size_t removed = 0;
  for (int shard = 0; shard < BlobStore::kShards && !services.runtime.stopping(); ++shard) {
    const auto swept = co_await sweep_shard(services, shard);
    if (swept)
      removed += swept.value();
    else
      log::warn("blobs.sweep_failed", {{"shard", shard}, {"reason", swept.error()}});
  }
  if (removed > 0) log::info("blobs.swept", {{"count", removed}});
}

}  // namespace angophora::walrus
