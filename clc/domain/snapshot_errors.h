// What can be wrong with what a user asks of snapshots. clc/http/wire_errors.cc gives each its EC2
// name.
#pragma once

#include "common/base/result.h"

namespace angophora::clc {

enum class SnapshotErrc {
  not_found = 1,  // or not to be seen by this account
  malformed_id,
  incorrect_state,  // not completed
  not_permitted,    // only the owner may do this
  limit_exceeded,   // what an account may have
  bad_user_id,
};
std::string_view to_string(SnapshotErrc e);

}  // namespace angophora::clc

ANGOPHORA_ERROR_ENUM(angophora::clc, SnapshotErrc)
