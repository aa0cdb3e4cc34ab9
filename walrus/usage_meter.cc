#include "walrus/usage_meter.h"

#include "common/log/log.h"

namespace angophora::walrus {
namespace {

constexpr std::chrono::seconds kCountEvery{10};

}  // namespace

UsageMeter::UsageMeter(Services& services, admin::Metrics& metrics) : services_(services) {
  metrics.gauge_of("walrus_buckets", "Buckets of all accounts.",
                   [this] { return static_cast<double>(figures_.buckets); });
  metrics.gauge_of("walrus_objects", "Objects in all buckets, old versions too.",
                   [this] { return static_cast<double>(figures_.objects); });
  metrics.gauge_of("walrus_object_bytes", "Bytes of these objects.",
                   [this] { return static_cast<double>(figures_.bytes); });
}

Task<> UsageMeter::refresh() {
  auto look = [](Tx& tx) { return Usage(tx).of_all(); };
  CO_TRY(figures_, co_await services_.db.read(std::move(look)));
  co_return common::ok();
}

common::awaitable<void> UsageMeter::run() {
  while (!services_.runtime.stopping()) {
    co_await services_.runtime.sleep_for(kCountEvery);
    const auto looked = co_await refresh();
    if (!looked) log::warn("usage.not_read", {{"reason", looked.error()}});
  }
}

}  // namespace angophora::walrus
