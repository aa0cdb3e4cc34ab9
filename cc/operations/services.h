// What the operations work with. I/O thread only.
#pragma once

#include <cstdint>
#include <string>

#include "cc/clients/nodes.h"
#include "cc/domain/zone.h"
#include "common/soap/channel.h"
#include "common/soap/dispatcher.h"

namespace angophora::cc {

using common::Errc;
using common::Error;
using common::ServiceName;
using common::Task;
using common::ZoneName;
using soap::Caller;

struct Services {
  common::Runtime& runtime;
  soap::Channel& channel;
  Zone& zone;
  Nodes& nodes;
  ServiceName name;
  ZoneName zone_name;
  std::string version;  // of the program
  // Together they name a state of the zone: a waiter is answered when they differ from what it
  // knows.
  std::string boot_id;
  std::int64_t generation = 1;
  common::Wake changed;
};

// Serves every operation of operations.inc; only the cloud controller may call them.
void serve_operations(Services& services, soap::Dispatcher& dispatcher);

}  // namespace angophora::cc
