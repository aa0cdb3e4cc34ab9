// What the operations work with. I/O thread only.
#pragma once

#include <string>

#include "common/soap/dispatcher.h"
#include "sc/backends/volume_backend.h"

namespace angophora::sc {

using common::Errc;
using common::ServiceName;
using common::ZoneName;
using soap::Caller;

struct Services {
  common::Runtime& runtime;
  VolumeBackend& volumes;
  ServiceName name;
  ZoneName zone_name;
  std::string version;  // of the program
};

// Serves every operation of operations.inc; only the cloud controller may call them.
void serve_operations(Services& services, soap::Dispatcher& dispatcher);

}  // namespace angophora::sc
