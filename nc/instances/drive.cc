// The steps of one instance, each of which may be repeated.
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

constexpr Duration kPauseMax = 15s;
constexpr int kRefusalsMax = 5;  // of a hypervisor or disk that says no without saying never

// What is worth a few more tries.
bool may_be_bad_luck(const Error& error) {
  return error.code == Errc::io || error.code == Errc::internal;
}

std::string default_kernel_arguments() { return "root=/dev/vda console=tty1 console=ttyS0"; }

}  // namespace

void Instances::ensure_driven(LivePtr live) {
  if (live->driven) return;
  live->driven = true;
  runtime_.spawn("instance " + live->record.spec.id.value, drive(live));
}

awaitable<void> Instances::drive(LivePtr live) {
  while (!runtime_.stopping()) {
    const auto state = live->record.state;
    if (state == InstanceState::running || is_over(state)) break;
    if (state == InstanceState::staging) co_await stage(live);
    if (state == InstanceState::booting) co_await boot(live);
    if (state == InstanceState::shutting_down) co_await release(live);
  }
  live->driven = false;
  ensure_volumes_driven(live);
}

// After a failed step: a pause and another try, or the end of the instance.
awaitable<void> Instances::settle(LivePtr live, Error error, Duration patience) {
  const auto state = live->record.state;
  const bool in_time = runtime_.steady_now() - live->entered_at < patience;
  ++live->tries;
  const bool again =
      in_time && (may_pass(error) || (may_be_bad_luck(error) && live->tries < kRefusalsMax));
  log::warn("instance.step_failed", {{"instance", live->record.spec.id},
                                     {"state", to_string(state)},
                                     {"again", again},
                                     {"reason", error}});
  if (!again) {
    change(*live, InstanceEvent::give_up, error.message);
    (void)co_await persist(live);
    co_return;
  }
  const Duration pause = std::min(kPauseMax, Duration(500ms) * (1 << std::min(live->tries, 5)));
  co_await live->changed.wait(runtime_, pause);
}

Task<ImageLease> Instances::lease(LivePtr live, ImageRef image) {
  ImageWish wish{live->record.spec.id, live->record.spec.placement_no, image};
  auto wanted = [live] {
    return live->record.state == InstanceState::staging ||
           live->record.state == InstanceState::booting;
  };
  std::function<bool()> still_wanted = wanted;
  co_return co_await seams_.images.acquire(std::move(wish), std::move(still_wanted));
}

Task<> Instances::lease_all(LivePtr live) {
  std::vector<ImageRef> images{live->record.spec.machine_image};
  if (live->record.spec.kernel_image) images.push_back(*live->record.spec.kernel_image);
  if (live->record.spec.ramdisk_image) images.push_back(*live->record.spec.ramdisk_image);
  for (const auto& image : images) {
    if (live->leases.contains(image.id)) continue;
    auto held = co_await lease(live, image);
    if (!held) co_return std::move(held).assume_error();
    live->leases[image.id] = std::move(held).assume_value();
  }
  co_return common::ok();
}

awaitable<void> Instances::stage(LivePtr live) {
  auto staged = co_await lease_all(live);
  if (staged && live->record.state == InstanceState::staging) {
    const auto image = live->leases[live->record.spec.machine_image.id];
    auto spec = live->record.spec;
    staged = co_await seams_.disks.make(std::move(spec), image.path, image.size_bytes);
  }
  if (live->record.state != InstanceState::staging || runtime_.stopping()) co_return;
  if (!staged) {
    auto error = std::move(staged).assume_error();
    co_await settle(live, std::move(error), options_.staging_timeout);
    co_return;
  }
  change(*live, InstanceEvent::staged);
  (void)co_await persist(live);
}

DomainPlan Instances::plan_of(const Live& live) const {
  const auto& spec = live.record.spec;
  const InstanceFiles files(options_.instances_dir, spec.id);
  DomainPlan plan;
  plan.id = spec.id;
  plan.uuid = dmi_uuid(spec.id);
  plan.vcpus = spec.type.vcpus;
  plan.memory_mib = spec.type.memory_mib;
  if (spec.kernel_image && !spec.machine_image.whole_disk) {
    plan.kernel_path = live.leases.at(spec.kernel_image->id).path;
    if (spec.ramdisk_image) plan.ramdisk_path = live.leases.at(spec.ramdisk_image->id).path;
    plan.kernel_arguments =
        spec.kernel_arguments.empty() ? default_kernel_arguments() : spec.kernel_arguments;
  }
  plan.disks.push_back(
      {files.root(), "qcow2", live.leases.at(spec.machine_image.id).path, "vda", "root"});
  if (spec.type.ephemeral_gib > 0)
    plan.disks.push_back({files.ephemeral(), "raw", "", "vdb", "ephemeral0"});
  if (spec.type.swap_mib > 0)
    plan.disks.push_back(
        {files.swap(), "raw", "", spec.type.ephemeral_gib > 0 ? "vdc" : "vdb", "swap"});
  for (const auto& [id, attachment] : live.record.volumes) {
    const auto known = live.volumes.find(id);
    const bool connected = known != live.volumes.end() && known->second->connected;
    if (attachment.state == AttachmentState::attached && connected)
      plan.disks.push_back(disk_of(live, attachment));
  }
  plan.cards.push_back({spec.net.mac_address, live.record.tap});
  plan.console_path = files.console();
  return plan;
}

// Gives up as soon as the instance is wanted no more; release() takes back whatever was made.
Task<> Instances::plug_and_start(LivePtr live) {
  CO_TRY_VOID(co_await lease_all(live));
  const auto id = live->record.spec.id;
  const auto mac = live->record.spec.net.mac_address;
  const auto address = live->record.spec.net.private_ip;
  auto port = co_await seams_.network.add_port(id, mac, address);
  if (!port) co_return std::move(port).assume_error().while_doing("plugging in " + id.value);
  if (live->record.state != InstanceState::booting) co_return common::ok();
  live->record.tap = port.assume_value().tap;
  live->record.host_boot = options_.host_boot_id;
  ++live->record.sequence;
  CO_TRY_VOID(co_await persist(live));
  CO_TRY_VOID(co_await connect_volumes(live));
  if (live->record.state != InstanceState::booting) co_return common::ok();
  auto plan = plan_of(*live);
  ++live->starts;
  co_return co_await seams_.hypervisor.start(std::move(plan));
}

awaitable<void> Instances::boot(LivePtr live) {
  while (boots_ >= options_.boots_max) {
    co_await boot_ended_.wait(runtime_, 1s);
    if (live->record.state != InstanceState::booting || runtime_.stopping()) co_return;
  }
  ++boots_;
  auto started = co_await plug_and_start(live);
  --boots_;
  boot_ended_.notify();
  if (live->record.state != InstanceState::booting || runtime_.stopping()) co_return;
  if (!started) {
    auto error = std::move(started).assume_error();
    co_await settle(live, std::move(error), options_.boot_timeout);
    co_return;
  }
  change(*live, InstanceEvent::started);
  (void)co_await persist(live);
}

Task<> Instances::free_all(LivePtr live) {
  const auto id = live->record.spec.id;
  // The domain first: its disks and its tap are its own until it is gone.
  CO_TRY_VOID(co_await seams_.hypervisor.remove(id));
  CO_TRY_VOID(co_await release_volumes(live));
  CO_TRY_VOID(co_await seams_.network.remove_port(id));
  CO_TRY_VOID(co_await seams_.disks.remove(id));
  live->leases.clear();
  co_return common::ok();
}

awaitable<void> Instances::release(LivePtr live) {
  auto freed = co_await free_all(live);
  if (!freed) {
    ++live->tries;
    log::warn("instance.not_freed",
              {{"instance", live->record.spec.id}, {"reason", freed.error()}});
    const Duration pause = std::min(kPauseMax, Duration(500ms) * (1 << std::min(live->tries, 5)));
    co_await runtime_.sleep_for(pause);
    co_return;
  }
  change(*live, live->record.failing ? InstanceEvent::freed_after_failure : InstanceEvent::freed);
  (void)co_await persist(live);
}

// Asks the guest, and resets it when it does not do it in time.
awaitable<void> Instances::finish_reboot(LivePtr live) {
  const auto id = live->record.spec.id;
  auto asked = co_await seams_.hypervisor.ask_to_reboot(id);
  const auto deadline = runtime_.steady_now() + options_.reboot_grace;
  while (asked && live->rebooting && live->record.state == InstanceState::running) {
    const Duration left = deadline - runtime_.steady_now();
    if (left <= Duration::zero() || runtime_.stopping()) break;
    co_await live->changed.wait(runtime_, left);
  }
  if (live->rebooting && live->record.state == InstanceState::running && !runtime_.stopping()) {
    const auto reset = co_await seams_.hypervisor.reset(id);
    if (!reset) {
      log::warn("instance.not_rebooted", {{"instance", id}, {"reason", reset.error()}});
    } else {
      log::info("instance.reset", {{"instance", id}, {"asked", asked.has_value()}});
    }
  }
  live->rebooting = false;
}

}  // namespace angophora::nc
