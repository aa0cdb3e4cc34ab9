// What the system knows about this process, under the names that Prometheus' dashboards expect.
#pragma once

#include "common/admin/metrics.h"

namespace angophora::admin {

// Adds process_cpu_seconds, process_resident_memory_bytes, process_open_fds and process_threads.
void add_process_metrics(Metrics& metrics);

}  // namespace angophora::admin
