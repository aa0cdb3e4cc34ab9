// A node controller's instances with fakes all around, for the tests of this folder.
#pragma once

#include <gtest/gtest.h>

#include "common/runtime/sim_runtime.h"
#include "nc/hypervisor/fake_hypervisor.h"
#include "nc/images/fake_disks.h"
#include "nc/images/fake_images.h"
#include "nc/instances/instances.h"
#include "nc/network/fake_network.h"
#include "nc/volumes/fake_storage_volumes.h"
#include "nc/volumes/fake_volume_clients.h"

namespace angophora::nc {

using namespace std::chrono_literals;

inline const InstanceId kId("i-0123456789abcdef0");

inline InstanceSpec spec_of(const InstanceId& id, std::int64_t placement_no = 1) {
  InstanceSpec spec;
  spec.id = id;
  spec.placement_no = placement_no;
  spec.type = {.name = "t", .vcpus = 1, .memory_mib = 512, .disk_gib = 5};
  spec.machine_image = {ImageId("emi-1"), ImageKind::machine, 1000, false};
  spec.kernel_image = {ImageId("eki-1"), ImageKind::kernel, 0, false};
  spec.ramdisk_image = {ImageId("eri-1"), ImageKind::ramdisk, 0, false};
  spec.net.mac_address = "d0:0d:00:00:00:01";
  spec.net.private_ip = "10.100.0.5";
  return spec;
}

// A node whose host (hypervisor, network, disks, records) outlives the daemon.
class InstancesTest : public testing::Test {
 protected:
  InstancesTest() {
    options_.host_boot_id = "boot-1";
    options_.total = {4, 2048, 100};
    options_.instances_dir = "/nonexistent";
    start();
  }
  ~InstancesTest() override { runtime_->kill(); }

  void start() { ASSERT_TRUE(try_to_start()); }
  common::Result<> try_to_start() {
    runtime_ = std::make_unique<common::SimRuntime>(world_, "nc");
    images_ = std::make_unique<FakeImages>(*runtime_);
    instances_ = std::make_unique<Instances>(
        *runtime_,
        Instances::Seams{hypervisor_, network_, *images_, disks_, records_, storage_, clients_},
        options_);
    return world_.run(*runtime_, instances_->start());
  }
  void kill_daemon() {
    runtime_->kill();
    instances_.reset();
  }
  void restart() {
    const auto cached = images_->cached;
    kill_daemon();
    start();
    images_->cached = cached;
    world_.run_for(10ms);
  }

  Outcome run(const InstanceSpec& spec) {
    return world_.run(*runtime_, instances_->run(spec)).assume_value();
  }
  Outcome terminate(const InstanceId& id = kId, std::int64_t placement_no = 1) {
    return world_.run(*runtime_, instances_->terminate(id, placement_no)).assume_value();
  }
  std::optional<InstanceReport> report(const InstanceId& id = kId) {
    for (const auto& instance : instances_->report().instances)
      if (instance.id == id) return instance;
    return std::nullopt;
  }
  bool reaches(InstanceState state, const InstanceId& id = kId, common::Duration limit = 5min) {
    return world_.run_until([&] { return report(id) && report(id)->state == state; }, limit);
  }
  bool nothing_is_left() {
    return hypervisor_.domains.empty() && network_.ports.empty() && disks_.made.empty();
  }
  // A running instance.
  void launch() {
    world_.run_for(10ms);
    ASSERT_TRUE(run(spec_of(kId)).accepted);
    ASSERT_TRUE(reaches(InstanceState::running));
  }

  common::SimWorld world_;
  FakeHypervisor hypervisor_;
  FakeNetwork network_;
  FakeDisks disks_;
  MemoryRecords records_;
  FakeStorageVolumes storage_;
  FakeVolumeClients clients_;
  InstancesOptions options_;
  std::unique_ptr<common::SimRuntime> runtime_;
  std::unique_ptr<FakeImages> images_;
  std::unique_ptr<Instances> instances_;
};

}  // namespace angophora::nc
