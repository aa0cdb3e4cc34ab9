#include "clc/domain/instance_errors.h"

namespace angophora::clc {

std::string_view to_string(InstanceErrc e) {
  switch (e) {
    case InstanceErrc::not_found:
      return "instance not found";
    case InstanceErrc::malformed_id:
      return "malformed instance id";
    case InstanceErrc::incorrect_state:
      return "incorrect instance state";
    case InstanceErrc::insufficient_capacity:
      return "insufficient capacity";
    case InstanceErrc::no_free_address:
      return "no free address";
    case InstanceErrc::limit_exceeded:
      return "instance limit exceeded";
    case InstanceErrc::vcpu_limit_exceeded:
      return "vCPU limit exceeded";
    case InstanceErrc::resource_limit_exceeded:
      return "resource limit exceeded";
    case InstanceErrc::termination_protected:
      return "termination protected";
    case InstanceErrc::subnet_not_found:
      return "subnet not found";
    case InstanceErrc::association_exists:
      return "instance profile association exists";
    case InstanceErrc::no_such_type:
      return "no such instance type";
    case InstanceErrc::user_data_too_large:
      return "user data too large";
  }
  return "unknown instance error";
}

std::string_view to_string(ImageErrc e) {
  switch (e) {
    case ImageErrc::not_found:
      return "image not found";
    case ImageErrc::malformed_id:
      return "malformed image id";
    case ImageErrc::unavailable:
      return "image unavailable";
    case ImageErrc::invalid_manifest:
      return "invalid manifest";
    case ImageErrc::not_readable:
      return "bundle not readable";
    case ImageErrc::duplicate_name:
      return "duplicate image name";
    case ImageErrc::malformed_name:
      return "malformed image name";
    case ImageErrc::bad_attribute_value:
      return "bad image attribute value";
    case ImageErrc::bad_user_id:
      return "bad user id";
    case ImageErrc::too_many_failures:
      return "too many failures";
    case ImageErrc::not_permitted:
      return "not permitted";
  }
  return "unknown image error";
}

}  // namespace angophora::clc
