// One instance in memory. Inside this folder only.
#pragma once

#include "nc/instances/instances.h"

namespace angophora::nc {

struct Instances::Live {
  explicit Live(InstanceRecord r) : record(std::move(r)) {}

  InstanceRecord record;
  std::map<ImageId, ImageLease> leases;  // held until the instance is over
  std::int64_t generation = 0;
  common::SteadyTime entered_at{};  // the present state
  bool driven = false;
  bool acknowledged = false;  // its order was answered with yes
  bool rebooting = false;
  int tries = 0;  // of the present state's step
  common::Wake changed;
};

}  // namespace angophora::nc
