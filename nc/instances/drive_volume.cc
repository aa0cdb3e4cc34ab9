// The steps of one attachment, each of which may be repeated. They run while the instance runs;
// before and after that its own driver has its volumes (volumes.cc).
#include <algorithm>

#include "common/log/log.h"
#include "nc/instances/live.h"

namespace angophora::nc {

using common::awaitable;
using common::Duration;
using common::Errc;
using common::Error;
using common::Task;
using namespace std::chrono_literals;

namespace {

constexpr Duration kVolumePauseMax = 15s;
constexpr Duration kAskInterval = 1s;      // whether the guest has let go
constexpr Duration kGuestPatience = 10s;   // until the report says what is waited for
constexpr Duration kReclaimInterval = 5s;  // of disks that were cut off
constexpr int kVolumeRefusalsMax = 5;      // of a hypervisor that says no without saying never
constexpr int kUnexportTries = 3;

// The hypervisor's refusals: the guest may be starting, or a device may just be leaving.
bool guest_may_be_busy(const Error& error) {
  return error.code == Errc::io || error.code == Errc::internal || error.code == Errc::not_found ||
         error.code == Errc::limit_exceeded;
}

Duration pause_after(int tries) {
  return std::min(kVolumePauseMax, Duration(250ms) * (1 << std::min(tries, 6)));
}

bool needs_driver(const Attachment& a, bool connected, bool plugged) {
  if (a.state == AttachmentState::attached) return !connected || !plugged;
  return !is_over(a.state) || a.cut_off;
}

}  // namespace

void Instances::ensure_volumes_driven(LivePtr live) {
  for (const auto& [id, attachment] : live->record.volumes) ensure_driven(live, id);
}

void Instances::ensure_driven(LivePtr live, VolumeId id) {
  if (live->record.state != InstanceState::running || !recovered_) return;
  const auto it = live->record.volumes.find(id);
  const auto volume = live->volume(id, runtime_.steady_now());
  if (it == live->record.volumes.end() || volume->driven ||
      !needs_driver(it->second, volume->connected, volume->plugged))
    return;
  volume->driven = true;
  runtime_.spawn("volume " + id.value, drive(live, id, volume));
}

awaitable<void> Instances::drive(LivePtr live, VolumeId id, VolumePtr volume) {
  while (!runtime_.stopping() && live->record.state == InstanceState::running) {
    const auto& attachment = live->record.volumes.at(id);
    const auto state = attachment.state;
    if (!needs_driver(attachment, volume->connected, volume->plugged)) break;
    if (state == AttachmentState::attaching) co_await attach_step(live, id, volume);
    if (state == AttachmentState::attached) co_await keep_step(live, id, volume);
    if (state == AttachmentState::detaching) co_await detach_step(live, id, volume);
    if (is_over(state)) co_await reclaim_step(live, id, volume);
  }
  volume->driven = false;
  live->changed.notify();
}

Disk Instances::disk_of(const Live& live, const Attachment& attachment) const {
  const VolumeClientId client(live.record.spec.id, attachment.volume);
  Disk disk;
  disk.path = kLocalExport;
  disk.format = "raw";
  disk.target = attachment.target;
  disk.serial = serial_of(attachment.volume);
  disk.socket = seams_.volume_clients.socket_of(client);
  return disk;
}

// Where the volume is. What was heard before stays good while the storage controller is away: the
// server of the volume is another process.
Task<> Instances::export_again(LivePtr live, VolumeId id, VolumePtr volume) {
  const auto& a = live->record.volumes.at(id);
  const auto epoch = a.epoch;
  const ExportWish wish(live->record.spec.id, id, epoch, a.storage);
  auto asked = co_await seams_.storage.export_volume(wish);
  auto& now = live->record.volumes.at(id);
  if (now.epoch != epoch)
    co_return Error(Errc::unavailable, "another attachment of " + id.value + " was ordered");
  if (!asked) {
    if (now.exported && may_pass(asked.error())) co_return common::ok();
    co_return std::move(asked).assume_error().while_doing("asking " + now.storage.name + " for " +
                                                          id.value);
  }
  volume->ask_again = false;
  if (now.exported == asked.assume_value()) co_return common::ok();
  now.exported = std::move(asked).assume_value();
  ++live->record.sequence;
  co_return co_await persist(live);
}

Task<> Instances::connect(LivePtr live, VolumeId id, VolumePtr volume) {
  if (!live->record.volumes.at(id).exported || volume->ask_again)
    CO_TRY_VOID(co_await export_again(live, id, volume));
  const VolumeClientId client(live->record.spec.id, id);
  auto exported = *live->record.volumes.at(id).exported;
  auto ran = co_await seams_.volume_clients.ensure(client, std::move(exported));
  volume->connected = ran.has_value();
  if (ran) co_return common::ok();
  volume->ask_again = true;
  co_return std::move(ran).assume_error().while_doing("connecting " + id.value);
}

Task<> Instances::plug(LivePtr live, VolumeId id, VolumePtr volume) {
  if (volume->plugged) co_return common::ok();
  const auto domain = live->starts;
  auto disk = disk_of(*live, live->record.volumes.at(id));
  CO_TRY_VOID(co_await seams_.hypervisor.attach_disk(live->record.spec.id, std::move(disk)));
  // Another domain than the one that is there now may have got it.
  volume->plugged = domain == live->starts && live->record.state == InstanceState::running;
  co_return common::ok();
}

awaitable<void> Instances::attach_step(LivePtr live, VolumeId id, VolumePtr volume) {
  auto done = co_await connect(live, id, volume);
  const auto& attachment = live->record.volumes.at(id);
  const auto wanted = [&] {
    return attachment.state == AttachmentState::attaching &&
           live->record.state == InstanceState::running && !runtime_.stopping();
  };
  if (done && wanted()) done = co_await plug(live, id, volume);
  if (!wanted()) co_return;
  if (done) {
    if (volume->plugged && change(*live, id, AttachmentEvent::plugged))
      (void)co_await persist(live);
    co_return;
  }
  auto error = std::move(done).assume_error();
  ++volume->tries;
  const bool in_time = runtime_.steady_now() - volume->entered_at < options_.attach_timeout;
  const bool again = in_time && (may_pass(error) ||
                                 (guest_may_be_busy(error) && volume->tries < kVolumeRefusalsMax));
  log::warn("volume.step_failed", {{"volume", id},
                                   {"instance", live->record.spec.id},
                                   {"state", "attaching"},
                                   {"again", again},
                                   {"reason", error}});
  if (!again) {
    if (change(*live, id, AttachmentEvent::give_up, error.message)) (void)co_await persist(live);
    co_return;
  }
  explain(*live, id, error.message);
  (void)co_await volume->changed.wait(runtime_, pause_after(volume->tries));
}

// An attached volume whose client died, or whose disk is not in the domain.
awaitable<void> Instances::keep_step(LivePtr live, VolumeId id, VolumePtr volume) {
  auto done = co_await connect(live, id, volume);
  const auto& attachment = live->record.volumes.at(id);
  const auto wanted = [&] {
    return attachment.state == AttachmentState::attached &&
           live->record.state == InstanceState::running && !runtime_.stopping();
  };
  if (done && wanted()) done = co_await plug(live, id, volume);
  if (!wanted()) co_return;
  if (done) {
    volume->tries = 0;
    explain(*live, id, "");
    look_again_.notify();  // the guest may be paused for it
    co_return;
  }
  ++volume->tries;
  log::warn("volume.not_connected",
            {{"volume", id}, {"instance", live->record.spec.id}, {"reason", done.error()}});
  explain(*live, id, done.error().message);
  (void)co_await volume->changed.wait(runtime_, pause_after(volume->tries));
}

Task<> Instances::cut_off(LivePtr live, VolumeId id, VolumePtr volume) {
  auto& attachment = live->record.volumes.at(id);
  if (!attachment.cut_off) {
    log::warn("volume.cut_off", {{"volume", id}, {"instance", live->record.spec.id}});
    attachment.cut_off = true;
    ++live->record.sequence;
    CO_TRY_VOID(co_await persist(live));
  }
  const VolumeClientId client(live->record.spec.id, id);
  const auto size = attachment.exported ? attachment.exported->size_bytes : 1ull << 30;
  CO_TRY_VOID(co_await seams_.volume_clients.cut_off(client, size));
  volume->connected = true;
  co_return common::ok();
}

awaitable<void> Instances::detach_step(LivePtr live, VolumeId id, VolumePtr volume) {
  const auto& attachment = live->record.volumes.at(id);
  auto disk = disk_of(*live, attachment);
  auto gone = co_await seams_.hypervisor.detach_disk(live->record.spec.id, std::move(disk));
  if (live->record.state != InstanceState::running || runtime_.stopping()) co_return;
  if (gone && gone.assume_value()) {
    co_await let_go(live, id, volume);
    co_return;
  }
  if (!gone)
    log::warn("volume.step_failed", {{"volume", id},
                                     {"instance", live->record.spec.id},
                                     {"state", "detaching"},
                                     {"again", true},
                                     {"reason", gone.error()}});
  // What the guest has under way must come to its end before it can let go.
  const auto& held = live->record.volumes.at(id);
  if (!held.forced && held.exported && !volume->connected) {
    const auto connected = co_await connect(live, id, volume);
    if (!connected)
      log::warn(
          "volume.not_connected",
          {{"volume", id}, {"instance", live->record.spec.id}, {"reason", connected.error()}});
    if (live->record.state != InstanceState::running || runtime_.stopping()) co_return;
  }
  const auto now = runtime_.steady_now();
  if (now - volume->entered_at >= kGuestPatience)
    explain(*live, id, gone ? "the guest does not let go of the disk" : gone.error().message);
  const auto forced_for = now - std::max(volume->forced_at, volume->entered_at);
  if (attachment.forced && forced_for >= options_.force_grace) {
    auto cut = co_await cut_off(live, id, volume);
    if (!cut) log::warn("volume.not_freed", {{"volume", id}, {"reason", cut.error()}});
    // With nothing behind it a guest that hung on the disk may let go now.
    if (cut && forced_for >= 2 * options_.force_grace) {
      co_await unexport(live, id);
      change(*live, id, AttachmentEvent::released,
             "taken away by force; the guest still has a disk that leads nowhere");
      (void)co_await persist(live);
      co_return;
    }
  }
  (void)co_await volume->changed.wait(runtime_, kAskInterval);
}

// The guest has let go: so does the node.
awaitable<void> Instances::let_go(LivePtr live, VolumeId id, VolumePtr volume) {
  const VolumeClientId client(live->record.spec.id, id);
  volume->plugged = false;
  auto stopped = co_await seams_.volume_clients.stop(client);
  if (!stopped) {
    ++volume->tries;
    log::warn("volume.not_freed", {{"volume", id}, {"reason", stopped.error()}});
    explain(*live, id, stopped.error().message);
    co_await runtime_.sleep_for(pause_after(volume->tries));
    co_return;
  }
  volume->connected = false;
  co_await unexport(live, id);
  auto& attachment = live->record.volumes.at(id);
  attachment.exported.reset();
  attachment.cut_off = false;
  change(*live, id,
         attachment.failing ? AttachmentEvent::released_after_failure : AttachmentEvent::released);
  (void)co_await persist(live);
}

// A courtesy: the cloud controller revokes what a node did not give back.
awaitable<void> Instances::unexport(LivePtr live, VolumeId id) {
  const auto& a = live->record.volumes.at(id);
  const ExportWish wish(live->record.spec.id, id, a.epoch, a.storage);
  for (int i = 1; !runtime_.stopping(); ++i) {
    auto done = co_await seams_.storage.unexport_volume(wish);
    if (done) co_return;
    if (i == kUnexportTries || !may_pass(done.error())) {
      log::warn("volume.not_unexported", {{"volume", id}, {"reason", done.error()}});
      co_return;
    }
    co_await runtime_.sleep_for(500ms);
  }
}

// The attachment is over, but the guest has not let go of what was cut off.
awaitable<void> Instances::reclaim_step(LivePtr live, VolumeId id, VolumePtr volume) {
  auto disk = disk_of(*live, live->record.volumes.at(id));
  auto gone = co_await seams_.hypervisor.detach_disk(live->record.spec.id, std::move(disk));
  if (live->record.state != InstanceState::running || runtime_.stopping()) co_return;
  if (!gone || !gone.assume_value()) {
    auto kept = co_await cut_off(live, id, volume);
    if (!kept) log::warn("volume.not_freed", {{"volume", id}, {"reason", kept.error()}});
    (void)co_await volume->changed.wait(runtime_, kReclaimInterval);
    co_return;
  }
  const VolumeClientId client(live->record.spec.id, id);
  auto stopped = co_await seams_.volume_clients.stop(client);
  if (!stopped) {
    log::warn("volume.not_freed", {{"volume", id}, {"reason", stopped.error()}});
    co_await runtime_.sleep_for(kReclaimInterval);
    co_return;
  }
  volume->connected = volume->plugged = false;
  auto& attachment = live->record.volumes.at(id);
  attachment.cut_off = false;
  attachment.exported.reset();
  ++live->record.sequence;
  explain(*live, id, "");
  (void)co_await persist(live);
}

}  // namespace angophora::nc
