#include "clc/domain/volume_errors.h"

namespace angophora::clc {

std::string_view to_string(VolumeErrc e) {
  switch (e) {
    case VolumeErrc::not_found:
      return "volume not found";
    case VolumeErrc::malformed_id:
      return "malformed volume id";
    case VolumeErrc::in_use:
      return "volume in use";
    case VolumeErrc::incorrect_state:
      return "incorrect volume state";
    case VolumeErrc::zone_mismatch:
      return "zone mismatch";
    case VolumeErrc::limit_exceeded:
      return "volume limit exceeded";
    case VolumeErrc::insufficient_capacity:
      return "insufficient volume capacity";
    case VolumeErrc::attachment_not_found:
      return "attachment not found";
    case VolumeErrc::device_in_use:
      return "device in use";
    case VolumeErrc::too_many_attachments:
      return "too many attachments";
  }
  return "unknown volume error";
}

}  // namespace angophora::clc
