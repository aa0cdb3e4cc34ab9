// RevokeExport: ends an attachment and all before it. The answer comes when their connections are
// closed. Repeating it is safe.
#include "common/log/log.h"
#include "sc/operations/operations.h"

namespace angophora::sc {

Task<soap::storage::RevokeExport::Reply> revoke_export(Services& s, Caller caller,
                                                       storage__RevokeExportType request) {
  const VolumeId volume(request.volumeId);
  CO_TRY_VOID(co_await s.exports.revoke(volume, request.attachmentEpoch));
  log::info(
      "export.revoked",
      {{"request_id", caller.request_id}, {"volume", volume}, {"epoch", request.attachmentEpoch}});
  co_return storage__RevokeExportResponseType();
}

}  // namespace angophora::sc
