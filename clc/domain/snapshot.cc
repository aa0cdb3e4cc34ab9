#include "clc/domain/snapshot.h"

namespace angophora::clc {

std::string_view to_string(SnapshotState state) {
  switch (state) {
    case SnapshotState::pending:
      return "pending";
    case SnapshotState::completed:
      return "completed";
    case SnapshotState::error:
      return "error";
    case SnapshotState::deleting:
      return "deleting";
    case SnapshotState::deleted:
      return "deleted";
  }
  return "error";
}

std::optional<SnapshotState> parse_snapshot_state(std::string_view text) {
  using S = SnapshotState;
  for (const auto state : {S::pending, S::completed, S::error, S::deleting, S::deleted})
    if (text == to_string(state)) return state;
  return std::nullopt;
}

}  // namespace angophora::clc
