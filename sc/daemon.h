// The storage controller as one object, for main() with real seams and for simulations with fakes.
#pragma once

#include "common/admin/metrics.h"
#include "sc/backends/volume_backend.h"
#include "sc/operations/services.h"

namespace angophora::sc {

// I/O thread only. Outlives the runtime's coroutines.
class Daemon {
 public:
  struct Seams {
    db::Database& db;
    VolumeBackend& backend;
    ExportServer& server;
    SnapshotStore& store;
    std::function<std::string()> export_host;  // the address at which nodes reach exports
  };
  Daemon(common::Runtime& runtime, ServiceName name, ZoneName zone, Seams seams);

  // Takes over what an earlier life left open; before anything is served.
  Task<> start();
  soap::Dispatcher& dispatcher() { return dispatcher_; }
  // Keeps the figures of the pool and of snapshots fresh in `metrics`, which outlives the runtime's
  // coroutines.
  void show_in(admin::Metrics& metrics);

 private:
  common::awaitable<void> measure(admin::Metrics& metrics);
  void show_snapshots(admin::Metrics& metrics) const;

  Volumes volumes_;
  Exports exports_;
  Snapshots snapshots_;
  Services services_;
  soap::Dispatcher dispatcher_;
};

}  // namespace angophora::sc
