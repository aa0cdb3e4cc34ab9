// What the nodes of a zone have left, by its last report and the cloud's own books, and where the
// next instance is promised its room. Pure.
#pragma once

#include <map>
#include <vector>

#include "clc/domain/zone_report.h"

namespace angophora::clc {

// Instances of one size that were acknowledged and have no node yet.
struct Unplaced {
  Resources room;  // that each takes
  std::int64_t count = 0;
  NodeName promised{};  // where their room is kept; empty: nowhere
};

// What one node has left.
struct NodeRoom {
  NodeName name;
  Resources left;
  std::int64_t guest_vcpus_max = 0;  // overcommit makes no machine larger

  bool fits(const Resources& each) const;
};

// What each node has left. `given` are the books: what was placed on each node or promised there;
// where the node itself says that more is in use, that counts. Those of `unplaced` whose promise
// holds for nothing, because their node takes no guests now, take their room elsewhere first.
std::vector<NodeRoom> free_by_node(const std::vector<NodeState>& nodes,
                                   const std::map<NodeName, Resources>& given,
                                   const std::vector<Unplaced>& unplaced);

// How many instances of this size the nodes can take.
std::int64_t fitting(const std::vector<NodeRoom>& rooms, const Resources& each);
// Takes the room for one from the first node that has it; null when none has.
const NodeName* take_room(std::vector<NodeRoom>& rooms, const Resources& each);

}  // namespace angophora::clc
