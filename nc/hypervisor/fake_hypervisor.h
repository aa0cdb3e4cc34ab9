// A Hypervisor without guests, for tests and simulations. What it "runs" outlives the daemon that
// ordered it, as real domains do: hand the same object to the next daemon.
#pragma once

#include <map>
#include <optional>

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
    domains[id].status.out_of_disk = false;
    co_return common::ok();
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
  std::optional<common::Error> failure;  // what the next calls answer
  int starts = 0;

 private:
  static common::Error missing(const common::InstanceId& id) {
    return {common::Errc::not_found, "there is no domain " + id.value};
  }
  std::function<void(DomainEvent)> listener_;
};

}  // namespace angophora::nc
