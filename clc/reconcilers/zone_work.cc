#include "clc/reconcilers/zone_work.h"

#include <algorithm>

#include "clc/store/events.h"
#include "clc/store/images.h"
#include "clc/store/instances.h"
#include "common/log/log.h"

namespace angophora::clc {
namespace {

constexpr std::size_t kReservationsPerCall = 256;
constexpr std::size_t kOrdersPerCall = 64;

}  // namespace

common::awaitable<void> ZoneWork::run(std::shared_ptr<bool> over) {
  bool failing = false;
  while (!*over && !shared_.runtime.stopping()) {
    const auto seen = shared_.changes.instances.notified();
    const auto done = co_await pass();
    if (!done && !failing)
      log::warn("zone.work_stalled", {{"zone", zone_}, {"reason", done.error()}});
    failing = !done;
    if (*over) co_return;
    co_await shared_.changes.instances.wait(shared_.runtime, shared_.times.look_around, seen);
  }
}

Task<> ZoneWork::pass() {
  CO_TRY_VOID(co_await shared_.table.refresh());
  CO_TRY_VOID(co_await end_unplaced());
  const auto* zone = shared_.zones.find(zone_);
  if (!zone) co_return common::ok();
  const auto cluster = zone->cluster;
  forget_settled();
  CO_TRY_VOID(co_await give_up_waiting());
  CO_TRY_VOID(co_await find_nodes(cluster));
  CO_TRY_VOID(co_await send_launches(cluster));
  CO_TRY_VOID(co_await send_ends(cluster));
  co_return co_await destroy_superseded(cluster);
}

bool ZoneWork::is_due(const Placement& placement, std::map<Placement, common::SteadyTime>& sent) {
  const auto now = shared_.runtime.steady_now();
  const auto [entry, is_new] = sent.emplace(placement, now);
  if (is_new) return true;
  if (now - entry->second < shared_.times.resend_after) return false;
  entry->second = now;
  return true;
}

// --- nodes ---

// One node may have a passing trouble, so another is tried at once. When several have, so may all
// for a while.
common::Duration ZoneWork::pause_after_refusal(std::int64_t placement_no) const {
  if (placement_no < 2) return {};
  auto pause = shared_.times.refusal_pause;
  for (auto n = std::min(placement_no, kPlacementsMax); n > 2; --n) pause *= 4;
  return pause;
}

// Those for whom no room is kept come first, then those that have waited longest.
std::vector<NodeRequest> ZoneWork::requests_for_room() const {
  const auto may_ask = [this, now = shared_.runtime.steady_now()](const Instance& instance) {
    const auto found = waiting_.find(instance.id);
    return found == waiting_.end() || found->second.not_before <= now;
  };
  const auto* zone = shared_.zones.find(zone_);
  const auto has_room = [zone](const Instance& instance) {
    const auto* node = zone ? zone->find_node(instance.promised_node) : nullptr;
    return node && node->takes_guests();
  };
  std::vector<std::tuple<bool, common::SysTime, const Instance*>> waiting;
  for (const auto* instance : shared_.table.unsettled_in(zone_))
    if (instance->state == InstanceState::pending && instance->node.empty() && may_ask(*instance))
      waiting.emplace_back(has_room(*instance), instance->launched_at, instance);
  std::stable_sort(waiting.begin(), waiting.end(), [](const auto& a, const auto& b) {
    return std::tie(std::get<0>(a), std::get<1>(a)) < std::tie(std::get<0>(b), std::get<1>(b));
  });
  if (waiting.size() > kReservationsPerCall) waiting.resize(kReservationsPerCall);
  std::vector<NodeRequest> requests;
  for (const auto& [kept, since, instance] : waiting)
    requests.push_back(
        {instance->id, instance->placement_no, instance->room(), instance->promised_node});
  return requests;
}

Task<> ZoneWork::find_nodes(ServiceName cluster) {
  auto requests = requests_for_room();
  if (requests.empty()) co_return common::ok();
  const auto read = [zone = zone_](Tx& tx) { return NodeUsage(tx).by_node(zone); };
  CO_TRY(auto books, co_await shared_.db.read(read));
  CO_TRY(auto reservations, co_await shared_.clusters.reserve_nodes(
                                std::move(cluster), std::move(requests), std::move(books)));
  std::erase_if(reservations, [&](const NodeReservation& r) {
    if (!r.node.empty()) return false;
    auto& reason = waiting_[r.id].reason;
    if (reason.empty())
      log::info("instance.waits", {{"instance", r.id}, {"zone", zone_}, {"reason", r.reason}});
    reason = r.reason.empty() ? "no node has room" : r.reason;
    return true;
  });
  co_return co_await commit_nodes(std::move(reservations));
}

// What was promised since the question went out may have taken the room that the answer names:
// that instance asks again.
Task<> ZoneWork::commit_nodes(std::vector<NodeReservation> reservations) {
  if (reservations.empty()) co_return common::ok();
  const auto now = shared_.runtime.now();
  std::map<NodeName, Resources> totals;
  if (const auto* zone = shared_.zones.find(zone_); zone && zone->report)
    for (const auto& node : zone->report->nodes) totals[node.name] = node.total;
  const auto place = [&reservations, &totals, now](Tx& tx) -> Result<std::vector<NodeReservation>> {
    std::vector<NodeReservation> placed;
    for (const auto& r : reservations) {
      TRY(const bool fits,
          Instances(tx).place_where_it_fits(r.id, r.placement_no, r.node, totals[r.node], now));
      if (fits) placed.push_back(r);
    }
    return placed;
  };
  CO_TRY(const auto placed, co_await shared_.db.write(place));
  for (const auto& r : placed) {
    waiting_.erase(r.id);
    log::info("instance.placed",
              {{"instance", r.id}, {"node", r.node}, {"placement", r.placement_no}});
  }
  CO_TRY_VOID(co_await shared_.table.refresh());
  shared_.changes.network.notify();
  co_return common::ok();
}

void ZoneWork::forget_settled() {
  std::set<InstanceId> waiting;
  for (const auto* instance : shared_.table.unsettled_in(zone_))
    if (instance->state == InstanceState::pending && instance->node.empty())
      waiting.insert(instance->id);
  std::erase_if(waiting_, [&](const auto& entry) { return !waiting.contains(entry.first); });
}

// An instance that was acknowledged and then found no room for long ends with that reason.
Task<> ZoneWork::give_up_waiting() {
  const auto now = shared_.runtime.now();
  std::vector<std::pair<Placement, StateReason>> given_up;
  for (const auto* instance : shared_.table.unsettled_in(zone_)) {
    if (instance->state != InstanceState::pending || !instance->node.empty()) continue;
    const auto found = waiting_.find(instance->id);
    const auto why = found == waiting_.end() ? std::string() : found->second.reason;
    if (instance->placement_no > kPlacementsMax)
      given_up.emplace_back(Placement(instance->id, instance->placement_no), server_failed(why));
    else if (now - instance->launched_at > shared_.times.placement_limit)
      given_up.emplace_back(Placement(instance->id, instance->placement_no), no_room(why));
  }
  if (given_up.empty()) co_return common::ok();
  const auto fail = [&given_up, now](Tx& tx) -> Result<> {
    for (const auto& [placement, reason] : given_up)
      TRY_VOID(Instances(tx).advance(placement.first, placement.second, InstanceEvent::failed,
                                     reason, now));
    return common::ok();
  };
  CO_TRY_VOID(co_await shared_.db.write(fail));
  for (const auto& [placement, reason] : given_up)
    log::warn("instance.given_up", {{"instance", placement.first}, {"reason", reason.message}});
  shared_.changes.network.notify();
  co_return co_await shared_.table.refresh();
}

// --- orders to run ---

Task<> ZoneWork::send_launches(ServiceName cluster) {
  std::vector<InstanceId> ids;
  std::vector<Placement> sent;
  std::set<Placement> current;
  for (const auto* instance : shared_.table.unsettled_in(zone_)) {
    if (instance->state != InstanceState::pending || instance->node.empty()) continue;
    Placement placement(instance->id, instance->placement_no);
    current.insert(placement);
    if (watch_.is_reported(instance->id, instance->placement_no)) continue;
    if (ids.size() == kOrdersPerCall || !is_due(placement, launches_sent_)) continue;
    ids.push_back(instance->id);
    sent.push_back(std::move(placement));
  }
  std::erase_if(launches_sent_, [&](const auto& entry) { return !current.contains(entry.first); });
  if (ids.empty()) co_return common::ok();
  CO_TRY(auto orders, co_await load_orders(std::move(ids)));
  if (orders.empty()) co_return common::ok();
  CO_TRY(auto outcomes,
         co_await shared_.clusters.run_instances(std::move(cluster), std::move(orders)));
  co_return co_await take_launch_outcomes(std::move(outcomes), std::move(sent));
}

// The orders with all that a node needs, read afresh: what was terminated or moved meanwhile is
// left out.
Task<std::vector<LaunchOrder>> ZoneWork::load_orders(std::vector<InstanceId> ids) {
  const auto load = [&ids](Tx& tx) -> Result<std::vector<LaunchOrder>> {
    std::vector<LaunchOrder> orders;
    const auto use_of = [&](const ImageId& id) -> Result<std::optional<ImageUse>> {
      if (id.empty()) return std::optional<ImageUse>();
      TRY(const auto image, Images(tx).find(id));
      if (!image) return std::optional<ImageUse>(ImageUse{id, ImageKind::machine, 0, false});
      return std::optional<ImageUse>(ImageUse{id, image->kind, image->bytes, false});
    };
    for (const auto& id : ids) {
      TRY(auto instance, Instances(tx).find(id));
      if (!instance || instance->state != InstanceState::pending || instance->node.empty())
        continue;
      LaunchOrder order;
      TRY(const auto machine, use_of(instance->image));
      order.machine = machine.value_or(ImageUse{});
      order.machine.whole_disk = instance->kernel.empty();
      TRY(order.kernel, use_of(instance->kernel));
      TRY(order.ramdisk, use_of(instance->ramdisk));
      order.instance = std::move(*instance);
      orders.push_back(std::move(order));
    }
    return orders;
  };
  co_return co_await shared_.db.read(load);
}

// A definite refusal ends the placement, so that another node is tried under a higher number. An
// unclear answer changes nothing: the order is sent again to the same node.
Task<> ZoneWork::take_launch_outcomes(std::vector<Outcome> outcomes, std::vector<Placement> sent) {
  std::vector<Placement> refused;
  for (const auto& outcome : outcomes) {
    if (!outcome.definitely_refused()) continue;
    for (const auto& placement : sent) {
      if (placement.first != outcome.id) continue;
      refused.push_back(placement);
      const auto next_try = shared_.runtime.steady_now() + pause_after_refusal(placement.second);
      waiting_[outcome.id] = {outcome.reason, next_try};
    }
    log::warn("instance.refused",
              {{"instance", outcome.id}, {"code", outcome.code}, {"reason", outcome.reason}});
  }
  if (refused.empty()) co_return common::ok();
  const auto now = shared_.runtime.now();
  const auto leave = [&refused, now](Tx& tx) -> Result<> {
    for (const auto& [id, placement_no] : refused)
      TRY_VOID(Instances(tx).unplace(id, placement_no, now));
    return common::ok();
  };
  CO_TRY_VOID(co_await shared_.db.write(leave));
  co_return co_await shared_.table.refresh();
}

// --- ends ---

// What never got a node has nothing to be destroyed.
Task<> ZoneWork::end_unplaced() {
  std::vector<Placement> ended;
  for (const auto* instance : shared_.table.unsettled_in(zone_))
    if (instance->state == InstanceState::shutting_down && instance->node.empty())
      ended.emplace_back(instance->id, instance->placement_no);
  if (ended.empty()) co_return common::ok();
  const auto now = shared_.runtime.now();
  const auto end = [&ended, now](Tx& tx) -> Result<> {
    for (const auto& [id, placement_no] : ended)
      TRY_VOID(Instances(tx).advance(id, placement_no, InstanceEvent::destroyed, {}, now));
    return common::ok();
  };
  CO_TRY_VOID(co_await shared_.db.write(end));
  shared_.changes.network.notify();
  co_return co_await shared_.table.refresh();
}

Task<> ZoneWork::send_ends(ServiceName cluster) {
  std::vector<GuestRef> guests;
  std::set<Placement> current;
  for (const auto* instance : shared_.table.unsettled_in(zone_)) {
    if (instance->state != InstanceState::shutting_down || instance->node.empty()) continue;
    const Placement placement(instance->id, instance->placement_no);
    current.insert(placement);
    if (guests.size() < kReservationsPerCall && is_due(placement, ends_sent_))
      guests.push_back({instance->node, instance->id, instance->placement_no});
  }
  std::erase_if(ends_sent_, [&](const auto& entry) { return !current.contains(entry.first); });
  if (guests.empty()) co_return common::ok();
  auto sent = guests;
  CO_TRY(const auto outcomes,
         co_await shared_.clusters.terminate_instances(std::move(cluster), std::move(guests)));
  for (const auto& outcome : outcomes) {
    if (!outcome.accepted) continue;
    for (const auto& guest : sent)
      if (guest.id == outcome.id) watch_.note_end_ordered(guest.id, guest.placement_no);
  }
  co_return common::ok();
}

// Guests that a report shows and that must not be, and those that a node took along into its
// silence. The latter are kept in mind until that node has said yes to destroying them.
Task<> ZoneWork::destroy_superseded(ServiceName cluster) {
  const auto list = [](Tx& tx) { return Instances(tx).superseded(); };
  CO_TRY(const auto kept, co_await shared_.db.read(list));
  auto wanted = watch_.to_destroy();
  const auto* zone = shared_.zones.find(zone_);
  for (const auto& guest : kept) {
    const auto* node = zone ? zone->find_node(guest.node) : nullptr;
    if (guest.zone == zone_ && node && node->reachable)
      wanted.push_back({guest.node, guest.id, guest.placement_no});
  }
  std::vector<GuestRef> due;
  std::set<Placement> current;
  for (const auto& guest : wanted) {
    const Placement placement(guest.id, guest.placement_no);
    if (!current.insert(placement).second) continue;
    if (is_due(placement, destroys_sent_)) due.push_back(guest);
  }
  std::erase_if(destroys_sent_, [&](const auto& entry) { return !current.contains(entry.first); });
  if (due.empty()) co_return common::ok();
  for (const auto& guest : due)
    log::info("guest.superseded",
              {{"instance", guest.id}, {"node", guest.node}, {"placement", guest.placement_no}});
  auto sent = due;
  CO_TRY(const auto outcomes,
         co_await shared_.clusters.terminate_instances(std::move(cluster), std::move(due)));
  const auto forget = [&outcomes, &sent](Tx& tx) -> Result<> {
    for (const auto& outcome : outcomes)
      for (const auto& guest : sent)
        if (outcome.accepted && guest.id == outcome.id)
          TRY_VOID(Instances(tx).forget_superseded(guest.id, guest.placement_no));
    return common::ok();
  };
  if (kept.empty()) co_return common::ok();
  co_return co_await shared_.db.write(forget);
}

}  // namespace angophora::clc
