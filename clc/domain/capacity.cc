#include "clc/domain/capacity.h"

#include <algorithm>

namespace angophora::clc {

std::int64_t fitting(const Resources& left, const Resources& each) {
  std::int64_t count = INT64_MAX;
  const auto limit = [&](std::int64_t have, std::int64_t need) {
    if (need > 0) count = std::min(count, std::max<std::int64_t>(have, 0) / need);
  };
  limit(left.vcpus, each.vcpus);
  limit(left.memory_mib, each.memory_mib);
  limit(left.disk_gib, each.disk_gib);
  return count;
}

std::int64_t fitting(const std::vector<Resources>& left, const Resources& each) {
  std::int64_t count = 0;
  for (const auto& node : left) count += fitting(node, each);
  return count;
}

std::vector<Resources> free_by_node(const std::vector<NodeState>& nodes,
                                    const std::map<NodeName, Resources>& placed,
                                    const std::vector<Unplaced>& unplaced) {
  std::vector<Resources> left;
  for (const auto& node : nodes) {
    if (!node.takes_guests()) continue;
    const auto found = placed.find(node.name);
    const auto promised = found == placed.end() ? Resources{} : found->second;
    Resources used{std::max(promised.vcpus, node.used.vcpus),
                   std::max(promised.memory_mib, node.used.memory_mib),
                   std::max(promised.disk_gib, node.used.disk_gib)};
    Resources rest = node.total;
    rest -= used;
    left.push_back(rest);
  }
  for (const auto& group : unplaced) {
    auto to_place = group.count;
    for (auto& node : left) {
      const auto here = std::min(to_place, fitting(node, group.resources));
      for (auto i = here; i > 0; --i) node -= group.resources;
      to_place -= here;
    }
  }
  return left;
}

}  // namespace angophora::clc
