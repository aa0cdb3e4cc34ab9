// A Hypervisor without guests, for tests and simulations. What it "runs" outlives the daemon that
// ordered it, as real domains do: hand the same object to the next daemon.
#pragma once

#include <map>
#include <optional>

#include "nc/domain/fake_steps.h"
#include "nc/hypervisor/hypervisor.h"

namespace angophora::nc {

class FakeHypervisor final : public Hypervisor {
 public:
  struct Domain {
    DomainPlan plan;
    DomainStatus status;
    int resets = 0;
    int reboots_asked = 0;
  };

  common::Task<> start(DomainPlan plan) override {
    if (failure) co_return *failure;
    auto& domain = domains[plan.id];
    if (domain.status.active) co_return common::ok();
    domain.status = {plan.id, true, false, DomainEnd::none};
    domain.plan = std::move(plan);
    ++starts;
    co_return common::ok();
  }
  common::Task<> remove(common::InstanceId id) override {
    if (failure) co_return *failure;
    domains.erase(id);
    co_return common::ok();
  }
  common::Task<> ask_to_reboot(common::InstanceId id) override {
    if (failure) co_return *failure;
    if (!domains.contains(id)) co_return missing(id);
    ++domains[id].reboots_asked;
    co_return common::ok();
  }
  common::Task<> reset(common::InstanceId id) override {
    if (failure) co_return *failure;
    if (!domains.contains(id)) co_return missing(id);
    ++domains[id].resets;
    co_return common::ok();
  }
  common::Task<> resume(common::InstanceId id) override {
    if (failure) co_return *failure;
    if (!domains.contains(id)) co_return missing(id);
    domains[id].status.io_stopped = false;
    co_return common::ok();
  }
  common::Task<> attach_disk(common::InstanceId id, Disk disk) override {
    if (steps) co_await steps->step();
    if (failure) co_return *failure;
    if (attach_failure) co_return *attach_failure;
    if (!domains.contains(id) || !domains[id].status.active) co_return missing(id);
    if (has_disk(id, disk.serial)) co_return common::ok();
    domains[id].plan.disks.push_back(std::move(disk));
    ++plugs;
    if (steps) co_await steps->step();
    co_return common::ok();
  }
  common::Task<bool> detach_disk(common::InstanceId id, Disk disk) override {
    if (steps) co_await steps->step();
    if (failure) co_return *failure;
    if (!domains.contains(id) || !domains[id].status.active) co_return true;
    if (clings && has_disk(id, disk.serial)) co_return false;
    std::erase_if(domains[id].plan.disks, [&](const Disk& d) { return d.serial == disk.serial; });
    if (steps) co_await steps->step();
    co_return true;
  }
  common::Task<std::vector<DomainStatus>> list() override {
    if (failure) co_return *failure;
    std::vector<DomainStatus> all;
    for (const auto& [id, domain] : domains) all.push_back(domain.status);
    co_return all;
  }
  void on_event(std::function<void(DomainEvent)> listener) override {
    listener_ = std::move(listener);
  }
  Virtualization virtualization() const override { return Virtualization::qemu; }
  std::string description() const override { return "fake"; }

  bool has_disk(const common::InstanceId& id, const std::string& serial) const {
    const auto it = domains.find(id);
    if (it == domains.end()) return false;
    for (const auto& disk : it->second.plan.disks)
      if (disk.serial == serial) return true;
    return false;
  }
  // The guest ends, in one way or another.
  void end(const common::InstanceId& id, DomainEnd how) {
    domains[id].status.active = false;
    domains[id].status.end = how;
    tell({id, DomainEvent::Kind::stopped});
  }
  // The guest has restarted.
  void tell(DomainEvent event) {
    if (listener_) listener_(std::move(event));
  }

  std::map<common::InstanceId, Domain> domains;
  std::optional<common::Error> failure;         // what the next calls answer
  std::optional<common::Error> attach_failure;  // of attach_disk alone
  bool clings = false;                          // guests do not let go of disks
  int starts = 0;
  int plugs = 0;
  FakeSteps* steps = nullptr;  // of attach_disk and detach_disk

 private:
  static common::Error missing(const common::InstanceId& id) {
    return {common::Errc::not_found, "there is no domain " + id.value};
  }
  std::function<void(DomainEvent)> listener_;
};

}  // namespace angophora::nc
