// The availability zones as the cloud controller sees them now: which cluster controller serves
// each, and what it last reported. In memory only; I/O thread only.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <vector>

#include "clc/domain/zone_report.h"

namespace angophora::clc {

// A report older than this says nothing about the room of a zone.
inline constexpr common::Duration kReportAgeMax = std::chrono::seconds(10);

struct KnownZone {
  ZoneName name;
  ServiceName cluster;
  std::optional<ZoneReport> report;

  bool is_fresh(common::SteadyTime now) const {
    return report && now - report->received_at <= kReportAgeMax;
  }
  const NodeState* find_node(const NodeName& node) const;
};

class Zones {
 public:
  // In the order of their names.
  const std::map<ZoneName, KnownZone>& all() const { return zones_; }
  const KnownZone* find(const ZoneName& name) const;

  // Takes over which zones there are, who serves them and which nodes are registered. The reports
  // of zones whose cluster controller stayed the same are kept.
  void set_registered(const std::map<ZoneName, ServiceName>& clusters, std::set<NodeName> nodes);
  void set_report(const ZoneName& name, ZoneReport report);
  bool is_registered(const NodeName& node) const { return nodes_.contains(node); }
  // False until set_registered() was called.
  bool is_loaded() const { return loaded_; }

 private:
  std::map<ZoneName, KnownZone> zones_;
  std::set<NodeName> nodes_;
  bool loaded_ = false;
};

}  // namespace angophora::clc
