// How much of everything there is, for those who run the cloud.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "clc/domain/ids.h"
#include "clc/store/rows.h"

namespace angophora::clc {

using CountByName = std::vector<std::pair<std::string, std::int64_t>>;

struct Census {
  CountByName instances;  // by state; those that are terminated while they are remembered
  CountByName volumes;    // by state, without deleted ones
  CountByName images;     // by kind; available ones
  std::int64_t volumes_gib = 0;
  std::int64_t accounts = 0;
  std::int64_t users = 0;
  std::int64_t registry_version = 0;
  std::int64_t restored_at_ms = 0;  // 0: never was
  // Attachments that have been on their way since before `stuck_since`: volume, state, reason.
  struct Stuck {
    VolumeId volume;
    InstanceId instance;
    std::string state, reason;
    common::SysTime since{};
  };
  std::vector<Stuck> stuck;
};

Result<Census> take_census(Tx& tx, common::SysTime stuck_since);

// The living instances of each node, by node and id.
Result<std::vector<std::pair<NodeName, InstanceId>>> instances_by_node(Tx& tx);

}  // namespace angophora::clc
