#include "sc/daemon.h"

#include "common/log/log.h"

namespace angophora::sc {

Daemon::Daemon(common::Runtime& runtime, ServiceName name, ZoneName zone, Seams seams)
    : volumes_(seams.db, seams.backend),
      exports_(runtime, seams.db, volumes_, seams.server),
      snapshots_(runtime, {seams.db, seams.backend, volumes_, exports_, seams.store}),
      services_{runtime,         volumes_,        exports_,          snapshots_,
                std::move(name), std::move(zone), ANGOPHORA_VERSION, std::move(seams.export_host)} {
  serve_operations(services_, dispatcher_);
}

Task<> Daemon::start() {
  CO_TRY_VOID(co_await volumes_.start());
  CO_TRY_VOID(co_await exports_.start());
  co_return co_await snapshots_.start();
}

void Daemon::show_in(admin::Metrics& metrics) {
  services_.runtime.spawn("measure the pool", measure(metrics));
}

void Daemon::show_snapshots(admin::Metrics& metrics) const {
  const auto now = [&](const char* name, const char* help, auto value) {
    metrics.gauge(name, help).set(static_cast<double>(value));
  };
  const auto total = [&](const char* name, const char* help, std::uint64_t value) {
    auto& counter = metrics.counter(name, help);
    counter.add(value - counter.value());
  };
  const auto& figures = snapshots_.figures();
  now("sc_snapshots_pending", "Snapshots on their way to the object store.", snapshots_.pending());
  now("sc_snapshots_waiting", "Those of them whose last attempt failed.", snapshots_.waiting());
  now("sc_volumes_filling", "Volumes that miss chunks of the snapshot they were made from.",
      snapshots_.filler().volumes());
  now("sc_chunks_missing", "Those chunks.", snapshots_.filler().missing());
  total("sc_snapshots_taken_total", "Snapshots taken.", figures.taken);
  total("sc_snapshots_completed_total", "Snapshots that the object store has.", figures.completed);
  total("sc_snapshots_failed_total", "Snapshots that will never be whole.", figures.failed);
  total("sc_chunks_sent_total", "Chunks sent to the object store.", figures.chunks_sent);
  total("sc_chunks_fetched_total", "Chunks fetched from it for volumes.", figures.chunks_fetched);
}

common::awaitable<void> Daemon::measure(admin::Metrics& metrics) {
  constexpr std::chrono::seconds kEvery{10};
  auto& volumes = metrics.gauge("sc_volumes", "Volumes of the zone.");
  auto& granted = metrics.gauge("sc_volumes_granted", "Volumes that an instance holds.");
  auto& open = metrics.gauge("sc_exports_open", "Volumes that a node has open.");
  auto& capacity = metrics.gauge("sc_pool_capacity_bytes", "Size of the pool.");
  auto& free = metrics.gauge("sc_pool_free_bytes", "What is left of the pool.");
  while (!services_.runtime.stopping()) {
    const auto all = co_await services_.volumes.list();
    const auto pool = co_await services_.volumes.pool();
    const auto grants = co_await services_.exports.all();
    if (grants) {
      int granted_now = 0, open_now = 0;
      for (const auto& [id, grant] : grants.assume_value()) {
        granted_now += grant.granted;
        open_now += grant.open;
      }
      granted.set(granted_now);
      open.set(open_now);
    }
    if (all) volumes.set(static_cast<double>(all.assume_value().size()));
    if (!pool) log::warn("pool.not_readable", {{"reason", pool.assume_error()}});
    if (pool) {
      capacity.set(static_cast<double>(pool.assume_value().capacity_bytes));
      free.set(static_cast<double>(pool.assume_value().free_bytes));
    }
    show_snapshots(metrics);
    co_await services_.runtime.sleep_for(kEvery);
  }
}

}  // namespace angophora::sc
