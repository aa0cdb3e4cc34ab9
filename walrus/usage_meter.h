// Tells /metrics how many buckets, objects and bytes there are.
#pragma once

#include "common/admin/metrics.h"
#include "walrus/s3/operation.h"
#include "walrus/store/usage.h"

namespace angophora::walrus {

// I/O thread only. Outlives the runtime's coroutines and the metrics.
class UsageMeter {
 public:
  UsageMeter(Services& services, admin::Metrics& metrics);
  // Looks at the database.
  Task<> refresh();
  // Does so again and again.
  common::awaitable<void> run();
  const UsageFigures& figures() const { return figures_; }

 private:
  Services& services_;
  UsageFigures figures_;
};

}  // namespace angophora::walrus
