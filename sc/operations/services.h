// What the operations work with. I/O thread only.
#pragma once

#include <functional>
#include <string>

#include "common/soap/dispatcher.h"
#include "sc/snapshots/snapshots.h"

namespace angophora::sc {

using common::Errc;
using common::ServiceName;
using common::ZoneName;
using soap::Caller;

struct Services {
  common::Runtime& runtime;
  Volumes& volumes;
  Exports& exports;
  Snapshots& snapshots;
  ServiceName name;
  ZoneName zone_name;
  std::string version;  // of the program
  // Where nodes find exports.
  std::function<std::string()> export_host;
};

// Serves every operation of operations.inc.
void serve_operations(Services& services, soap::Dispatcher& dispatcher);

}  // namespace angophora::sc
