// Asks one zone's cluster controller for its report, again and again, and moves the instances to
// what it says. What was asked for stays untouched: only the zone's work changes that.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <vector>

#include "clc/domain/guest_judgement.h"
#include "clc/reconcilers/reconciling.h"

namespace angophora::clc {

class ZoneWatch {
 public:
  ZoneWatch(Reconciling& shared, ZoneName zone) : shared_(shared), zone_(std::move(zone)) {}

  // Until the zone is gone or the daemon stops.
  common::awaitable<void> run(std::shared_ptr<bool> over);

  // Guests of the last report that must not exist.
  const std::vector<GuestRef>& to_destroy() const { return to_destroy_; }
  // The order to destroy the instance was taken by its node, now.
  void note_end_ordered(const InstanceId& id, std::int64_t placement_no);
  // True when the last report shows this placement.
  bool is_reported(const InstanceId& id, std::int64_t placement_no) const;
  // Told after each report.
  common::Wake& reported() { return reported_; }

  // What a report makes of the instances; run() calls it. For tests.
  Task<> take_over(ZoneReport report);

 private:
  struct Step {
    InstanceId id;
    std::int64_t placement_no = 0;
    InstanceEvent event = InstanceEvent::booted;
    StateReason reason;
    NodeName superseded_on;  // the node that may still hold the guest, if any
  };
  void judge_guests(const ZoneReport& report, std::vector<Step>& steps);
  void judge_absent(const ZoneReport& report, std::vector<Step>& steps);
  std::optional<Step> judge_one_absent(const Instance& instance, const ZoneReport& report);
  Task<> carry_out(std::vector<Step> steps);
  Task<> leave_fenced_nodes();

  Reconciling& shared_;
  ZoneName zone_;
  common::Wake reported_;
  std::vector<GuestRef> to_destroy_;
  std::set<std::pair<InstanceId, std::int64_t>> seen_;
  std::map<std::pair<InstanceId, std::int64_t>, common::SteadyTime> end_ordered_;
  std::map<InstanceId, common::SteadyTime> missing_since_;
  std::set<InstanceId> unknown_;
};

}  // namespace angophora::clc
