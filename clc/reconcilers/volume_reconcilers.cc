#include "clc/reconcilers/volume_reconcilers.h"

#include "clc/store/registrations.h"
#include "common/log/log.h"

namespace angophora::clc {

using namespace std::chrono_literals;

Task<> VolumeReconcilers::start() {
  CO_TRY_VOID(co_await take_up_zones());
  shared_.runtime.spawn("follow the storage controllers", follow_registry());
  co_return common::ok();
}

common::awaitable<void> VolumeReconcilers::follow_registry() {
  while (!shared_.runtime.stopping()) {
    const auto seen = shared_.changes.registry.notified();
    const auto taken = co_await take_up_zones();
    if (!taken) log::warn("storages.not_loaded", {{"reason", taken.error()}});
    co_await shared_.changes.registry.wait(shared_.runtime, 5s, seen);
  }
}

// A zone stays once it was taken up: its loops look up by themselves who keeps its volumes now.
Task<> VolumeReconcilers::take_up_zones() {
  const auto list = [](Tx& tx) { return Registrations(tx).list(); };
  CO_TRY(const auto services, co_await shared_.db.read(list));
  for (const auto& service : services) {
    if (service.type != ServiceType::storage || !service.enrolled()) continue;
    const auto& zone = service.zone;
    if (!running_.insert(zone).second) continue;
    const auto volumes = std::make_shared<VolumeWork>(shared_, zone);
    shared_.runtime.spawn("volumes of zone " + zone.value, VolumeWork::run(volumes));
    shared_.runtime.spawn("storage of zone " + zone.value, VolumeWork::run_poll(volumes));
    const auto snapshots = std::make_shared<SnapshotWork>(shared_, zone, volumes);
    shared_.runtime.spawn("snapshots of zone " + zone.value, SnapshotWork::run(snapshots));
    shared_.runtime.spawn("uploads of zone " + zone.value, SnapshotWork::run_follow(snapshots));
    const auto attachments = std::make_shared<AttachmentWork>(shared_, zone);
    shared_.runtime.spawn("attachments of zone " + zone.value, AttachmentWork::run(attachments));
    log::info("zone.storage_taken_up", {{"zone", zone}, {"storage", service.name}});
  }
  co_return common::ok();
}

}  // namespace angophora::clc
