// What a node says about itself, and what a guest takes.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "common/base/id.h"
#include "common/runtime/runtime.h"

namespace angophora::cc {

using common::InstanceId;
using common::NodeName;
using common::SteadyTime;

struct Resources {
  std::int64_t vcpus = 0;
  std::int64_t memory_mib = 0;
  std::int64_t disk_gib = 0;

  Resources& operator+=(const Resources& other) {
    vcpus += other.vcpus, memory_mib += other.memory_mib, disk_gib += other.disk_gib;
    return *this;
  }
  Resources& operator-=(const Resources& other) {
    vcpus -= other.vcpus, memory_mib -= other.memory_mib, disk_gib -= other.disk_gib;
    return *this;
  }
  friend Resources operator-(Resources a, const Resources& b) { return a -= b; }
  bool operator==(const Resources&) const = default;
  // Whether `wanted` fits into this.
  bool hold(const Resources& wanted) const {
    return wanted.vcpus <= vcpus && wanted.memory_mib <= memory_mib && wanted.disk_gib <= disk_gib;
  }
};
std::string to_string(const Resources& r);  // "2 processors, 1024 MiB of memory, 5 GiB of disk"

// One attachment of a volume as its node reports it.
struct VolumeReport {
  std::string id;
  std::int64_t attachment_epoch = 0;
  std::string device;
  std::string state;
  std::string reason;
  bool operator==(const VolumeReport&) const = default;
};

// One guest as its node reports it. States are the contract's words and pass through unread.
struct GuestReport {
  InstanceId id;
  std::int64_t placement_no = 0;
  std::string state;
  std::string reason;
  std::int64_t generation = 0;
  std::vector<VolumeReport> volumes;
  bool operator==(const GuestReport&) const = default;
};

struct NodeReport {
  std::string boot_id;
  std::int64_t generation = 0;
  bool ready = false;
  std::string reason;
  std::string hypervisor;
  std::string virtualization;
  Resources total;  // what the machine has
  Resources used;   // what its guests hold
  std::int64_t network_version = 0;
  std::int64_t clock_ms = 0;
  std::vector<GuestReport> guests;
};

// A node as the registry lists it for this zone.
struct Member {
  NodeName name;
  bool enabled = true;  // one that is stopped takes no new guests
  bool operator==(const Member&) const = default;
};

}  // namespace angophora::cc
