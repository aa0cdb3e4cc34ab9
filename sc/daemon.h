// The storage controller as one object, for main() with real seams and for simulations with fakes.
#pragma once

#include "common/admin/metrics.h"
#include "sc/backends/volume_backend.h"
#include "sc/operations/services.h"

namespace angophora::sc {

// I/O thread only. Outlives the runtime's coroutines.
class Daemon {
 public:
  Daemon(common::Runtime& runtime, ServiceName name, ZoneName zone, VolumeBackend& volumes);

  soap::Dispatcher& dispatcher() { return dispatcher_; }
  // Keeps the pool's figures fresh in `metrics`, which outlives the runtime's coroutines.
  void show_in(admin::Metrics& metrics);

 private:
  common::awaitable<void> measure(admin::Metrics& metrics);

  Services services_;
  soap::Dispatcher dispatcher_;
};

}  // namespace angophora::sc
