// CreateVolume: makes a volume, empty or from a snapshot. Repeating it is safe.
#include "common/log/log.h"
#include "sc/operations/operations.h"

namespace angophora::sc {

Task<soap::storage::CreateVolume::Reply> create_volume(Services& s, Caller caller,
                                                       storage__CreateVolumeType request) {
  const VolumeId id(request.volumeId);
  const SnapshotId from(request.snapshotId.value_or(""));
  if (request.snapshotId) {
    CO_TRY_VOID(co_await s.snapshots.create_volume(id, request.sizeGib, from));
  } else {
    CO_TRY_VOID(co_await s.volumes.create(id, request.sizeGib));
  }
  log::info("volume.created", {{"request_id", caller.request_id},
                               {"volume", id},
                               {"size_gib", request.sizeGib},
                               {"snapshot", from}});
  co_return storage__CreateVolumeResponseType();
}

}  // namespace angophora::sc
