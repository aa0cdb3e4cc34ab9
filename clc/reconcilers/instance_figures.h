// The instances in figures, for /metrics.
#pragma once

#include "clc/reconcilers/instance_table.h"
#include "common/admin/metrics.h"

namespace angophora::clc {

// clc_instances by zone and state, as the table has them now.
void publish_figures(const InstanceTable& table, admin::Metrics& metrics);

// The same once a second, until the daemon stops.
common::awaitable<void> keep_publishing(common::Runtime& runtime, const InstanceTable& table,
                                        admin::Metrics& metrics);

}  // namespace angophora::clc
