// A life cycle is a table of its legal steps, {from, on, to} each; no other code assigns a state.
#pragma once

#include <optional>

namespace angophora::common {

// The state after `on`, or nothing when the event is refused in `from`.
template <class Table, class State, class Event>
constexpr std::optional<State> next_state(const Table& transitions, State from, Event on) {
  for (const auto& t : transitions)
    if (t.from == from && t.on == on) return t.to;
  return std::nullopt;
}

}  // namespace angophora::common
