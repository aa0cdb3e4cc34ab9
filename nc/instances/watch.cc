// What happens to instances without an order: restarts of this daemon and of the host, guests
// that end, disks that fill up.
#include "common/log/log.h"
#include "nc/instances/console.h"
#include "nc/instances/live.h"

namespace angophora::nc {

using common::awaitable;
using common::Duration;
using common::Errc;
using common::Task;
using namespace std::chrono_literals;

namespace {

constexpr Duration kLookInterval = 1s;
constexpr Duration kHouseInterval = 10s;
constexpr Duration kStableAfter = 1h;  // a guest that ran that long starts counting afresh
constexpr std::uint64_t kMib = 1ull << 20;
constexpr Duration kResumePauseMax = 2s;
constexpr int kResumesUntilTold = 5;

std::vector<Port> ports_of(const std::vector<InstanceRecord>& records) {
  std::vector<Port> ports;
  for (const auto& record : records)
    if (!is_over(record.state) && !record.tap.empty())
      ports.push_back(
          {record.spec.id, record.spec.net.mac_address, record.spec.net.private_ip, record.tap});
  return ports;
}

}  // namespace

Task<> Instances::start() {
  CO_TRY(auto loaded, co_await seams_.records.load());
  CO_TRY_VOID(co_await seams_.images.load());
  unreadable_ = loaded.unreadable;
  for (const auto& record : loaded.records) {
    auto live = std::make_shared<Live>(record);
    live->acknowledged = true;
    live->entered_at = runtime_.steady_now();
    live->generation = generation_;
    // Before anybody can evict what the guest's disk lies on.
    std::vector<ImageId> images{record.spec.machine_image.id};
    if (record.spec.kernel_image) images.push_back(record.spec.kernel_image->id);
    if (record.spec.ramdisk_image) images.push_back(record.spec.ramdisk_image->id);
    for (const auto& id : images)
      if (auto held = is_over(record.state) ? std::nullopt : seams_.images.hold(id))
        live->leases[id] = std::move(*held);
    all_[record.spec.id] = std::move(live);
  }
  CO_TRY_VOID(co_await clean_folders());
  CO_TRY_VOID(co_await clean_volume_clients());
  auto ports = ports_of(loaded.records);
  CO_TRY_VOID(co_await seams_.network.adopt(std::move(ports)));
  seams_.hypervisor.on_event([this](DomainEvent event) {
    const auto live = find(event.id);
    if (live && event.kind == DomainEvent::Kind::rebooted) {
      live->rebooting = false;
      live->changed.notify();
    }
    // Which disk it was is not said; those that should be there are looked for.
    if (live && event.kind == DomainEvent::Kind::disk_removed) {
      for (const auto& [id, volume] : live->volumes) {
        volume->plugged = false;
        volume->changed.notify();
      }
    }
    look_again_.notify();
  });
  runtime_.spawn("instances", recover());
  co_return common::ok();
}

// Folders of instances that are over. A record is there before any file and longer than any, so a
// folder without one tells that records were lost: the guest may well run, and without a report its
// instance would count as gone. Nothing goes on until somebody has looked.
Task<> Instances::clean_folders() {
  CO_TRY(const auto folders, co_await seams_.disks.list());
  for (const auto& id : folders) {
    const auto live = find(id);
    if (unreadable_.contains(id) || (live && !is_over(live->record.state))) continue;
    if (!live)
      co_return common::Error(Errc::corrupt,
                              "there are disks of " + id.value + " in " + options_.instances_dir +
                                  " and no record of it: bring the folder of records back, or move "
                                  "the disks away, and start again");
    log::warn("instance.leftover_removed", {{"instance", id}, {"what", "folder"}});
    CO_TRY_VOID(co_await seams_.disks.remove(id));
  }
  co_return common::ok();
}

awaitable<void> Instances::recover() {
  while (!runtime_.stopping()) {
    co_await look();
    if (hypervisor_trouble_.empty()) break;
    co_await runtime_.sleep_for(kLookInterval);
  }
  if (runtime_.stopping()) co_return;
  recovered_ = true;
  touch();
  for (const auto& [id, live] : all_) {
    const auto state = live->record.state;
    if (!is_over(state))
      log::info("instance.adopted", {{"instance", id}, {"state", to_string(state)}});
    if (!is_over(state) && state != InstanceState::running) ensure_driven(live);
    ensure_volumes_driven(live);
  }
  runtime_.spawn("instances", keep_house());
  co_await watch();
}

awaitable<void> Instances::watch() {
  while (!runtime_.stopping()) {
    co_await look_again_.wait(runtime_, kLookInterval);
    if (!runtime_.stopping()) co_await look();
  }
}

awaitable<void> Instances::look() {
  set_condition(network_trouble_, seams_.network.trouble());
  const auto listed_at = runtime_.steady_now();
  auto listed = co_await seams_.hypervisor.list();
  if (!listed) {
    set_condition(hypervisor_trouble_, "the hypervisor is away: " + listed.error().message);
    co_return;
  }
  set_condition(hypervisor_trouble_, "");
  auto domains = std::move(listed).assume_value();
  co_await judge(domains, listed_at);
  co_await remove_strays(domains);
  co_await look_at_volumes();
  co_await resume_paused(std::move(domains));
}

awaitable<void> Instances::judge(std::vector<DomainStatus> domains, common::SteadyTime listed_at) {
  std::map<InstanceId, const DomainStatus*> by_id;
  for (const auto& domain : domains) by_id[domain.id] = &domain;
  const auto everyone = all_;
  for (const auto& [id, live] : everyone) {
    // A list that is older than the start knows nothing of it.
    if (live->record.state != InstanceState::running || live->driven) continue;
    if (live->entered_at > listed_at) continue;
    const auto it = by_id.find(id);
    if (it != by_id.end() && it->second->active) continue;
    if (live->record.host_boot != options_.host_boot_id && !orders_are_here()) continue;
    judge_one(live, it == by_id.end() ? nullptr : it->second);
    (void)co_await persist(live);
    ensure_driven(live);
  }
}

// While the host was away somebody may have ended what ran on it.
bool Instances::orders_are_here() const {
  const auto now = runtime_.steady_now();
  if (known_since_ && now - *known_since_ >= options_.orders_grace) return true;
  return now - started_at_ >= options_.orders_patience;
}

// The instance should run and does not.
void Instances::judge_one(LivePtr live, const DomainStatus* domain) {
  auto& record = live->record;
  const bool same_boot = record.host_boot == options_.host_boot_id;
  if (domain && domain->end == DomainEnd::by_guest && same_boot) {
    change(*live, InstanceEvent::ended, "the guest shut itself down");
    return;
  }
  if (runtime_.now() - record.changed_at > kStableAfter) record.restarts = 0;
  if (record.restarts >= options_.restarts_max) {
    change(*live, InstanceEvent::give_up,
           "the guest was lost " + std::to_string(record.restarts + 1) + " times in a row");
    return;
  }
  if (same_boot) ++record.restarts;
  log::warn("instance.lost", {{"instance", record.spec.id},
                              {"host_restarted", !same_boot},
                              {"restarts", record.restarts}});
  change(*live, InstanceEvent::lost);
}

// Domains of this node that no live instance stands for: a start that took effect late, or a crash
// between two steps.
awaitable<void> Instances::remove_strays(std::vector<DomainStatus> domains) {
  for (const auto& domain : domains) {
    const auto live = find(domain.id);
    if (unreadable_.contains(domain.id)) continue;
    if (live && (!is_over(live->record.state) || live->driven)) continue;
    log::warn("instance.leftover_removed", {{"instance", domain.id}, {"what", "domain"}});
    const auto removed = co_await seams_.hypervisor.remove(domain.id);
    if (!removed)
      log::warn("instance.not_freed", {{"instance", domain.id}, {"reason", removed.error()}});
  }
}

// A guest that a disk has paused goes on when the disk may answer again: at once, then less and
// less often, as nothing tells when a volume is there again.
awaitable<void> Instances::resume_paused(std::vector<DomainStatus> domains) {
  for (const auto& domain : domains) {
    const auto live = find(domain.id);
    if (!live) continue;
    if (!domain.io_stopped) {
      if (live->resumes > 0) explain_pause(*live, false);
      live->resumes = 0;
      continue;
    }
    if (!room_on_disk_ || !volumes_connected(*live)) continue;
    if (live->resumes > 0 && runtime_.steady_now() < live->resume_at) continue;
    ++live->resumes;
    const Duration pause =
        std::min(kResumePauseMax, Duration(250ms) * (1 << std::min(live->resumes, 6)));
    live->resume_at = runtime_.steady_now() + pause;
    if (live->resumes == kResumesUntilTold) explain_pause(*live, true);
    const auto resumed = co_await seams_.hypervisor.resume(domain.id);
    log::warn("instance.resumed", {{"instance", domain.id},
                                   {"paused_because", "a disk failed"},
                                   {"time", live->resumes},
                                   {"done", resumed.has_value()}});
  }
}

// A disk that was full when the daemon started, or that has grown, is taken for what it is now.
awaitable<void> Instances::measure_disk() {
  if (!options_.disk_gib) co_return;
  const auto now = co_await runtime_.run_blocking(options_.disk_gib);
  if (!now || now.value() == total_.disk_gib) co_return;
  log::info("node.disk_measured", {{"disk_gib", now.value()}, {"before", total_.disk_gib}});
  total_.disk_gib = now.value();
  touch();
}

// Looks at the disk, forgets what is long over or unused, bounds the consoles.
awaitable<void> Instances::keep_house() {
  while (!runtime_.stopping()) {
    const auto room = co_await seams_.disks.room();
    room_on_disk_ = room && room.assume_value().free_bytes >= options_.disk_margin_bytes;
    std::string trouble;
    if (!room) trouble = room.error().message;
    if (room && !room_on_disk_)
      trouble = "the disk of " + options_.instances_dir +
                " is nearly full: " + std::to_string(room.assume_value().free_bytes / kMib) +
                " MiB are free, " + std::to_string(options_.disk_margin_bytes / kMib) + " must be";
    set_condition(disk_trouble_, std::move(trouble));
    co_await measure_disk();
    const auto removed = co_await seams_.images.remove_unused();
    if (!removed) log::warn("image.not_removed", {{"reason", removed.error()}});

    const auto everyone = all_;
    for (const auto& [id, live] : everyone) {
      if (live->record.state == InstanceState::running) {
        auto work = [path = InstanceFiles(options_.instances_dir, id).console(),
                     limit = options_.console_bytes_max] { return bound_console(path, limit); };
        (void)co_await runtime_.run_blocking(std::move(work));
        continue;
      }
      if (!is_over(live->record.state) || live->driven) continue;
      if (runtime_.now() - live->record.changed_at < options_.tombstone_age) continue;
      const auto forgotten = co_await seams_.records.remove(id, live->record.sequence);
      if (!forgotten || find(id) != live) continue;
      all_.erase(id);
      touch();
    }
    co_await runtime_.sleep_for(kHouseInterval);
  }
}

}  // namespace angophora::nc
