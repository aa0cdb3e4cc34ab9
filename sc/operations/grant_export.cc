// GrantExport: the cloud controller names who may open a volume. Repeating it is safe.
#include "common/log/log.h"
#include "sc/operations/operations.h"

namespace angophora::sc {

Task<soap::storage::GrantExport::Reply> grant_export(Services& s, Caller caller,
                                                     storage__GrantExportType request) {
  const VolumeId volume(request.volumeId);
  Holder holder{InstanceId(request.instanceId), NodeName(request.nodeName),
                request.attachmentEpoch};
  CO_TRY_VOID(co_await s.exports.grant(volume, holder));
  log::info("export.granted", {{"request_id", caller.request_id},
                               {"volume", volume},
                               {"instance", holder.instance},
                               {"node", holder.node},
                               {"epoch", holder.epoch}});
  co_return storage__GrantExportResponseType();
}

}  // namespace angophora::sc
