#include "clc/domain/zones.h"

namespace angophora::clc {

const NodeState* KnownZone::find_node(const NodeName& node) const {
  if (!report) return nullptr;
  for (const auto& state : report->nodes)
    if (state.name == node) return &state;
  return nullptr;
}

const KnownZone* Zones::find(const ZoneName& name) const {
  const auto found = zones_.find(name);
  return found == zones_.end() ? nullptr : &found->second;
}

void Zones::set_registered(const std::map<ZoneName, ServiceName>& clusters,
                           std::set<NodeName> nodes) {
  std::map<ZoneName, KnownZone> zones;
  for (const auto& [name, cluster] : clusters) {
    auto& zone = zones[name];
    const auto* before = find(name);
    if (before && before->cluster == cluster) zone = *before;
    zone.name = name;
    zone.cluster = cluster;
  }
  zones_ = std::move(zones);
  nodes_ = std::move(nodes);
  loaded_ = true;
}

void Zones::set_report(const ZoneName& name, ZoneReport report) {
  const auto found = zones_.find(name);
  if (found != zones_.end()) found->second.report = std::move(report);
}

}  // namespace angophora::clc
