// The life of an instance on its node, as a table, and the record that is kept of it. No I/O.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "common/base/transitions.h"
#include "nc/domain/attachment.h"
#include "nc/domain/instance_spec.h"

namespace angophora::nc {

enum class InstanceState {
  staging,        // images are fetched, disks are made
  booting,        // disks are there; network and domain are being made
  running,        // the hypervisor runs the guest
  shutting_down,  // it must end; domain, network and disks are being removed
  terminated,     // nothing of it is left but this record
  failed,         // the same, and it never ran or could not go on; the reason says why
};

enum class InstanceEvent {
  staged,
  started,
  ended,      // the guest powered itself off
  lost,       // the domain is gone though the guest did not end it: crash, or the host restarted
  terminate,  // ordered
  give_up,    // a step failed for good
  freed,
  freed_after_failure,
};

struct InstanceTransition {
  InstanceState from;
  InstanceEvent on;
  InstanceState to;
};

// The whole life of an instance. A pair that is not here is refused.
inline constexpr auto kInstanceTransitions = [] {
  using S = InstanceState;
  using E = InstanceEvent;
  return std::to_array<InstanceTransition>({
      {S::staging, E::staged, S::booting},
      {S::staging, E::terminate, S::shutting_down},
      {S::staging, E::give_up, S::shutting_down},
      {S::booting, E::started, S::running},
      {S::booting, E::terminate, S::shutting_down},
      {S::booting, E::give_up, S::shutting_down},
      {S::running, E::ended, S::shutting_down},
      {S::running, E::lost, S::booting},
      {S::running, E::terminate, S::shutting_down},
      {S::running, E::give_up, S::shutting_down},
      {S::shutting_down, E::freed, S::terminated},
      {S::shutting_down, E::freed_after_failure, S::failed},
  });
}();

// The state after `on`, or nothing when the event is refused in `from`.
constexpr std::optional<InstanceState> next(InstanceState from, InstanceEvent on) {
  return common::next_state(kInstanceTransitions, from, on);
}
static_assert(next(InstanceState::staging, InstanceEvent::staged) == InstanceState::booting);
static_assert(!next(InstanceState::terminated, InstanceEvent::started));

// Nothing of the instance is left on the node.
constexpr bool is_over(InstanceState s) {
  return s == InstanceState::terminated || s == InstanceState::failed;
}

// As in the SOAP contract: "shutting-down".
std::string_view to_string(InstanceState s);
std::optional<InstanceState> parse_instance_state(std::string_view text);

// What is kept on disk of an instance, written before anything is done for it.
struct InstanceRecord {
  InstanceSpec spec;
  InstanceState state = InstanceState::staging;
  std::string reason;            // why it failed or ended, a sentence; empty while all is well
  bool failing = false;          // shutting down because a step failed
  std::string tap;               // the guest's port, once it was made
  std::string host_boot;         // the host's boot id when the guest was last started
  std::uint32_t restarts = 0;    // how often the guest was lost and started again
  common::SysTime changed_at{};  // of the state
  std::uint64_t sequence = 0;    // grows with every change of the record
  std::map<VolumeId, Attachment> volumes;
  bool operator==(const InstanceRecord&) const = default;
};

// The DMI uuid and serial of the guest: begins with "ec2", so that cloud-init knows where it is,
// and follows from the instance id, so that it never changes.
std::string dmi_uuid(const InstanceId& id);

}  // namespace angophora::nc
