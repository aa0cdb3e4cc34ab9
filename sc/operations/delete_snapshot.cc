// DeleteSnapshot: ends an upload and removes the snapshot. Repeating it is safe.
#include "common/log/log.h"
#include "sc/operations/operations.h"

namespace angophora::sc {

Task<soap::storage::DeleteSnapshot::Reply> delete_snapshot(Services& s, Caller caller,
                                                           storage__DeleteSnapshotType request) {
  const SnapshotId id(request.snapshotId);
  CO_TRY_VOID(co_await s.snapshots.remove(id));
  log::info("snapshot.removed", {{"request_id", caller.request_id}, {"snapshot", id}});
  co_return storage__DeleteSnapshotResponseType();
}

}  // namespace angophora::sc
