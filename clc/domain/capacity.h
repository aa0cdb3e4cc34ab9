// How many more instances of a type a zone can hold, by its last report and what the database
// has promised since. Pure.
#pragma once

#include <map>
#include <vector>

#include "clc/domain/zone_report.h"

namespace angophora::clc {

// Instances of one size that were acknowledged and have no node yet.
struct Unplaced {
  Resources resources;
  std::int64_t count = 0;
};

// What each node has left once the promised instances took their place. `placed` is what the
// database has put on each node; where the node itself says that more is in use, that counts.
std::vector<Resources> free_by_node(const std::vector<NodeState>& nodes,
                                    const std::map<NodeName, Resources>& placed,
                                    const std::vector<Unplaced>& unplaced);

// How many instances of this size one node with `left` can take.
std::int64_t fitting(const Resources& left, const Resources& each);
// How many the whole zone can take.
std::int64_t fitting(const std::vector<Resources>& left, const Resources& each);

}  // namespace angophora::clc
