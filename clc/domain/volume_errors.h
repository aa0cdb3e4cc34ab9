// What can be wrong with what a user asks of volumes. clc/http/wire_errors.cc gives each its EC2
// name.
#pragma once

#include "common/base/result.h"

namespace angophora::clc {

enum class VolumeErrc {
  not_found = 1,
  malformed_id,
  in_use,                 // attached, or on its way to or from an instance
  incorrect_state,        // of the volume or of the instance
  zone_mismatch,          // volume and instance are in different availability zones
  limit_exceeded,         // what an account may have
  insufficient_capacity,  // no storage controller could take it
  attachment_not_found,
  device_in_use,
  too_many_attachments,  // what an instance has ports for
};
std::string_view to_string(VolumeErrc e);

}  // namespace angophora::clc

ANGOPHORA_ERROR_ENUM(angophora::clc, VolumeErrc)
