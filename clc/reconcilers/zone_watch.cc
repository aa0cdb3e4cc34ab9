#include "clc/reconcilers/zone_watch.h"

#include "clc/store/events.h"
#include "clc/store/instances.h"
#include "common/log/log.h"

namespace angophora::clc {
namespace {

Event event_of(const Instance& instance, const StateReason& reason) {
  return {instance.account, "instance." + std::string(to_string(instance.state)), instance.id.value,
          "node=" + instance.node.value + " placement=" + std::to_string(instance.placement_no) +
              (reason.code.empty() ? "" : " reason=" + reason.code)};
}

}  // namespace

common::awaitable<void> ZoneWatch::run(std::shared_ptr<bool> over) {
  bool silent = false;
  while (!*over && !shared_.runtime.stopping()) {
    const auto* zone = shared_.zones.find(zone_);
    if (!zone) co_return;
    const auto cluster = zone->cluster;
    const auto boot_id = zone->report ? zone->report->boot_id : std::string();
    const auto generation = zone->report ? zone->report->generation : 0;
    auto report = co_await shared_.clusters.describe_zone(cluster, boot_id, generation,
                                                          shared_.times.poll_wait);
    if (*over) co_return;
    Result<> taken = common::ok();
    bool hasty = false;
    if (report) {
      auto received = std::move(report).assume_value();
      hasty = received.boot_id == boot_id && received.generation == generation &&
              received.received_at - received.asked_at < shared_.times.poll_wait / 2;
      taken = co_await take_over(std::move(received));
    }
    // Nothing new and yet no wait: a cluster controller that does not hold polls.
    if (hasty) co_await shared_.runtime.sleep_for(shared_.times.poll_wait);
    if (report && taken) {
      if (silent) log::info("zone.reports_again", {{"zone", zone_}, {"cluster", cluster}});
      silent = false;
      continue;
    }
    const auto& error = report ? taken.error() : report.error();
    if (!silent)
      log::warn("zone.silent", {{"zone", zone_}, {"cluster", cluster}, {"reason", error}});
    silent = true;
    co_await shared_.runtime.sleep_for(shared_.times.poll_retry);
  }
}

Task<> ZoneWatch::take_over(ZoneReport report) {
  CO_TRY_VOID(co_await shared_.table.refresh());
  std::vector<Step> steps;
  judge_guests(report, steps);
  judge_absent(report, steps);
  shared_.zones.set_report(zone_, std::move(report));
  if (!steps.empty()) {
    CO_TRY_VOID(co_await carry_out(std::move(steps)));
    CO_TRY_VOID(co_await shared_.table.refresh());
    shared_.changes.network.notify();
  }
  CO_TRY_VOID(co_await leave_fenced_nodes());
  reported_.notify();
  shared_.changes.volumes.notify();
  co_return common::ok();
}

void ZoneWatch::judge_guests(const ZoneReport& report, std::vector<Step>& steps) {
  to_destroy_.clear();
  seen_.clear();
  for (const auto& guest : report.guests) {
    const auto* instance = shared_.table.find(guest.id);
    auto judgement = judge(instance, guest);
    if (instance && guest.node == instance->node) seen_.emplace(guest.id, guest.placement_no);
    switch (judgement.verdict) {
      case Verdict::nothing:
        break;
      case Verdict::advance:
        steps.push_back({guest.id, guest.placement_no, judgement.event, std::move(judgement.reason),
                         NodeName()});
        break;
      case Verdict::destroy:
        to_destroy_.push_back({guest.node, guest.id, guest.placement_no});
        break;
      case Verdict::unknown:
        if (unknown_.insert(guest.id).second)
          log::warn("guest.unknown",
                    {{"zone", zone_}, {"node", guest.node}, {"instance", guest.id}});
        break;
    }
  }
}

void ZoneWatch::judge_absent(const ZoneReport& report, std::vector<Step>& steps) {
  std::erase_if(missing_since_, [&](const auto& entry) {
    const auto* instance = shared_.table.find(entry.first);
    return !instance || seen_.contains({entry.first, instance->placement_no});
  });
  std::erase_if(end_ordered_, [&](const auto& entry) {
    const auto* instance = shared_.table.find(entry.first.first);
    return !instance || !instance->holds_resources();
  });
  for (const auto* instance : shared_.table.active_in(zone_)) {
    if (instance->node.empty() || seen_.contains({instance->id, instance->placement_no})) continue;
    if (auto step = judge_one_absent(*instance, report)) steps.push_back(std::move(*step));
  }
}

std::optional<ZoneWatch::Step> ZoneWatch::judge_one_absent(const Instance& instance,
                                                           const ZoneReport& report) {
  const NodeState* node = nullptr;
  for (const auto& state : report.nodes)
    if (state.name == instance.node) node = &state;
  if (!node || !node->speaks_for_itself()) {
    // A silent node may well hold it: nothing follows from silence.
    missing_since_.erase(instance.id);
    return std::nullopt;
  }
  const std::pair key(instance.id, instance.placement_no);
  if (instance.state == InstanceState::shutting_down) {
    // What the cluster controller knows of a reachable node may be as old as it tolerates silence.
    const auto ordered = end_ordered_.find(key);
    if (ordered == end_ordered_.end() ||
        report.asked_at - ordered->second <= shared_.times.node_news_age)
      return std::nullopt;
    return Step{instance.id, instance.placement_no, InstanceEvent::destroyed, {}, NodeName()};
  }
  if (instance.state != InstanceState::running) return std::nullopt;  // its order is sent again
  const auto since = missing_since_.emplace(instance.id, report.received_at).first->second;
  if (report.received_at - since < shared_.times.lost_after) return std::nullopt;
  return Step{instance.id, instance.placement_no, InstanceEvent::lost,
              server_failed("node " + instance.node.value + " no longer has the instance"),
              instance.node};
}

Task<> ZoneWatch::carry_out(std::vector<Step> steps) {
  const auto now = shared_.runtime.now();
  const auto change = [&steps, now, zone = zone_](Tx& tx) -> Result<std::vector<Instance>> {
    std::vector<Instance> changed;
    Instances instances(tx);
    for (const auto& step : steps) {
      TRY(const bool moved,
          instances.advance(step.id, step.placement_no, step.event, step.reason, now));
      if (!moved) continue;
      if (!step.superseded_on.empty())
        TRY_VOID(instances.keep_superseded({step.id, step.placement_no, step.superseded_on, zone}));
      TRY(auto instance, instances.find(step.id));
      TRY_VOID(Events(tx).append(event_of(*instance, step.reason), now));
      changed.push_back(std::move(*instance));
    }
    return changed;
  };
  CO_TRY(const auto changed, co_await shared_.db.write(change));
  for (const auto& instance : changed)
    log::info("instance.state_changed",
              {{"instance", instance.id},
               {"state", to_string(instance.state)},
               {"node", instance.node},
               {"placement", instance.placement_no},
               {"reason", instance.reason.message},
               {"since_launch_ms", (now - instance.launched_at).count()}});
  co_return common::ok();
}

// An administrator's deregistration says that a node will not run anything any more: only then do
// its instances leave it. What never ran starts elsewhere; what ran is lost with its disk.
Task<> ZoneWatch::leave_fenced_nodes() {
  if (!shared_.zones.is_loaded()) co_return common::ok();
  std::vector<Step> lost;
  std::vector<std::pair<InstanceId, std::int64_t>> moved;
  for (const auto* instance : shared_.table.active_in(zone_)) {
    if (instance->node.empty() || shared_.zones.is_registered(instance->node)) continue;
    if (instance->state == InstanceState::pending)
      moved.emplace_back(instance->id, instance->placement_no);
    else
      lost.push_back({instance->id, instance->placement_no, InstanceEvent::lost,
                      server_failed("node " + instance->node.value + " was removed"),
                      instance->node});
  }
  if (!lost.empty()) CO_TRY_VOID(co_await carry_out(std::move(lost)));
  const auto now = shared_.runtime.now();
  const auto leave = [&moved, now](Tx& tx) -> Result<> {
    for (const auto& [id, placement_no] : moved)
      TRY_VOID(Instances(tx).unplace(id, placement_no, now));
    return common::ok();
  };
  if (!moved.empty()) {
    CO_TRY_VOID(co_await shared_.db.write(leave));
    shared_.changes.instances.notify();
  }
  CO_TRY_VOID(co_await shared_.table.refresh());
  co_return common::ok();
}

void ZoneWatch::note_end_ordered(const InstanceId& id, std::int64_t placement_no) {
  end_ordered_.emplace(std::pair(id, placement_no), shared_.runtime.steady_now());
}

bool ZoneWatch::is_reported(const InstanceId& id, std::int64_t placement_no) const {
  return seen_.contains({id, placement_no});
}

}  // namespace angophora::clc
