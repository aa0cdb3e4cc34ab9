#include "clc/reconcilers/snapshot_work.h"

#include <algorithm>

#include "clc/store/events.h"
#include "clc/store/registrations.h"
#include "clc/store/snapshots.h"
#include "common/log/log.h"

namespace angophora::clc {
namespace {

struct Work {
  std::optional<Service> storage;        // of the zone
  std::optional<Service> other_storage;  // can remove snapshots as well
  std::vector<Snapshot> snapshots;
};

Result<Work> load_work(Tx& tx, const ZoneName& zone) {
  Work work;
  TRY(work.storage, Registrations(tx).storage_of(zone));
  TRY(work.snapshots, Snapshots(tx).unsettled_in(zone));
  if (work.storage || work.snapshots.empty()) return work;
  TRY(const auto services, Registrations(tx).list());
  for (const auto& service : services)
    if (service.type == ServiceType::storage && service.enrolled()) work.other_storage = service;
  return work;
}

bool is_pending(const Snapshot& snapshot) { return snapshot.state == SnapshotState::pending; }

std::string word_for(const Snapshot& snapshot) { return std::string(to_string(snapshot.state)); }

}  // namespace

common::awaitable<void> SnapshotWork::run(std::shared_ptr<SnapshotWork> self) {
  auto& shared = self->shared_;
  while (!shared.runtime.stopping()) {
    const auto seen = shared.changes.volumes.notified();
    const auto done = co_await self->pass();
    if (!done)
      log::warn("snapshots.work_failed", {{"zone", self->zone_}, {"reason", done.error()}});
    co_await shared.changes.volumes.wait(shared.runtime, shared.times.look_around, seen);
  }
}

Task<> SnapshotWork::pass() {
  const auto load = [zone = zone_](Tx& tx) { return load_work(tx, zone); };
  CO_TRY(auto work, co_await shared_.db.read(load));
  std::set<SnapshotId> present;
  for (const auto& snapshot : work.snapshots) present.insert(snapshot.id);
  std::erase_if(missing_, [&](const SnapshotId& id) { return !present.contains(id); });
  // One that is taken needs an order only when the storage controller has not heard of it since.
  std::erase_if(work.snapshots, [&](const Snapshot& s) {
    return is_pending(s) && s.taken && !missing_.contains(s.id);
  });
  std::set<std::pair<SnapshotId, std::string>> wanted;
  for (const auto& snapshot : work.snapshots) wanted.emplace(snapshot.id, word_for(snapshot));
  orders_.keep(wanted);
  const auto now = shared_.runtime.steady_now();
  for (auto& snapshot : work.snapshots) {
    const auto& storage = is_pending(snapshot) || work.storage ? work.storage : work.other_storage;
    if (!storage) continue;
    if (!orders_.begin(snapshot.id, word_for(snapshot), now, shared_.times.resend_after)) continue;
    shared_.runtime.spawn("order for " + snapshot.id.value,
                          carry_out(shared_from_this(), storage->name, std::move(snapshot)));
  }
  co_return common::ok();
}

common::awaitable<void> SnapshotWork::carry_out(std::shared_ptr<SnapshotWork> self,
                                                ServiceName storage, Snapshot snapshot) {
  const auto id = snapshot.id;
  const auto state = snapshot.state;
  Result<> done = common::ok();
  if (state == SnapshotState::pending)
    done = co_await self->take(storage, std::move(snapshot));
  else
    done = co_await self->remove(storage, std::move(snapshot));
  const bool first_failure = self->orders_.done(id, done.has_value());
  if (done) self->shared_.changes.volumes.notify();
  if (first_failure)
    log::warn("snapshot.order_failed", {{"snapshot", id},
                                        {"wanted", to_string(state)},
                                        {"storage", storage},
                                        {"reason", done.error()}});
}

Task<> SnapshotWork::take(ServiceName storage, Snapshot snapshot) {
  const auto id = snapshot.id;
  const auto volume = snapshot.volume;
  auto taken = co_await shared_.storages.create_snapshot(std::move(storage), id, volume);
  missing_.erase(id);
  if (taken) {
    auto stored = std::move(taken).value();
    co_return co_await note(std::move(snapshot), std::move(stored));
  }
  // An unclear answer changes nothing: the same snapshot is asked for again.
  if (!is_definite_refusal(taken.error())) co_return taken.error();
  auto reason = taken.error().message;
  co_return co_await settle(std::move(snapshot), SnapshotEvent::failed, std::move(reason));
}

Task<> SnapshotWork::remove(ServiceName storage, Snapshot snapshot) {
  const auto id = snapshot.id;
  CO_TRY_VOID(co_await shared_.storages.delete_snapshot(std::move(storage), id));
  std::string no_reason;
  co_return co_await settle(std::move(snapshot), SnapshotEvent::removed, std::move(no_reason));
}

// What the storage controller says of a pending snapshot.
Task<> SnapshotWork::note(Snapshot snapshot, StoredSnapshot stored) {
  if (!snapshot.taken || stored.progress > snapshot.progress) {
    const auto change = [id = snapshot.id, stored](Tx& tx) -> Result<> {
      TRY_VOID(Snapshots(tx).note_taken(id, stored.started_at));
      return Snapshots(tx).note_progress(id, stored.progress);
    };
    CO_TRY_VOID(co_await shared_.db.write(change));
    if (!snapshot.taken)
      log::info("snapshot.taken", {{"snapshot", snapshot.id}, {"volume", snapshot.volume}});
  }
  if (stored.state == StoredSnapshot::State::pending) co_return common::ok();
  const bool completed = stored.state == StoredSnapshot::State::completed;
  const auto event = completed ? SnapshotEvent::completed : SnapshotEvent::failed;
  auto reason = completed ? std::string() : std::move(stored.reason);
  co_return co_await settle(std::move(snapshot), event, std::move(reason));
}

Task<> SnapshotWork::settle(Snapshot snapshot, SnapshotEvent event, std::string reason) {
  const auto now = shared_.runtime.now();
  const auto id = snapshot.id;
  const auto to = next(snapshot.state, event);
  const auto change = [snapshot, event, reason, to, now](Tx& tx) -> Result<bool> {
    TRY(const bool moved, Snapshots(tx).advance(snapshot.id, event, reason, now));
    if (!moved || !to) return false;
    TRY_VOID(Events(tx).append({snapshot.account, "snapshot." + std::string(to_string(*to)),
                                snapshot.id.value, reason.empty() ? "" : "reason=" + reason},
                               now));
    return true;
  };
  CO_TRY(const bool moved, co_await shared_.db.write(change));
  if (!moved || !to) co_return common::ok();
  if (*to == SnapshotState::error)
    log::warn("snapshot.failed", {{"snapshot", id}, {"zone", zone_}, {"reason", reason}});
  else
    log::info("snapshot.state_changed",
              {{"snapshot", id}, {"state", to_string(*to)}, {"zone", zone_}});
  co_return common::ok();
}

// --- what the storage controller says ---

common::awaitable<void> SnapshotWork::run_follow(std::shared_ptr<SnapshotWork> self) {
  auto& shared = self->shared_;
  bool failing = false;
  while (!shared.runtime.stopping()) {
    const auto done = co_await self->follow();
    if (!done && !failing)
      log::warn("snapshots.not_followed", {{"zone", self->zone_}, {"reason", done.error()}});
    failing = !done;
    co_await shared.runtime.sleep_for(shared.times.snapshot_poll);
  }
}

Task<> SnapshotWork::follow() {
  const auto load = [zone = zone_](Tx& tx) { return load_work(tx, zone); };
  CO_TRY(const auto work, co_await shared_.db.read(load));
  const bool any_on_its_way = std::any_of(work.snapshots.begin(), work.snapshots.end(), is_pending);
  if (any_on_its_way && work.storage) {
    CO_TRY_VOID(co_await volumes_->poll());
  }
  const auto* report = shared_.reports.find(zone_, shared_.runtime.steady_now());
  if (!report || report->received_at == taken_over_) co_return common::ok();
  taken_over_ = report->received_at;
  auto copy = *report;
  co_return co_await take_over(std::move(copy));
}

Task<> SnapshotWork::take_over(StorageReport report) {
  struct Known {
    std::map<SnapshotId, SnapshotState> states;
    std::vector<Snapshot> unsettled;
  };
  const auto load = [zone = zone_](Tx& tx) -> Result<Known> {
    Known known;
    TRY(known.states, Snapshots(tx).states_in(zone));
    TRY(known.unsettled, Snapshots(tx).unsettled_in(zone));
    return known;
  };
  CO_TRY(const auto known, co_await shared_.db.read(load));
  std::map<SnapshotId, StoredSnapshot> stored;
  for (auto& snapshot : report.snapshots) stored.emplace(snapshot.id, snapshot);
  for (const auto& snapshot : known.unsettled) {
    if (!is_pending(snapshot)) continue;
    const auto found = stored.find(snapshot.id);
    if (found != stored.end()) {
      auto what = found->second;
      CO_TRY_VOID(co_await note(snapshot, std::move(what)));
    } else if (snapshot.taken) {
      missing_.insert(snapshot.id);  // asked for again, the storage controller tells its end
    }
  }
  for (const auto& entry : stored) {
    const auto id = entry.first;
    const auto row = known.states.find(id);
    if (row != known.states.end() && row->second == SnapshotState::deleted) {
      CO_TRY_VOID(co_await remove_late_comer(id));
    }
    if (row == known.states.end() && unknown_.insert(id).second)
      log::warn("snapshot.unknown", {{"zone", zone_}, {"snapshot", id}});
  }
  co_return common::ok();
}

// An order to take a snapshot that was sent twice may arrive after the snapshot was deleted again:
// such a one goes once more. One that nobody here has ever heard of is left alone: it may be all
// that is left of a cloud whose database was lost.
Task<> SnapshotWork::remove_late_comer(SnapshotId id) {
  const auto find = [zone = zone_](Tx& tx) { return Registrations(tx).storage_of(zone); };
  CO_TRY(const auto storage, co_await shared_.db.read(find));
  if (!storage) co_return common::ok();
  log::info("snapshot.came_late", {{"zone", zone_}, {"snapshot", id}});
  auto name = storage->name;
  co_return co_await shared_.storages.delete_snapshot(std::move(name), std::move(id));
}

}  // namespace angophora::clc
