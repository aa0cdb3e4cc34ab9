// One instance in memory. Inside this folder only.
#pragma once

#include "nc/instances/instances.h"

namespace angophora::nc {

// What may go well later, as long as there is time.
inline bool may_pass(const common::Error& error) {
  return error.code == common::Errc::unavailable || error.code == common::Errc::timed_out;
}

// What this run of the daemon knows of an attachment, beside its record.
struct Instances::LiveVolume {
  bool driven = false;
  bool connected = false;           // its client runs
  bool plugged = false;             // the present domain has the disk
  bool ask_again = false;           // the storage controller, where the volume is
  int tries = 0;                    // of the present state's step
  common::SteadyTime entered_at{};  // the present state
  common::SteadyTime forced_at{};
  common::Wake changed;
};

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
  std::map<VolumeId, VolumePtr> volumes;
  std::uint64_t starts = 0;  // of its domain, in this run
  // While the guest is paused by a disk.
  int resumes = 0;
  common::SteadyTime resume_at{};

  const VolumePtr& volume(const VolumeId& id, common::SteadyTime now) {
    auto& known = volumes[id];
    if (!known) {
      known = std::make_shared<LiveVolume>();
      known->entered_at = known->forced_at = now;
    }
    return known;
  }
};

}  // namespace angophora::nc
