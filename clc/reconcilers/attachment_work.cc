#include "clc/reconcilers/attachment_work.h"

#include "clc/store/counters.h"
#include "clc/store/events.h"
#include "clc/store/instances.h"
#include "clc/store/registrations.h"
#include "common/log/log.h"

namespace angophora::clc {
namespace {

VolumeOrder order_for(const Attachment& a) {
  return {{a.node, a.instance, a.placement_no}, a.volume, a.epoch};
}

bool is_alive(const GuestReport& guest) {
  return guest.state != GuestState::terminated && guest.state != GuestState::failed;
}

// One order after the other that says the same goes out again only after a while.
std::string word_for(const Attachment& a, const char* what) {
  return std::string(what) + " " + std::to_string(a.epoch) + (a.forced ? " forced" : "");
}

}  // namespace

common::awaitable<void> AttachmentWork::run(std::shared_ptr<AttachmentWork> self) {
  auto& shared = self->shared_;
  while (!shared.runtime.stopping()) {
    const auto seen = shared.changes.volumes.notified();
    const auto done = co_await self->pass();
    if (!done)
      log::warn("attachments.work_failed", {{"zone", self->zone_}, {"reason", done.error()}});
    co_await shared.changes.volumes.wait(shared.runtime, shared.times.look_around, seen);
  }
}

Task<AttachmentWork::Zone> AttachmentWork::load() {
  const auto read = [name = zone_](Tx& tx) -> Result<Zone> {
    Zone zone;
    TRY(zone.storage, Registrations(tx).storage_of(name));
    TRY(zone.rows, Attachments(tx).in_zone(name));
    return zone;
  };
  CO_TRY(auto zone, co_await shared_.db.read(read));
  if (const auto* known = shared_.zones.find(zone_)) zone.cluster = known->cluster;
  co_return zone;
}

// The rows are younger than the report: what it shows was ordered before they were read.
Task<> AttachmentWork::pass() {
  CO_TRY(const auto zone, co_await load());
  wanted_.clear();
  std::vector<Move> moves;
  std::set<VolumeId> present;
  for (const auto& row : zone.rows) {
    present.insert(row.attachment.volume);
    const auto view = view_of(row);
    auto plan = plan_for(row.attachment, view);
    const bool is_lost =
        plan.step == AttachmentStep::attach && row.attachment.state == AttachmentState::attached;
    if (!is_lost) lost_since_.erase(row.attachment.volume);
    if (is_lost && !is_lost_for_long(row.attachment)) continue;
    if (plan.step == AttachmentStep::advance)
      moves.push_back({row.attachment, plan.event, std::move(plan.reason)});
    else if (plan.step != AttachmentStep::wait)
      order(zone, row.attachment, plan.step);
  }
  order_stale(zone);
  orders_.keep(wanted_);
  std::erase_if(lost_since_, [&](const auto& entry) { return !present.contains(entry.first); });
  if (!moves.empty()) CO_TRY_VOID(co_await move(std::move(moves)));
  co_return common::ok();
}

AttachmentView AttachmentWork::view_of(const AttachmentAndFate& row) const {
  const auto& a = row.attachment;
  AttachmentView view;
  view.instance_ends = row.fate == InstanceFate::ends;
  view.instance_over = row.fate == InstanceFate::over;
  view.patience_over = shared_.runtime.now() - a.changed_at > shared_.times.forced_patience;
  const auto* zone = shared_.zones.find(zone_);
  if (!zone || !zone->is_fresh(shared_.runtime.steady_now())) return view;
  const auto* node = zone->find_node(a.node);
  view.node_speaks = node && node->speaks_for_itself();
  for (const auto& guest : zone->report->guests) {
    if (guest.id != a.instance || guest.node != a.node || guest.placement_no != a.placement_no)
      continue;
    view.guest_reported = is_alive(guest);
    for (const auto& volume : guest.volumes)
      if (volume.id == a.volume && volume.epoch == a.epoch) view.volume = &volume;
  }
  return view;
}

bool AttachmentWork::is_lost_for_long(const Attachment& attachment) {
  const auto now = shared_.runtime.steady_now();
  const auto since = lost_since_.emplace(attachment.volume, now).first->second;
  return now - since >= shared_.times.lost_after;
}

bool AttachmentWork::begin(const VolumeId& volume, std::string what) {
  wanted_.emplace(volume, what);
  return orders_.begin(volume, what, shared_.runtime.steady_now(), shared_.times.resend_after);
}

void AttachmentWork::order(const Zone& zone, const Attachment& attachment, AttachmentStep step) {
  const auto* what = step == AttachmentStep::attach   ? "attach"
                     : step == AttachmentStep::detach ? "detach"
                                                      : "revoke";
  const bool needs_storage = step != AttachmentStep::detach;
  const bool needs_cluster = step != AttachmentStep::revoke;
  if ((needs_storage && !zone.storage) || (needs_cluster && zone.cluster.empty())) return;
  if (!begin(attachment.volume, word_for(attachment, what))) return;
  shared_.runtime.spawn(std::string(what) + " " + attachment.volume.value,
                        carry_out(shared_from_this(), zone.storage.value_or(Service{}),
                                  zone.cluster, attachment, step));
}

void AttachmentWork::order_stale(const Zone& zone) {
  const auto* known = shared_.zones.find(zone_);
  if (!known || !known->is_fresh(shared_.runtime.steady_now())) return;
  std::map<VolumeId, const Attachment*> present;
  for (const auto& row : zone.rows) present[row.attachment.volume] = &row.attachment;
  for (const auto& guest : known->report->guests) {
    if (!is_alive(guest)) continue;
    for (const auto& volume : guest.volumes) {
      const auto found = present.find(volume.id);
      const auto* attachment = found == present.end() ? nullptr : found->second;
      if (!is_stale(volume, guest.id, attachment)) continue;
      if (!begin(volume.id, "stale " + std::to_string(volume.epoch))) continue;
      VolumeOrder order{{guest.node, guest.id, guest.placement_no}, volume.id, volume.epoch};
      shared_.runtime.spawn(
          "detach stale " + volume.id.value,
          detach_stale(shared_from_this(), zone.cluster, std::move(order), volume.device));
    }
  }
}

// --- orders ---

common::awaitable<void> AttachmentWork::carry_out(std::shared_ptr<AttachmentWork> self,
                                                  Service storage, ServiceName cluster,
                                                  Attachment attachment, AttachmentStep step) {
  const auto volume = attachment.volume;
  const auto instance = attachment.instance;
  const auto state = attachment.state;
  Result<> done = common::ok();
  if (step == AttachmentStep::attach)
    done = co_await self->attach(std::move(storage), std::move(cluster), std::move(attachment));
  else if (step == AttachmentStep::detach)
    done = co_await self->detach(std::move(cluster), std::move(attachment));
  else
    done = co_await self->revoke(std::move(storage.name), std::move(attachment));
  if (self->orders_.done(volume, done.has_value()))
    log::warn("attachment.order_failed", {{"volume", volume},
                                          {"instance", instance},
                                          {"state", to_string(state)},
                                          {"reason", done.error()}});
}

// The storage controller knows who may come before anybody does.
Task<> AttachmentWork::attach(Service storage, ServiceName cluster, Attachment attachment) {
  ExportGrant grant{attachment.volume, attachment.instance, attachment.node, attachment.epoch};
  const auto granted = co_await shared_.storages.grant_export(storage.name, std::move(grant));
  if (!granted) {
    if (!is_definite_refusal(granted.error())) co_return granted.error();
    auto reason = granted.error().message;
    // One that was attached is over for the storage controller: it ended in a time that the cloud
    // controller has forgotten.
    const auto event = attachment.state == AttachmentState::attached ? AttachmentEvent::give_up
                                                                     : AttachmentEvent::refused;
    co_return co_await move_one(std::move(attachment), event, std::move(reason));
  }
  auto order = order_for(attachment);
  auto device = attachment.device;
  StorageAddress address{storage.name, storage.host, storage.port};
  CO_TRY(const auto outcome,
         co_await shared_.clusters.attach_volume(std::move(cluster), std::move(order),
                                                 std::move(device), std::move(address)));
  if (outcome.accepted) co_return common::ok();
  if (!outcome.definitely_refused())
    co_return Error(common::Errc::unavailable, outcome.code + ": " + outcome.reason);
  auto reason = outcome.reason;
  co_return co_await move_one(std::move(attachment), AttachmentEvent::refused, std::move(reason));
}

Task<> AttachmentWork::detach(ServiceName cluster, Attachment attachment) {
  auto order = order_for(attachment);
  const bool force = attachment.forced;
  CO_TRY(const auto outcome,
         co_await shared_.clusters.detach_volume(std::move(cluster), std::move(order), force));
  if (outcome.accepted) co_return common::ok();
  // The node has looked, and holds nothing of it.
  if (outcome.code != "not_found" && outcome.code != "stale_epoch")
    co_return Error(common::Errc::unavailable, outcome.code + ": " + outcome.reason);
  std::string no_reason;
  co_return co_await move_one(std::move(attachment), AttachmentEvent::let_go, std::move(no_reason));
}

Task<> AttachmentWork::revoke(ServiceName storage, Attachment attachment) {
  const auto volume = attachment.volume;
  const auto epoch = attachment.epoch;
  const auto revoked = co_await shared_.storages.revoke_export(std::move(storage), volume, epoch);
  // A volume that the storage controller does not have is open nowhere.
  if (!revoked && revoked.error().code != common::Errc::not_found) co_return revoked.error();
  auto reason = attachment.reason;
  co_return co_await move_one(std::move(attachment), AttachmentEvent::revoked, std::move(reason));
}

common::awaitable<void> AttachmentWork::detach_stale(std::shared_ptr<AttachmentWork> self,
                                                     ServiceName cluster, VolumeOrder order,
                                                     std::string device) {
  const auto volume = order.volume;
  const auto guest = order.guest;
  const auto epoch = order.epoch;
  const auto forgotten = co_await self->is_forgotten(order, std::move(device));
  if (!forgotten || forgotten.value()) {
    if (self->orders_.done(volume, forgotten.has_value()))
      log::warn("attachment.not_looked_up", {{"volume", volume}, {"reason", forgotten.error()}});
    co_return;
  }
  log::info("attachment.stale",
            {{"volume", volume}, {"instance", guest.id}, {"node", guest.node}, {"epoch", epoch}});
  const auto outcome =
      co_await self->shared_.clusters.detach_volume(std::move(cluster), std::move(order), true);
  if (self->orders_.done(volume, outcome.has_value()))
    log::warn("attachment.order_failed",
              {{"volume", volume}, {"instance", guest.id}, {"reason", outcome.error()}});
}

namespace {

// What a node holds and the database cannot have ordered, or nothing when it may have.
enum class Forgotten { no, left_alone, adopted };

Result<Forgotten> judge_forgotten(Tx& tx, const VolumeOrder& order, const std::string& device,
                                  common::SysTime now) {
  TRY(const auto volume, Volumes(tx).find(order.volume));
  TRY(const auto restored, Counters(tx).value(kRestored));
  if (!volume) return order.epoch < restored ? Forgotten::left_alone : Forgotten::no;
  if (order.epoch <= volume->epoch) return Forgotten::no;
  TRY(const auto instance, Instances(tx).find(order.guest.id));
  const bool fits = instance && instance->state == InstanceState::running &&
                    instance->account == volume->account && instance->node == order.guest.node &&
                    instance->placement_no == order.guest.placement_no;
  if (!fits || volume->attachment) return Forgotten::left_alone;
  Attachment a;
  a.volume = order.volume;
  a.epoch = order.epoch;
  a.instance = order.guest.id;
  a.node = order.guest.node;
  a.placement_no = order.guest.placement_no;
  a.device = device;
  TRY(const bool adopted, Attachments(tx).adopt(a, now));
  if (!adopted) return Forgotten::left_alone;
  TRY_VOID(Events(tx).append({volume->account, "attachment.adopted", a.volume.value,
                              "instance=" + a.instance.value + " node=" + a.node.value +
                                  " epoch=" + std::to_string(a.epoch)},
                             now));
  return Forgotten::adopted;
}

}  // namespace

// A number beyond all that were given is of a time that this database has forgotten: it is older
// than the cloud around it. A guest keeps what it got then; what fits is taken over.
Task<bool> AttachmentWork::is_forgotten(VolumeOrder order, std::string device) {
  const auto now = shared_.runtime.now();
  const auto look = [order, device = std::move(device), now](Tx& tx) {
    return judge_forgotten(tx, order, device, now);
  };
  CO_TRY(const auto found, co_await shared_.db.write(look));
  if (found == Forgotten::no) co_return false;
  if (found == Forgotten::adopted) shared_.changes.volumes.notify();
  if (found == Forgotten::adopted || left_alone_.emplace(order.volume, order.epoch).second)
    log::warn("attachment.forgotten", {{"volume", order.volume},
                                       {"instance", order.guest.id},
                                       {"node", order.guest.node},
                                       {"epoch", order.epoch},
                                       {"adopted", found == Forgotten::adopted}});
  co_return true;
}

// --- moves ---

Task<> AttachmentWork::move_one(Attachment attachment, AttachmentEvent event, std::string reason) {
  std::vector<Move> moves;
  moves.push_back({std::move(attachment), event, std::move(reason)});
  co_return co_await move(std::move(moves));
}

namespace {

// The state after, or nothing when the event no longer fits.
Result<std::optional<AttachmentState>> move_in(Tx& tx, const Attachment& a, AttachmentEvent event,
                                               const std::string& reason, common::SysTime now) {
  using After = std::optional<AttachmentState>;
  TRY(const bool moved, Attachments(tx).advance(a.volume, a.epoch, event, reason, now));
  if (!moved) return After();
  TRY(const auto row, Attachments(tx).find(a.volume));
  const auto state = row ? row->state : AttachmentState::detached;
  TRY(const auto volume, Volumes(tx).find(a.volume));
  if (!volume) return After(state);
  TRY_VOID(Events(tx).append(
      {volume->account, "attachment." + std::string(to_string(state)), a.volume.value,
       "instance=" + a.instance.value + " node=" + a.node.value +
           " epoch=" + std::to_string(a.epoch) + (reason.empty() ? "" : " reason=" + reason)},
      now));
  if (state == AttachmentState::detached && volume->state == VolumeState::deleting)
    TRY_VOID(Events(tx).append({volume->account, "volume.deleting", a.volume.value,
                                "it goes with its instance " + a.instance.value},
                               now));
  return After(state);
}

}  // namespace

Task<> AttachmentWork::move(std::vector<Move> moves) {
  const auto now = shared_.runtime.now();
  const auto change = [&moves, now](Tx& tx) -> Result<std::vector<std::optional<AttachmentState>>> {
    std::vector<std::optional<AttachmentState>> states;
    for (const auto& m : moves) {
      TRY(const auto state, move_in(tx, m.attachment, m.event, m.reason, now));
      states.push_back(state);
    }
    return states;
  };
  CO_TRY(const auto states, co_await shared_.db.write(change));
  bool any = false;
  for (std::size_t i = 0; i < moves.size(); ++i) {
    if (!states[i]) continue;
    any = true;
    const auto& a = moves[i].attachment;
    log::info("attachment.state_changed", {{"volume", a.volume},
                                           {"instance", a.instance},
                                           {"node", a.node},
                                           {"epoch", a.epoch},
                                           {"state", to_string(*states[i])},
                                           {"reason", moves[i].reason}});
  }
  if (any) shared_.changes.volumes.notify();
  co_return common::ok();
}

}  // namespace angophora::clc
