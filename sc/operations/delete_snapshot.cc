// DeleteSnapshot: ends an upload and removes the snapshot. Repeating it is safe.
#include "sc/operations/operations.h"

namespace angophora::sc {

Task<soap::storage::DeleteSnapshot::Reply> delete_snapshot(Services&, Caller,
                                                           storage__DeleteSnapshotType request) {
  co_return Error(Errc::unavailable,
                  "this storage controller does not keep snapshots such as " + request.snapshotId);
}

}  // namespace angophora::sc
