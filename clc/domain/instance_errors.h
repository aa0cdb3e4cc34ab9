// What can be wrong with what a user asks of instances and images. clc/http/wire_errors.cc gives
// each its EC2 name.
#pragma once

#include "common/base/result.h"

namespace angophora::clc {

enum class InstanceErrc {
  not_found = 1,
  malformed_id,
  incorrect_state,
  insufficient_capacity,
  no_free_address,
  limit_exceeded,           // of instances
  vcpu_limit_exceeded,      // of the vCPUs of all instances
  resource_limit_exceeded,  // of what has no code of its own
  termination_protected,
  user_data_too_large,
  subnet_not_found,
  no_such_type,
  association_exists,  // the instance has a profile already
};
std::string_view to_string(InstanceErrc e);

enum class ImageErrc {
  not_found = 1,
  malformed_id,
  unavailable,
  invalid_manifest,
  not_readable,  // the account may not read the manifest or a part of the bundle
  duplicate_name,
  malformed_name,
  bad_attribute_value,
  bad_user_id,
  not_permitted,  // only the owner may do this
  too_many_failures,
};
std::string_view to_string(ImageErrc e);

}  // namespace angophora::clc

ANGOPHORA_ERROR_ENUM(angophora::clc, InstanceErrc)
ANGOPHORA_ERROR_ENUM(angophora::clc, ImageErrc)
