// DeleteVolume: removes a volume and its bytes, unless it is granted or a snapshot
// of it is pending. Repeating it is safe.
#include "common/log/log.h"
#include "sc/operations/operations.h"

namespace angophora::sc {

Task<soap::storage::DeleteVolume::Reply> delete_volume(Services& s, Caller caller,
                                                       storage__DeleteVolumeType request) {
  const VolumeId id(request.volumeId);
  CO_TRY_VOID(co_await s.snapshots.remove_volume(id));
  log::info("volume.removed", {{"request_id", caller.request_id}, {"volume", id}});
  co_return storage__DeleteVolumeResponseType();
}

}  // namespace angophora::sc
