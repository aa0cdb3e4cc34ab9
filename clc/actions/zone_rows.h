// Availability zones, worked out from the registered services.
#pragma once

#include <string>
#include <vector>

#include "clc/domain/ids.h"
#include "clc/services.h"

namespace angophora::clc {

struct ZoneRow {
  struct Part {
    std::string name, type, state, reason;
  };
  ZoneName name;
  std::string region;
  bool available = false;             // its cluster controller is ENABLED
  std::vector<std::string> messages;  // why it is not
  std::vector<Part> services;
};

// By name. A zone exists when a cluster controller is registered for it.
common::Task<std::vector<ZoneRow>> zone_rows(Services& s);

}  // namespace angophora::clc
