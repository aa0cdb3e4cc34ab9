// Guests on paper: a folder per guest that a test plays. They outlive the node controller, as real
// domains do.
//
//   FOLDER/INSTANCE/SERIAL          holds the socket of a disk that is plugged in
//   FOLDER/INSTANCE/SERIAL.unplug   asks the guest to let go of it; the guest removes both
//   FOLDER/INSTANCE/stopped         the guest is paused because a disk failed; resuming removes it
#pragma once

#include "common/runtime/runtime.h"
#include "nc/hypervisor/hypervisor.h"

namespace angophora::histories {

class PaperHypervisor final : public nc::Hypervisor {
 public:
  PaperHypervisor(common::Runtime& runtime, std::string folder);

  common::Task<> start(nc::DomainPlan plan) override;
  common::Task<> remove(common::InstanceId id) override;
  common::Task<> ask_to_reboot(common::InstanceId id) override;
  common::Task<> reset(common::InstanceId id) override;
  common::Task<> resume(common::InstanceId id) override;
  common::Task<> attach_disk(common::InstanceId id, nc::Disk disk) override;
  // Waits a moment for the guest.
  common::Task<bool> detach_disk(common::InstanceId id, nc::Disk disk) override;
  common::Task<std::vector<nc::DomainStatus>> list() override;
  void on_event(std::function<void(nc::DomainEvent)>) override {}
  nc::Virtualization virtualization() const override { return nc::Virtualization::qemu; }
  std::string description() const override { return "paper"; }

 private:
  std::string path_of(const common::InstanceId& id) const { return folder_ + "/" + id.value; }
  common::Runtime& runtime_;
  const std::string folder_;
};

}  // namespace angophora::histories
