// ExportVolume: tells the granted node where the volume is and with which key. Repeating it is safe
// and gives the same answer.
#include "common/base/encoding.h"
#include "common/log/log.h"
#include "sc/operations/operations.h"

namespace angophora::sc {

Task<soap::storage::ExportVolume::Reply> export_volume(Services& s, Caller caller,
                                                       storage__ExportVolumeType request) {
  const VolumeId volume(request.volumeId);
  Holder holder{InstanceId(request.instanceId), NodeName(caller.name.value),
                request.attachmentEpoch};
  const auto opened = co_await s.exports.open(volume, holder);
  if (!opened) {
    log::warn("export.refused", {{"request_id", caller.request_id},
                                 {"volume", volume},
                                 {"node", holder.node},
                                 {"epoch", holder.epoch},
                                 {"reason", opened.assume_error()}});
    co_return Error(opened.assume_error());
  }
  const auto& spec = opened.assume_value();
  log::info("export.opened", {{"request_id", caller.request_id},
                              {"volume", volume},
                              {"node", holder.node},
                              {"epoch", holder.epoch},
                              {"port", spec.port}});
  storage__ExportVolumeResponseType answer;
  answer.host = s.export_host();
  answer.port = spec.port;
  answer.exportName = volume.value;
  answer.pskUsername = psk_username(volume, spec.epoch);
  answer.pskKey = common::hex_encode(spec.key);
  answer.sizeBytes = static_cast<std::int64_t>(spec.size_bytes);
  co_return answer;
}

}  // namespace angophora::sc
