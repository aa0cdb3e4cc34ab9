// The volumes of an instance that starts, runs or ends.
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

constexpr char kPaused[] = "the guest is paused, because a disk of it does not answer";

}  // namespace

// Until no driver of a volume is at work. They end by themselves when the instance does not run.
awaitable<void> Instances::volumes_quiet(LivePtr live) {
  const auto busy = [&] {
    for (const auto& [id, volume] : live->volumes)
      if (volume->driven) return true;
    return false;
  };
  while (busy() && !runtime_.stopping()) {
    for (const auto& [id, volume] : live->volumes) volume->changed.notify();
    (void)co_await live->changed.wait(runtime_, 1s);
  }
}

// Before the domain starts. A guest that was lost while storage is away waits a while for it, then
// it starts without, and gets its volumes when they are there.
Task<> Instances::connect_volumes(LivePtr live) {
  co_await volumes_quiet(live);
  std::vector<VolumeId> wanted, cut;
  for (const auto& [id, a] : live->record.volumes) {
    if (a.state == AttachmentState::attached) wanted.push_back(id);
    if (is_over(a.state) && a.cut_off) cut.push_back(id);
  }
  const bool patient = runtime_.steady_now() - live->entered_at < options_.volume_patience;
  for (const auto& id : wanted) {
    if (live->record.state != InstanceState::booting) co_return common::ok();
    const auto volume = live->volume(id, runtime_.steady_now());
    volume->plugged = false;
    auto connected = co_await connect(live, id, volume);
    if (connected) continue;
    explain(*live, id, connected.error().message);
    if (patient) co_return Error(Errc::unavailable, connected.error().message);
    log::warn("volume.left_out",
              {{"volume", id}, {"instance", live->record.spec.id}, {"reason", connected.error()}});
  }
  // The new domain has no disk of these.
  for (const auto& id : cut) {
    const VolumeClientId client(live->record.spec.id, id);
    CO_TRY_VOID(co_await seams_.volume_clients.stop(client));
    live->record.volumes.at(id).cut_off = false;
    ++live->record.sequence;
  }
  if (!cut.empty()) CO_TRY_VOID(co_await persist(live));
  co_return common::ok();
}

// After the domain has gone.
Task<> Instances::release_volumes(LivePtr live) {
  co_await volumes_quiet(live);
  std::vector<VolumeId> held;
  for (const auto& [id, a] : live->record.volumes)
    if (!is_over(a.state) || a.cut_off) held.push_back(id);
  for (const auto& id : held) {
    const VolumeClientId client(live->record.spec.id, id);
    CO_TRY_VOID(co_await seams_.volume_clients.stop(client));
    const auto volume = live->volume(id, runtime_.steady_now());
    volume->connected = volume->plugged = false;
    auto& attachment = live->record.volumes.at(id);
    if (!is_over(attachment.state)) {
      change(*live, id, AttachmentEvent::detach);
      co_await unexport(live, id);
      change(
          *live, id,
          attachment.failing ? AttachmentEvent::released_after_failure : AttachmentEvent::released,
          "the instance has ended");
    }
    attachment.exported.reset();
    attachment.cut_off = false;
    ++live->record.sequence;
  }
  co_return common::ok();
}

// Clients of attachments that nothing is known of any more.
Task<> Instances::clean_volume_clients() {
  CO_TRY(const auto clients, co_await seams_.volume_clients.list());
  for (const auto& client : clients) {
    if (unreadable_.contains(client.instance)) continue;
    const auto live = find(client.instance);
    bool wanted = false;
    if (live && !is_over(live->record.state)) {
      const auto it = live->record.volumes.find(client.volume);
      wanted =
          it != live->record.volumes.end() && (!is_over(it->second.state) || it->second.cut_off);
    }
    if (wanted) continue;
    log::warn("volume.leftover_removed",
              {{"volume", client.volume}, {"instance", client.instance}});
    CO_TRY_VOID(co_await seams_.volume_clients.stop(client));
  }
  co_return common::ok();
}

awaitable<void> Instances::look_at_volumes() {
  auto ended = co_await seams_.volume_clients.ended();
  if (!ended) {
    log::warn("volume.not_looked_at", {{"reason", ended.error()}});
    co_return;
  }
  for (const auto& client : ended.assume_value()) {
    const auto live = find(client.instance);
    if (!live) continue;
    const auto volume = live->volume(client.volume, runtime_.steady_now());
    if (volume->connected)
      log::warn("volume.client_ended", {{"volume", client.volume}, {"instance", client.instance}});
    volume->connected = false;
  }
  for (const auto& [id, live] : all_) ensure_volumes_driven(live);
}

bool Instances::volumes_connected(const Live& live) const {
  for (const auto& [id, a] : live.record.volumes) {
    if (is_over(a.state) && !a.cut_off) continue;
    const auto it = live.volumes.find(id);
    const bool connected = it != live.volumes.end() && it->second->connected;
    if (a.state == AttachmentState::attached && !connected) return false;
  }
  return true;
}

void Instances::explain_pause(Live& live, bool paused) {
  for (const auto& [id, a] : live.record.volumes) {
    if (a.state != AttachmentState::attached) continue;
    if (paused || a.reason == kPaused) explain(live, id, paused ? kPaused : "");
  }
}

}  // namespace angophora::nc
