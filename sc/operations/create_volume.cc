// CreateVolume: makes an empty volume. Repeating it is safe.
#include "common/log/log.h"
#include "sc/operations/operations.h"

namespace angophora::sc {

Task<soap::storage::CreateVolume::Reply> create_volume(Services& s, Caller caller,
                                                       storage__CreateVolumeType request) {
  const VolumeId id(request.volumeId);
  if (request.snapshotId)
    co_return Error(Errc::unavailable,
                    "this storage controller makes no volume from " + *request.snapshotId);
  CO_TRY_VOID(co_await s.volumes.create(id, request.sizeGib));
  log::info("volume.created",
            {{"request_id", caller.request_id}, {"volume", id}, {"size_gib", request.sizeGib}});
  co_return storage__CreateVolumeResponseType();
}

}  // namespace angophora::sc
