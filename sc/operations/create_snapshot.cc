// CreateSnapshot: takes the point in time. Repeating it is safe.
#include "sc/operations/operations.h"

namespace angophora::sc {

Task<soap::storage::CreateSnapshot::Reply> create_snapshot(Services&, Caller,
                                                           storage__CreateSnapshotType request) {
  co_return Error(Errc::unavailable,
                  "this storage controller does not take snapshots such as " + request.snapshotId);
}

}  // namespace angophora::sc
