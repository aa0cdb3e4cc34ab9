#include "clc/reconcilers/volume_work.h"

#include "clc/store/events.h"
#include "clc/store/registrations.h"
#include "clc/store/snapshots.h"
#include "clc/store/volumes.h"
#include "common/log/log.h"

namespace angophora::clc {
namespace {

struct Work {
  std::optional<Service> storage;
  std::vector<Volume> volumes;
};

Result<Work> load_work(Tx& tx, const ZoneName& zone) {
  Work work;
  TRY(work.storage, Registrations(tx).storage_of(zone));
  TRY(auto volumes, Volumes(tx).unsettled_in(zone));
  for (auto& volume : volumes) {
    // Its bytes are needed until each promised snapshot is whole elsewhere.
    bool needed = false;
    if (volume.state == VolumeState::deleting) {
      TRY(needed, Snapshots(tx).any_pending_of(volume.id));
    }
    if (!needed) work.volumes.push_back(std::move(volume));
  }
  return work;
}

std::string word_for(const Volume& volume) { return std::string(to_string(volume.state)); }

}  // namespace

common::awaitable<void> VolumeWork::run(std::shared_ptr<VolumeWork> self) {
  auto& shared = self->shared_;
  while (!shared.runtime.stopping()) {
    const auto seen = shared.changes.volumes.notified();
    const auto done = co_await self->pass();
    if (!done) log::warn("volumes.work_failed", {{"zone", self->zone_}, {"reason", done.error()}});
    co_await shared.changes.volumes.wait(shared.runtime, shared.times.look_around, seen);
  }
}

Task<> VolumeWork::pass() {
  const auto load = [zone = zone_](Tx& tx) { return load_work(tx, zone); };
  CO_TRY(auto work, co_await shared_.db.read(load));
  std::set<std::pair<VolumeId, std::string>> wanted;
  for (const auto& volume : work.volumes) wanted.emplace(volume.id, word_for(volume));
  orders_.keep(wanted);
  if (!work.storage) co_return common::ok();
  const auto now = shared_.runtime.steady_now();
  for (auto& volume : work.volumes) {
    if (!orders_.begin(volume.id, word_for(volume), now, shared_.times.resend_after)) continue;
    shared_.runtime.spawn("order for " + volume.id.value,
                          carry_out(shared_from_this(), work.storage->name, std::move(volume)));
  }
  co_return common::ok();
}

common::awaitable<void> VolumeWork::carry_out(std::shared_ptr<VolumeWork> self, ServiceName storage,
                                              Volume volume) {
  const auto id = volume.id;
  const auto state = volume.state;
  Result<> done = common::ok();
  if (state == VolumeState::creating)
    done = co_await self->make(storage, std::move(volume));
  else
    done = co_await self->remove(storage, std::move(volume));
  const bool first_failure = self->orders_.done(id, done.has_value());
  if (done) self->shared_.changes.volumes.notify();
  if (first_failure)
    log::warn("volume.order_failed", {{"volume", id},
                                      {"wanted", to_string(state)},
                                      {"storage", storage},
                                      {"reason", done.error()}});
}

Task<> VolumeWork::make(ServiceName storage, Volume volume) {
  const auto id = volume.id;
  const auto size_gib = volume.size_gib;
  const auto snapshot = volume.snapshot;
  const auto made =
      co_await shared_.storages.create_volume(std::move(storage), id, size_gib, snapshot);
  // An unclear answer changes nothing: the same volume is asked for again.
  if (!made && !is_definite_refusal(made.error())) co_return made.error();
  const auto event = made ? VolumeEvent::made : VolumeEvent::not_made;
  auto reason = made ? std::string() : made.error().message;
  co_return co_await settle(std::move(volume), event, std::move(reason));
}

Task<> VolumeWork::remove(ServiceName storage, Volume volume) {
  const auto id = volume.id;
  CO_TRY_VOID(co_await shared_.storages.delete_volume(std::move(storage), id));
  std::string no_reason;
  co_return co_await settle(std::move(volume), VolumeEvent::removed, std::move(no_reason));
}

Task<> VolumeWork::settle(Volume volume, VolumeEvent event, std::string reason) {
  const auto now = shared_.runtime.now();
  const auto id = volume.id;
  const auto to = next(volume.state, event);
  const auto change = [volume, event, reason, to, now](Tx& tx) -> Result<bool> {
    TRY(const bool moved, Volumes(tx).advance(volume.id, event, reason, now));
    if (!moved || !to) return false;
    TRY_VOID(Events(tx).append({volume.account, "volume." + std::string(to_string(*to)),
                                volume.id.value, reason.empty() ? "" : "reason=" + reason},
                               now));
    return true;
  };
  CO_TRY(const bool moved, co_await shared_.db.write(change));
  if (!moved || !to) co_return common::ok();
  if (*to == VolumeState::error)
    log::warn("volume.not_made", {{"volume", id}, {"zone", zone_}, {"reason", reason}});
  else
    log::info("volume.state_changed", {{"volume", id}, {"state", to_string(*to)}, {"zone", zone_}});
  co_return common::ok();
}

// --- what the storage controller says ---

common::awaitable<void> VolumeWork::run_poll(std::shared_ptr<VolumeWork> self) {
  auto& shared = self->shared_;
  bool silent = false;
  while (!shared.runtime.stopping()) {
    const auto done = co_await self->poll();
    if (!done && !silent)
      log::warn("storage.silent", {{"zone", self->zone_}, {"reason", done.error()}});
    silent = !done;
    co_await shared.runtime.sleep_for(shared.times.storage_poll);
  }
}

Task<> VolumeWork::poll() {
  const auto find = [zone = zone_](Tx& tx) { return Registrations(tx).storage_of(zone); };
  CO_TRY(const auto storage, co_await shared_.db.read(find));
  if (!storage) co_return common::ok();
  auto name = storage->name;
  CO_TRY(auto report, co_await shared_.storages.describe_volumes(name));
  shared_.reports.set(zone_, std::move(report));
  co_return co_await remove_late_comers(std::move(name));
}

// An order to make a volume that was sent twice may arrive after the volume was deleted again:
// such a volume goes once more. One that nobody here has ever heard of is left alone: it may be
// all that is left of a cloud whose database was lost.
Task<> VolumeWork::remove_late_comers(ServiceName storage) {
  const auto now = shared_.runtime.now();
  const auto kept =
      std::chrono::duration_cast<std::chrono::milliseconds>(shared_.times.deleted_kept);
  const auto load = [zone = zone_,
                     until = now - kept](Tx& tx) -> Result<std::map<VolumeId, VolumeState>> {
    TRY_VOID(Volumes(tx).purge(until));
    TRY_VOID(Snapshots(tx).purge(until));
    return Volumes(tx).states_in(zone);
  };
  CO_TRY(const auto known, co_await shared_.db.write(load));
  const auto* report = shared_.reports.find(zone_, shared_.runtime.steady_now());
  if (!report) co_return common::ok();
  std::vector<VolumeId> late;
  for (const auto& volume : report->volumes) {
    const auto found = known.find(volume.id);
    if (found == known.end()) {
      if (unknown_.insert(volume.id).second)
        log::warn("volume.unknown", {{"zone", zone_}, {"volume", volume.id}});
    } else if (found->second == VolumeState::deleted) {
      late.push_back(volume.id);
    }
  }
  for (const auto& id : late) {
    log::info("volume.came_late", {{"zone", zone_}, {"volume", id}});
    CO_TRY_VOID(co_await shared_.storages.delete_volume(storage, id));
  }
  co_return common::ok();
}

}  // namespace angophora::clc
