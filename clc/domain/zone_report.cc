#include "clc/domain/zone_report.h"

namespace angophora::clc {

std::string_view to_string(GuestState state) {
  switch (state) {
    case GuestState::staging:
      return "staging";
    case GuestState::booting:
      return "booting";
    case GuestState::running:
      return "running";
    case GuestState::shutting_down:
      return "shutting-down";
    case GuestState::terminated:
      return "terminated";
    case GuestState::failed:
      return "failed";
  }
  return "failed";
}

std::optional<GuestState> parse_guest_state(std::string_view text) {
  using S = GuestState;
  for (const auto state :
       {S::staging, S::booting, S::running, S::shutting_down, S::terminated, S::failed})
    if (text == to_string(state)) return state;
  return std::nullopt;
}

std::string_view to_string(NodeVolumeState state) {
  switch (state) {
    case NodeVolumeState::attaching:
      return "attaching";
    case NodeVolumeState::attached:
      return "attached";
    case NodeVolumeState::detaching:
      return "detaching";
    case NodeVolumeState::detached:
      return "detached";
    case NodeVolumeState::failed:
      return "failed";
  }
  return "failed";
}

std::optional<NodeVolumeState> parse_node_volume_state(std::string_view text) {
  using S = NodeVolumeState;
  for (const auto state : {S::attaching, S::attached, S::detaching, S::detached, S::failed})
    if (text == to_string(state)) return state;
  return std::nullopt;
}

}  // namespace angophora::clc
