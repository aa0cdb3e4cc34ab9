#include "tests/sim/guests.h"

#include <unistd.h>

#include <algorithm>

#include "common/crypto/digest.h"
#include "common/registry/files.h"

namespace angophora::sim {

using common::Errc;
using common::Error;
using common::Result;
using common::Task;

namespace {

std::string sha1_of_file(const std::string& path) {
  const auto bytes = registry::read_file(path);
  if (!bytes || !bytes.value()) return {};
  return crypto::sha1(*bytes.value());
}

Result<> missing(const InstanceId& id) {
  return Error(Errc::not_found, "there is no domain " + id.value);
}

}  // namespace

Duration Machine::some_time() {
  const auto us = std::chrono::duration_cast<std::chrono::microseconds>(slowness).count();
  return std::chrono::microseconds(10 + world.random_below(static_cast<std::uint64_t>(us)));
}

void Machine::lose_power() {
  ++changes;
  for (auto& [id, guest] : guests) {
    if (!guest.status.active) continue;
    guest.status.active = false;
    guest.status.end = nc::DomainEnd::lost;
  }
  volume_clients.clients.clear();
  network.ports.clear();
  network.document = {};
  boot_id = "boot-" + std::to_string(world.random_u64());
}

Task<> SimHypervisor::order(InstanceId id, std::function<Result<>()> effect) {
  struct Order {
    common::Wake wake;
    std::optional<Result<>> result;
  };
  auto pending = std::make_shared<Order>();
  auto& machine = machine_;
  auto& world = machine.world;
  auto when = world.steady_now() + machine.some_time();
  auto& busy = machine.guests[id].busy_until;
  when = busy = std::max(when, busy + Duration(1));
  world.call_at(when, [pending, &machine, effect = std::move(effect), boot = machine.boot_id] {
    // What was ordered before the power failed is not done after it.
    if (boot == machine.boot_id) pending->result.emplace(effect());
    if (!pending->result) pending->result.emplace(Error(Errc::unavailable, "libvirtd went away"));
    ++machine.changes;
    pending->wake.notify();
  });
  constexpr std::chrono::seconds kPatience{60};
  while (!pending->result) co_await pending->wake.wait(runtime_, kPatience);
  co_return *pending->result;
}

Task<> SimHypervisor::start(nc::DomainPlan plan) {
  auto& machine = machine_;
  const auto id = plan.id;
  auto effect = [&machine, plan]() -> Result<> {
    auto& guest = machine.guests[plan.id];
    if (guest.status.active) return common::ok();
    if (!machine.disks.made.contains(plan.id))
      machine.trace.violate(plan.id.value + " starts without a disk on " + machine.name);
    else if (::access(machine.bases[plan.id].path.c_str(), R_OK) != 0)
      machine.trace.violate(plan.id.value + " starts on " + machine.name +
                            " without the image that its disk lies on");
    guest.status = {plan.id, true, false, nc::DomainEnd::none};
    guest.plan = plan;
    machine.ever_started.insert(plan.id);
    machine.trace.note(machine.name + " guest " + plan.id.value + " starts");
    return common::ok();
  };
  co_return co_await order(id, std::move(effect));
}

Task<> SimHypervisor::remove(InstanceId id) {
  auto& machine = machine_;
  auto effect = [&machine, id]() -> Result<> {
    auto& guest = machine.guests[id];
    if (guest.status.active) machine.trace.note(machine.name + " guest " + id.value + " ends");
    guest.plan = {};
    guest.status = {};
    return common::ok();
  };
  co_return co_await order(id, std::move(effect));
}

Task<> SimHypervisor::ask_to_reboot(InstanceId id) {
  auto& machine = machine_;
  auto effect = [&machine, id]() -> Result<> {
    if (!machine.guests[id].status.active) return missing(id);
    // Two of three guests listen to ACPI.
    if (machine.world.random_below(3) == 0) return common::ok();
    const auto takes = std::chrono::milliseconds(500 + machine.world.random_below(20'000));
    machine.world.call_at(machine.world.steady_now() + takes, [&machine, id] {
      if (!machine.guests[id].status.active) return;
      machine.trace.note(machine.name + " guest " + id.value + " reboots");
      if (machine.listener) machine.listener({id, nc::DomainEvent::Kind::rebooted});
    });
    return common::ok();
  };
  co_return co_await order(id, std::move(effect));
}

Task<> SimHypervisor::reset(InstanceId id) {
  auto& machine = machine_;
  auto effect = [&machine, id]() -> Result<> {
    if (!machine.guests[id].status.active) return missing(id);
    machine.trace.note(machine.name + " guest " + id.value + " is reset");
    return common::ok();
  };
  co_return co_await order(id, std::move(effect));
}

Task<> SimHypervisor::resume(InstanceId id) {
  auto& machine = machine_;
  auto effect = [&machine, id]() -> Result<> {
    if (!machine.guests[id].status.active) return missing(id);
    machine.guests[id].status.io_stopped = false;
    return common::ok();
  };
  co_return co_await order(id, std::move(effect));
}

Task<> SimHypervisor::attach_disk(InstanceId id, nc::Disk disk) {
  auto& machine = machine_;
  auto effect = [&machine, id, disk]() -> Result<> {
    auto& guest = machine.guests[id];
    if (!guest.status.active) return missing(id);
    for (const auto& known : guest.plan.disks)
      if (known.serial == disk.serial) return common::ok();
    guest.plan.disks.push_back(disk);
    machine.trace.note(machine.name + " guest " + id.value + " gets " + disk.serial);
    return common::ok();
  };
  co_return co_await order(id, std::move(effect));
}

Task<bool> SimHypervisor::detach_disk(InstanceId id, nc::Disk disk) {
  auto& machine = machine_;
  // One of three guests takes its time.
  auto gone = std::make_shared<bool>(true);
  auto effect = [&machine, id, disk, gone]() -> Result<> {
    auto& guest = machine.guests[id];
    if (!guest.status.active) return common::ok();
    const auto is_it = [&](const nc::Disk& known) { return known.serial == disk.serial; };
    *gone = std::none_of(guest.plan.disks.begin(), guest.plan.disks.end(), is_it) ||
            machine.world.random_below(3) > 0;
    if (!*gone) return common::ok();
    if (std::erase_if(guest.plan.disks, is_it) > 0)
      machine.trace.note(machine.name + " guest " + id.value + " loses " + disk.serial);
    return common::ok();
  };
  CO_TRY_VOID(co_await order(id, std::move(effect)));
  co_return *gone;
}

Task<std::vector<nc::DomainStatus>> SimHypervisor::list() {
  const auto before = machine_.some_time() / 10, after = machine_.some_time() / 10;
  co_await runtime_.sleep_for(before);
  std::vector<nc::DomainStatus> all;
  for (const auto& [id, guest] : machine_.guests)
    if (!guest.status.id.empty()) all.push_back(guest.status);
  co_await runtime_.sleep_for(after);
  co_return all;
}

Task<> SimDisks::make(nc::InstanceSpec spec, std::string image, std::uint64_t bytes) {
  const auto before = machine_.some_time(), after = machine_.some_time();
  co_await runtime_.sleep_for(before);
  if (machine_.ever_started.contains(spec.id))
    machine_.trace.violate(spec.id.value + " ran on " + machine_.name +
                           " and gets an empty disk there");
  machine_.bases[spec.id] = {spec.machine_image.id, image, sha1_of_file(image), false};
  ++machine_.changes;
  auto done = co_await machine_.disks.make(std::move(spec), std::move(image), bytes);
  co_await runtime_.sleep_for(after);
  co_return done;
}

Task<> SimDisks::remove(InstanceId id) {
  const auto before = machine_.some_time();
  co_await runtime_.sleep_for(before);
  if (machine_.guests[id].status.active)
    machine_.trace.violate(id.value + " runs on " + machine_.name + " and loses its disk");
  machine_.bases.erase(id);
  co_return co_await machine_.disks.remove(std::move(id));
}

Task<> SimRecords::save(nc::InstanceRecord record) {
  const auto before = machine_.some_time() / 10, after = machine_.some_time() / 10;
  co_await runtime_.sleep_for(before);
  auto saved = co_await machine_.records.save(std::move(record));
  co_await runtime_.sleep_for(after);
  co_return saved;
}

Task<> SimRecords::remove(InstanceId id, std::uint64_t sequence) {
  const auto before = machine_.some_time() / 10;
  co_await runtime_.sleep_for(before);
  co_return co_await machine_.records.remove(std::move(id), sequence);
}

}  // namespace angophora::sim
