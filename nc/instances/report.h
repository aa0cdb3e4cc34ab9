// What the node tells of itself and its instances; built from memory alone.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "nc/domain/instance.h"
#include "nc/domain/resources.h"

namespace angophora::nc {

struct VolumeReport {
  VolumeId id;
  std::int64_t epoch = 0;
  std::string device;
  AttachmentState state = AttachmentState::attaching;
  std::string reason;
};

struct InstanceReport {
  InstanceId id;
  std::int64_t placement_no = 0;
  InstanceState state = InstanceState::staging;
  std::string reason;
  std::int64_t generation = 0;  // of the node's report, when this last changed
  std::vector<VolumeReport> volumes = {};
};

struct NodeReport {
  std::string boot_id;          // of this run of the daemon
  std::int64_t generation = 0;  // grows with every change
  bool ready = false;
  std::string reason;  // why not
  std::string hypervisor;
  std::string virtualization;
  Resources total;
  Resources used;
  std::int64_t network_version = 0;
  std::vector<InstanceReport> instances;
};

// The answer to one order for one instance.
struct Outcome {
  InstanceId id;
  bool accepted = false;
  std::string code;    // when not: for programs
  std::string reason;  // when not: a sentence
};

}  // namespace angophora::nc
