// CreateSnapshot: takes the point in time. Repeating it is safe.
#include "sc/operations/operations.h"

namespace angophora::sc {

storage__snapshot wire_form(const Snapshot& snapshot, int percent) {
  storage__snapshot wire;
  wire.snapshotId = snapshot.id.value;
  wire.volumeId = snapshot.volume.value;
  wire.sizeGib = static_cast<int>(snapshot.size_gib);
  wire.startTimeMs = snapshot.start.time_since_epoch().count();
  wire.state = std::string(to_string(snapshot.state));
  wire.progress = percent;
  if (!snapshot.reason.empty()) wire.reason = snapshot.reason;
  return wire;
}

Task<soap::storage::CreateSnapshot::Reply> create_snapshot(Services& s, Caller,
                                                           storage__CreateSnapshotType request) {
  SnapshotId id(request.snapshotId);
  VolumeId volume(request.volumeId);
  CO_TRY(const auto snapshot, co_await s.snapshots.create(std::move(id), std::move(volume)));
  storage__CreateSnapshotResponseType answer;
  answer.snapshot = wire_form(snapshot, snapshot.state == SnapshotState::completed ? 100 : 0);
  co_return answer;
}

}  // namespace angophora::sc
