// What a zone's cluster controller last said about its nodes and guests. Kept in memory only.
#pragma once

#include <string>
#include <vector>

#include "clc/domain/instance.h"
#include "common/runtime/runtime.h"

namespace angophora::clc {

enum class GuestState { staging, booting, running, shutting_down, terminated, failed };
std::string_view to_string(GuestState state);
std::optional<GuestState> parse_guest_state(std::string_view text);

enum class NodeVolumeState { attaching, attached, detaching, detached, failed };
std::string_view to_string(NodeVolumeState state);
std::optional<NodeVolumeState> parse_node_volume_state(std::string_view text);

// One attachment as its node sees it. One that is detached or failed is told until its instance is
// over or a later one of that volume comes.
struct VolumeReport {
  VolumeId id;
  std::int64_t epoch = 0;
  std::string device;
  NodeVolumeState state = NodeVolumeState::attaching;
  std::string reason;  // why it failed, or what it waits for

  // The node has nothing of it any more.
  bool is_over() const {
    return state == NodeVolumeState::detached || state == NodeVolumeState::failed;
  }
};

// One guest that a node knows, or remembers for a while after its end.
struct GuestReport {
  InstanceId id;
  std::int64_t placement_no = 0;
  NodeName node;
  GuestState state = GuestState::staging;
  std::string reason;
  std::vector<VolumeReport> volumes = {};
};

struct NodeState {
  NodeName name;
  std::string boot_id;
  bool ready = false;
  bool reachable = false;  // has reported since the controller's start and is not silent
  std::string reason;      // why it is not ready
  std::string hypervisor;
  std::string virtualization;
  Resources total;  // what may be given to guests, overcommit included
  Resources used;
  std::int64_t guest_vcpus_max = 0;  // that one guest may have: overcommit makes no machine larger
  std::int64_t network_version = 0;
  std::chrono::milliseconds clock_ahead{};  // of ours

  bool takes_guests() const { return ready && reachable; }
  // What a guest's absence from the report tells something about.
  bool speaks_for_itself() const { return reachable; }
};

struct ZoneReport {
  std::string boot_id;
  std::int64_t generation = 0;
  std::vector<NodeState> nodes;
  std::vector<GuestReport> guests;
  common::SteadyTime asked_at{};     // when the question went out
  common::SteadyTime received_at{};  // when the answer was in
};

}  // namespace angophora::clc
