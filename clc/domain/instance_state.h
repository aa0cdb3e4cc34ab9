// The life of an instance, as EC2 shows it: one table, and no other code assigns a state.
#pragma once

#include <array>
#include <optional>
#include <string_view>

#include "common/base/transitions.h"

namespace angophora::clc {

enum class InstanceState {
  pending,        // acknowledged; has an address, may have a node, does not run yet
  running,        // its node has reported it
  shutting_down,  // somebody wants it gone; its node may still hold it
  terminated,     // its node has let go of it (or is fenced); holds nothing any more
};

enum class InstanceEvent {
  booted,     // the node reports that the guest runs
  failed,     // the node, or placement, gave up on it for good
  ended,      // the guest shut itself down
  terminate,  // a user asked for its end
  destroyed,  // the node reports that nothing of it is left
  lost,       // its node is gone for good, or came back without it
};

struct InstanceTransition {
  InstanceState from;
  InstanceEvent on;
  InstanceState to;
};

// A pair that is not here is refused.
inline constexpr auto kInstanceTransitions = [] {
  using S = InstanceState;
  using E = InstanceEvent;
  return std::to_array<InstanceTransition>({
      {S::pending, E::booted, S::running},
      {S::pending, E::failed, S::terminated},
      {S::pending, E::ended, S::terminated},
      {S::pending, E::terminate, S::shutting_down},
      {S::running, E::failed, S::terminated},
      {S::running, E::ended, S::terminated},
      {S::running, E::terminate, S::shutting_down},
      {S::running, E::lost, S::terminated},
      {S::shutting_down, E::destroyed, S::terminated},
      {S::shutting_down, E::lost, S::terminated},
  });
}();

// The state after `on`, or nothing when the event is refused in `from`.
constexpr std::optional<InstanceState> next(InstanceState from, InstanceEvent on) {
  return common::next_state(kInstanceTransitions, from, on);
}
static_assert(next(InstanceState::pending, InstanceEvent::booted) == InstanceState::running);
static_assert(!next(InstanceState::shutting_down, InstanceEvent::booted));
static_assert(!next(InstanceState::terminated, InstanceEvent::booted));

// EC2's name and number.
std::string_view to_string(InstanceState state);
std::optional<InstanceState> parse_instance_state(std::string_view text);
constexpr int code_of(InstanceState state) {
  switch (state) {
    case InstanceState::pending:
      return 0;
    case InstanceState::running:
      return 16;
    case InstanceState::shutting_down:
      return 32;
    case InstanceState::terminated:
      return 48;
  }
  return 48;
}

}  // namespace angophora::clc
