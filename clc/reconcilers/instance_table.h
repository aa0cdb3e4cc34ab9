// The instances as the database has them, in memory, for the loops that look at all of them many
// times a second. Follows the database by the instances' revision; never written to otherwise.
// I/O thread only.
#pragma once

#include <map>
#include <set>
#include <vector>

#include "clc/domain/instance.h"
#include "common/db/database.h"

namespace angophora::clc {

class InstanceTable {
 public:
  explicit InstanceTable(db::Database& db) : db_(db) {}

  // Takes over what changed since the last time; the first time, everything.
  common::Task<> refresh();
  // Drops instances that the database has forgotten.
  void forget(const std::vector<InstanceId>& ids);

  // Without user data and key. The pointer is good until the next refresh() or forget().
  const Instance* find(const InstanceId& id) const;
  const std::map<InstanceId, Instance>& all() const { return instances_; }
  // How many there are of each zone in each state; what once was stays with a zero.
  using Counts = std::map<std::pair<ZoneName, InstanceState>, std::int64_t>;
  const Counts& counts() const { return counts_; }
  // Those of a zone that are not terminated.
  std::vector<const Instance*> active_in(const ZoneName& zone) const;
  // Those of a zone that are on their way somewhere: pending or shutting down.
  std::vector<const Instance*> unsettled_in(const ZoneName& zone) const;

 private:
  db::Database& db_;
  std::map<InstanceId, Instance> instances_;
  std::set<InstanceId> unsettled_;
  std::int64_t revision_ = 0;
  Counts counts_;
};

}  // namespace angophora::clc
