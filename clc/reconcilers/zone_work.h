// Moves one zone's instances towards what their users asked for: finds nodes for those that have
// none, sends orders to run and to end, and has guests destroyed that should not be. Each pass
// looks at everything anew, so a restart only makes it run again; every order names its placement,
// so sending it twice does nothing.
#pragma once

#include <map>
#include <set>
#include <vector>

#include "clc/reconcilers/reconciling.h"
#include "clc/reconcilers/zone_watch.h"

namespace angophora::clc {

class ZoneWork {
 public:
  ZoneWork(Reconciling& shared, ZoneName zone, ZoneWatch& watch)
      : shared_(shared), zone_(std::move(zone)), watch_(watch) {}

  // Until the zone is gone or the daemon stops.
  common::awaitable<void> run(std::shared_ptr<bool> over);
  // One look at everything; run() calls it.
  Task<> pass();

 private:
  using Placement = std::pair<InstanceId, std::int64_t>;
  struct Waiting {
    std::string reason;
    common::SteadyTime not_before{};  // of the next try
  };

  std::vector<NodeRequest> requests_for_room() const;
  Task<> find_nodes(ServiceName cluster);
  Task<> commit_nodes(std::vector<NodeReservation> reservations);
  void forget_settled();
  Task<> give_up_waiting();
  Task<> send_launches(ServiceName cluster);
  Task<std::vector<LaunchOrder>> load_orders(std::vector<InstanceId> ids);
  Task<> take_launch_outcomes(std::vector<Outcome> outcomes, std::vector<Placement> sent);
  Task<> send_ends(ServiceName cluster);
  Task<> end_unplaced();
  Task<> destroy_superseded(ServiceName cluster);

  common::Duration pause_after_refusal(std::int64_t placement_no) const;
  // True when this order was not sent for a while; notes that it is sent now.
  bool is_due(const Placement& placement, std::map<Placement, common::SteadyTime>& sent);

  Reconciling& shared_;
  ZoneName zone_;
  ZoneWatch& watch_;
  std::map<Placement, common::SteadyTime> launches_sent_;
  std::map<Placement, common::SteadyTime> ends_sent_;
  std::map<Placement, common::SteadyTime> destroys_sent_;
  std::map<InstanceId, Waiting> waiting_;  // for a node
};

}  // namespace angophora::clc
