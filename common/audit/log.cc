#include "common/audit/log.h"

#include "common/log/log.h"

namespace angophora::audit {
namespace {

constexpr std::size_t kPendingMax = 20'000;
constexpr std::chrono::seconds kPatience{5};
constexpr std::chrono::seconds kSyncEvery{1};

}  // namespace

Task<std::unique_ptr<Log>> Log::open(common::Runtime& runtime, std::string folder, Limits limits) {
  auto work = [folder, limits, key = runtime.random_bytes(kKeyBytes)] {
    return Store::open(folder, limits, key);
  };
  CO_TRY(auto opened, co_await runtime.run_blocking(std::move(work)));
  if (!opened.torn.empty()) log::warn("audit.torn_line", {{"taken_away", opened.torn}});
  if (!opened.missing.empty())
    log::error("audit.damaged", {{"folder", folder}, {"reason", opened.missing}});
  std::unique_ptr<Log> made(new Log(runtime, std::move(opened.store)));
  runtime.spawn("sync the audit log", made->sync_now_and_then());
  co_return made;
}

boost::asio::awaitable<void> Log::append(std::string record) {
  if (pending_.size() >= kPendingMax) {
    ++lost_;
    co_return;
  }
  const auto ticket = ++taken_;
  pending_.push_back(std::move(record));
  if (!writing_) {
    writing_ = true;
    runtime_.spawn("write the audit log", write_pending());
  }
  const auto until = runtime_.steady_now() + kPatience;
  while (done_ < ticket && runtime_.steady_now() < until && !runtime_.stopping())
    co_await written_.wait(runtime_, kPatience);
}

boost::asio::awaitable<void> Log::write_pending() {
  const auto promise = runtime_.work_guard();
  while (!pending_.empty()) {
    auto batch = std::make_shared<std::vector<std::string>>(std::exchange(pending_, {}));
    auto work = [store = store_, batch] { return store->append(*batch); };
    const auto written = co_await runtime_.run_blocking(std::move(work));
    if (!written) {
      lost_ += batch->size();
      log::error("audit.records_lost", {{"count", batch->size()}, {"reason", written.error()}});
    }
    done_ += batch->size();
    written_.notify();
  }
  writing_ = false;
}

// For the day that the power fails. Beside a batch, never within one.
boost::asio::awaitable<void> Log::sync_now_and_then() {
  while (!runtime_.stopping()) {
    co_await runtime_.sleep_for(kSyncEvery);
    if (synced_ == done_ || writing_) continue;  // then the files are being written
    synced_ = done_;
    auto work = store_->syncer();
    const auto synced = co_await runtime_.run_blocking(std::move(work));
    if (!synced) log::error("audit.not_synced", {{"reason", synced.error()}});
  }
}

}  // namespace angophora::audit
