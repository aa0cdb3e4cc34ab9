#include "sc/domain/snapshot.h"

#include "common/chunks/chunk_map.h"

namespace angophora::sc {
namespace {

constexpr SnapshotState kStates[] = {SnapshotState::taking, SnapshotState::pending,
                                     SnapshotState::completed, SnapshotState::error,
                                     SnapshotState::removing};

}  // namespace

std::string_view to_string(SnapshotState state) {
  switch (state) {
    case SnapshotState::taking:
      return "taking";
    case SnapshotState::pending:
      return "pending";
    case SnapshotState::completed:
      return "completed";
    case SnapshotState::error:
      return "error";
    case SnapshotState::removing:
      return "removing";
  }
  return "unknown";
}

Result<SnapshotState> parse_snapshot_state(std::string_view text) {
  for (const auto state : kStates)
    if (to_string(state) == text) return state;
  return Error(common::Errc::corrupt, "a snapshot is in no known state: " + std::string(text));
}

Result<> check_id(const SnapshotId& id) {
  if (chunks::is_snapshot_id(id.value)) return common::ok();
  return Error(VolumeErrc::bad_id, "'" + id.value + "' is not the id of a snapshot");
}

}  // namespace angophora::sc
