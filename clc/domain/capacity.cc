#include "clc/domain/capacity.h"

#include <algorithm>

namespace angophora::clc {
namespace {

std::int64_t fitting_one(const NodeRoom& room, const Resources& each) {
  if (each.vcpus > room.guest_vcpus_max) return 0;
  std::int64_t count = INT64_MAX;
  const auto limit = [&](std::int64_t have, std::int64_t need) {
    if (need > 0) count = std::min(count, std::max<std::int64_t>(have, 0) / need);
  };
  limit(room.left.vcpus, each.vcpus);
  limit(room.left.memory_mib, each.memory_mib);
  limit(room.left.disk_gib, each.disk_gib);
  return count;
}

// The large ones first: what they leave, small ones still fill.
std::vector<Unplaced> without_promise(const std::vector<Unplaced>& unplaced,
                                      const std::vector<NodeRoom>& rooms) {
  std::vector<Unplaced> homeless;
  for (const auto& group : unplaced)
    if (std::none_of(rooms.begin(), rooms.end(),
                     [&](const NodeRoom& room) { return room.name == group.promised; }))
      homeless.push_back(group);
  std::stable_sort(homeless.begin(), homeless.end(), [](const Unplaced& a, const Unplaced& b) {
    return a.room.memory_mib > b.room.memory_mib;
  });
  return homeless;
}

}  // namespace

bool NodeRoom::fits(const Resources& each) const { return fitting_one(*this, each) > 0; }

std::int64_t fitting(const std::vector<NodeRoom>& rooms, const Resources& each) {
  std::int64_t count = 0;
  for (const auto& room : rooms) count += fitting_one(room, each);
  return count;
}

const NodeName* take_room(std::vector<NodeRoom>& rooms, const Resources& each) {
  for (auto& room : rooms) {
    if (!room.fits(each)) continue;
    room.left -= each;
    return &room.name;
  }
  return nullptr;
}

std::vector<NodeRoom> free_by_node(const std::vector<NodeState>& nodes,
                                   const std::map<NodeName, Resources>& given,
                                   const std::vector<Unplaced>& unplaced) {
  std::vector<NodeRoom> rooms;
  for (const auto& node : nodes) {
    if (!node.takes_guests()) continue;
    const auto found = given.find(node.name);
    const auto in_books = found == given.end() ? Resources{} : found->second;
    const Resources used{std::max(in_books.vcpus, node.used.vcpus),
                         std::max(in_books.memory_mib, node.used.memory_mib),
                         std::max(in_books.disk_gib, node.used.disk_gib)};
    auto& room = rooms.emplace_back(NodeRoom{node.name, node.total, node.guest_vcpus_max});
    room.left -= used;
  }
  for (const auto& group : without_promise(unplaced, rooms))
    for (auto left = group.count; left > 0; --left)
      if (!take_room(rooms, group.room)) break;
  return rooms;
}

}  // namespace angophora::clc
