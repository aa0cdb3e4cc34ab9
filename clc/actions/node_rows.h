// The nodes as those who run the cloud see them.
#pragma once

#include <string>
#include <vector>

#include "clc/domain/service.h"
#include "clc/domain/zone_report.h"
#include "clc/services.h"

namespace angophora::clc {

struct NodeRow {
  Service service;
  ServiceHealth health;
  std::vector<InstanceId> instances;  // that the cloud has placed there
  std::vector<InstanceId> unknown;    // guests that it runs and the cloud knows nothing of

  // What its zone's cluster controller last reported; false: nothing fresh.
  bool is_reported = false;
  NodeState state;
  Resources left;  // for new instances; nothing unless it is ENABLED

  struct TypeRoom {
    std::string type;
    std::int64_t max = 0, available = 0;
  };
  std::vector<TypeRoom> room;  // one for each instance type, in their order
};

// By zone and name.
common::Task<std::vector<NodeRow>> node_rows(Services& s);

}  // namespace angophora::clc
