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

// One guest that a node knows, or remembers for a while after its end.
struct GuestReport {
  InstanceId id;
  std::int64_t placement_no = 0;
  NodeName node;
  GuestState state = GuestState::staging;
  std::string reason;
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
