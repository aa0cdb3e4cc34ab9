// What can go wrong, in the words of the APIs.
#pragma once

#include <string>

#include "clc/actions/action.h"
#include "common/base/result.h"

namespace angophora::clc {

struct WireFault {
  std::string code;     // InvalidKeyPair.NotFound
  std::string message;  // one sentence for the user; never internal text
  int status = 400;
};

// How `error` is told to a client of `api`. What has no name of its own becomes InternalError with
// a neutral sentence, and `is_internal` says that the true one belongs in the log.
WireFault wire_fault(Api api, const common::Error& error, bool* is_internal = nullptr);

}  // namespace angophora::clc
