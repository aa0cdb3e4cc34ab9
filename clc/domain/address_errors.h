// What can be wrong with what a user asks of public addresses. clc/http/wire_errors.cc gives each
// its EC2 name.
#pragma once

#include "common/base/result.h"

namespace angophora::clc {

enum class AddressErrc {
  not_found = 1,
  malformed,
  allocation_not_found,
  association_not_found,
  interface_not_found,
  foreign,  // another account has it
  in_use,
  already_associated,     // and the caller said not to move it
  limit_exceeded,         // what an account may have
  insufficient_capacity,  // the pool has no free one
};
std::string_view to_string(AddressErrc e);

}  // namespace angophora::clc

ANGOPHORA_ERROR_ENUM(angophora::clc, AddressErrc)
