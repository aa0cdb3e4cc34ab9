// UnexportVolume: the node has let go of the volume. Repeating it is safe.
#include "common/log/log.h"
#include "sc/operations/operations.h"

namespace angophora::sc {

Task<soap::storage::UnexportVolume::Reply> unexport_volume(Services& s, Caller caller,
                                                           storage__UnexportVolumeType request) {
  const VolumeId volume(request.volumeId);
  Holder holder{InstanceId(request.instanceId), NodeName(caller.name.value),
                request.attachmentEpoch};
  CO_TRY_VOID(co_await s.exports.close(volume, holder));
  log::info("export.closed", {{"request_id", caller.request_id},
                              {"volume", volume},
                              {"node", holder.node},
                              {"epoch", holder.epoch}});
  co_return storage__UnexportVolumeResponseType();
}

}  // namespace angophora::sc
