// The Hypervisor that libvirt drives: QEMU under KVM or TCG, or Xen.
#pragma once

#include <memory>

#include "common/runtime/runtime.h"
#include "nc/hypervisor/domain_xml.h"
#include "nc/hypervisor/hypervisor.h"

namespace angophora::nc {

class LibvirtConnection;

struct LibvirtOptions {
  std::string uri = "qemu:///system";
  DomainStyle style;
  std::size_t calls_max = 6;  // under way at once; more wait for their turn
  common::Duration call_timeout = std::chrono::seconds(20);
  common::Duration slow_call_timeout = std::chrono::seconds(90);  // starting and destroying
};

class LibvirtHypervisor final : public Hypervisor {
 public:
  LibvirtHypervisor(common::Runtime& runtime, LibvirtOptions options);
  ~LibvirtHypervisor() override;

  common::Task<> start(DomainPlan plan) override;
  common::Task<> remove(common::InstanceId id) override;
  common::Task<> ask_to_reboot(common::InstanceId id) override;
  common::Task<> reset(common::InstanceId id) override;
  common::Task<> resume(common::InstanceId id) override;
  common::Task<> attach_disk(common::InstanceId id, Disk disk) override;
  common::Task<bool> detach_disk(common::InstanceId id, Disk disk) override;
  common::Task<std::vector<DomainStatus>> list() override;
  void on_event(std::function<void(DomainEvent)> listener) override;
  Virtualization virtualization() const override;
  std::string description() const override;

 private:
  struct Shared;
  // Owned together with calls that are still under way when this object ends.
  std::shared_ptr<Shared> shared_;
};

}  // namespace angophora::nc
