#include "nc/domain/network_document.h"

#include <algorithm>

namespace angophora::nc {

std::map<common::InstanceId, NetworkFacts> facts_in(const NetworkDocument& document) {
  std::map<common::GroupId, std::string_view> names;
  for (const auto& group : document.groups) names.emplace(group.id, group.name);
  std::map<common::InstanceId, NetworkFacts> all;
  for (const auto& instance : document.instances) {
    auto& facts = all[instance.id];
    facts.public_ip = instance.public_ip;
    for (const auto& group : instance.groups)
      if (const auto found = names.find(group); found != names.end() && !found->second.empty())
        facts.group_names.emplace_back(found->second);
  }
  return all;
}

}  // namespace angophora::nc
