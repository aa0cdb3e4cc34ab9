// Which snapshots a request is about, and how they are shown.
#pragma once

#include <vector>

#include "clc/actions/action.h"
#include "clc/domain/snapshot.h"

namespace angophora::clc {

// SnapshotErrc::malformed_id for what is no snapshot's id.
Result<> check_snapshot_id(const SnapshotId& id);

// The snapshot, when the caller may use it: SnapshotErrc::malformed_id, not_found.
Result<Snapshot> visible_snapshot(Tx& tx, const Caller& caller, const SnapshotId& id);
// The same, when a volume can be made of it: also SnapshotErrc::incorrect_state.
Result<Snapshot> completed_snapshot(Tx& tx, const Caller& caller, const SnapshotId& id);
// The same as visible_snapshot(), when the caller may change it: also SnapshotErrc::not_permitted.
Result<Snapshot> own_snapshot(Tx& tx, const Caller& caller, const SnapshotId& id);

// Those that the caller may use (all of the cloud when a cloud administrator says "verbose"), by
// id; only those in `ids` when it names any. Others' tags are left out.
Task<std::vector<Snapshot>> select_snapshots(Services& s, Caller caller,
                                             std::vector<SnapshotId> ids);

void add_snapshot(Element& item, const Snapshot& snapshot);

}  // namespace angophora::clc
