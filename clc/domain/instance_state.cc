#include "clc/domain/instance_state.h"

namespace angophora::clc {

std::string_view to_string(InstanceState state) {
  switch (state) {
    case InstanceState::pending:
      return "pending";
    case InstanceState::running:
      return "running";
    case InstanceState::shutting_down:
      return "shutting-down";
    case InstanceState::terminated:
      return "terminated";
  }
  return "terminated";
}

std::optional<InstanceState> parse_instance_state(std::string_view text) {
  using S = InstanceState;
  for (const auto state : {S::pending, S::running, S::shutting_down, S::terminated})
    if (text == to_string(state)) return state;
  return std::nullopt;
}

}  // namespace angophora::clc
