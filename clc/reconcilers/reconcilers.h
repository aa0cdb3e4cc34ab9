// All loops that make instances and networks what they should be. One set per availability zone,
// started and ended as zones are registered and removed.
#pragma once

#include <map>
#include <memory>

#include "clc/reconcilers/network_keeper.h"
#include "clc/reconcilers/sweeper.h"
#include "clc/reconcilers/zone_watch.h"
#include "clc/reconcilers/zone_work.h"

namespace angophora::clc {

class Reconcilers {
 public:
  Reconcilers(common::Runtime& runtime, db::Database& db, ClusterClient& clusters,
              WalrusClient& walrus, Zones& zones, Changes& changes, NetworkSettings network,
              ReconcileTimes times = {});

  // Puts the sums in the database right and starts everything.
  Task<> start();
  const InstanceTable& table() const { return table_; }

 private:
  struct ZoneLoops {
    ZoneLoops(Reconciling& shared, const ZoneName& zone)
        : watch(shared, zone), work(shared, zone, watch) {}
    ZoneWatch watch;
    ZoneWork work;
  };
  struct Running {
    ServiceName cluster;
    std::shared_ptr<bool> over;
  };
  common::awaitable<void> follow_registry();
  Task<> load_zones();
  // Owns the loops' state until all three have ended.
  common::awaitable<void> run_watch(std::shared_ptr<ZoneLoops> loops, std::shared_ptr<bool> over);
  common::awaitable<void> run_work(std::shared_ptr<ZoneLoops> loops, std::shared_ptr<bool> over);

  InstanceTable table_;
  Reconciling shared_;
  NetworkKeeper network_;
  Sweeper sweeper_;
  std::map<ZoneName, Running> running_;
};

}  // namespace angophora::clc
