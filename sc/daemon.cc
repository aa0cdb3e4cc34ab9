#include "sc/daemon.h"

#include "common/log/log.h"

namespace angophora::sc {

Daemon::Daemon(common::Runtime& runtime, ServiceName name, ZoneName zone, VolumeBackend& volumes)
    : services_{runtime, volumes, std::move(name), std::move(zone), ANGOPHORA_VERSION} {
  serve_operations(services_, dispatcher_);
}

void Daemon::show_in(admin::Metrics& metrics) {
  services_.runtime.spawn("measure the pool", measure(metrics));
}

common::awaitable<void> Daemon::measure(admin::Metrics& metrics) {
  constexpr std::chrono::seconds kEvery{30};
  auto& volumes = metrics.gauge("sc_volumes", "Volumes of the zone.");
  auto& capacity = metrics.gauge("sc_pool_capacity_bytes", "Size of the pool.");
  auto& free = metrics.gauge("sc_pool_free_bytes", "What is left of the pool.");
  while (!services_.runtime.stopping()) {
    const auto all = co_await services_.volumes.list();
    const auto pool = co_await services_.volumes.pool();
    if (all) volumes.set(static_cast<double>(all.assume_value().size()));
    if (!pool) log::warn("pool.not_readable", {{"reason", pool.assume_error()}});
    if (pool) {
      capacity.set(static_cast<double>(pool.assume_value().capacity_bytes));
      free.set(static_cast<double>(pool.assume_value().free_bytes));
    }
    co_await services_.runtime.sleep_for(kEvery);
  }
}

}  // namespace angophora::sc
