// All checks of a machine.
#pragma once

#include "common/runtime/runtime.h"
#include "doctor/finding.h"
#include "doctor/machine.h"

namespace angophora::doctor {

struct Options {
  std::string settings_dir = "/etc/angophora";
  std::string version;  // that the daemons should have
};

// Errc::not_found when no daemon of the cloud lives on this machine.
Task<Findings> examine(Machine& machine, Options options);

}  // namespace angophora::doctor
