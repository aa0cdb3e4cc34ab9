// The machine below a node controller: its guests, disks, ports and records. It outlives the
// daemon, and what the daemon has ordered from it happens even when the daemon dies meanwhile.
// Everything takes some time, so that a daemon can die between any two steps.
#pragma once

#include <map>
#include <set>
#include <string>

#include "common/runtime/sim_runtime.h"
#include "nc/hypervisor/hypervisor.h"
#include "nc/images/fake_disks.h"
#include "nc/instances/records.h"
#include "nc/network/fake_network.h"
#include "nc/volumes/fake_volume_clients.h"
#include "tests/sim/trace.h"

namespace angophora::sim {

using common::Duration;
using common::InstanceId;
using common::SnapshotId;
using common::VolumeId;

// What a node keeps when its daemon dies.
struct Machine {
  struct Guest {
    nc::DomainPlan plan;
    nc::DomainStatus status;
    common::SteadyTime busy_until{};  // libvirt does one thing at a time with a domain
  };
  Machine(common::SimWorld& w, Trace& t, std::string n) : world(w), trace(t), name(std::move(n)) {}

  // The power fails: guests stop, what lies on disk stays.
  void lose_power();
  // Grows with every change of the guests and disks.
  std::uint64_t changes = 0;

  common::SimWorld& world;
  Trace& trace;
  std::string name;
  std::string boot_id = "boot-0";
  std::map<InstanceId, Guest> guests;
  std::set<InstanceId> ever_started;
  // What shines through the instances' disks: an image that was fetched.
  struct Base {
    common::ImageId image;
    std::string path;
    std::string sha1;  // of the file when the disk was made; empty when there was none
    bool is_checked = false;
  };
  std::map<InstanceId, Base> bases;
  nc::FakeNetwork network;
  nc::FakeDisks disks;
  nc::MemoryRecords records;
  nc::FakeVolumeClients volume_clients;
  std::function<void(nc::DomainEvent)> listener;  // of the daemon that lives now
  Duration slowness = std::chrono::milliseconds(200);

  Duration some_time();
};

// libvirt as one daemon sees it.
class SimHypervisor final : public nc::Hypervisor {
 public:
  SimHypervisor(common::Runtime& runtime, Machine& machine)
      : runtime_(runtime), machine_(machine) {}
  ~SimHypervisor() override { machine_.listener = nullptr; }

  common::Task<> start(nc::DomainPlan plan) override;
  common::Task<> remove(InstanceId id) override;
  common::Task<> ask_to_reboot(InstanceId id) override;
  common::Task<> reset(InstanceId id) override;
  common::Task<> resume(InstanceId id) override;
  common::Task<> attach_disk(InstanceId id, nc::Disk disk) override;
  common::Task<bool> detach_disk(InstanceId id, nc::Disk disk) override;
  common::Task<std::vector<nc::DomainStatus>> list() override;
  void on_event(std::function<void(nc::DomainEvent)> listener) override {
    machine_.listener = std::move(listener);
  }
  nc::Virtualization virtualization() const override { return nc::Virtualization::qemu; }
  std::string description() const override { return "simulated"; }

 private:
  // Lets `effect` happen on the machine after a while, whether or not the daemon lives to see it.
  common::Task<> order(InstanceId id, std::function<common::Result<>()> effect);

  common::Runtime& runtime_;
  Machine& machine_;
};

// Disks that take a moment, and that are never made again under a guest that has run.
class SimDisks final : public nc::Disks {
 public:
  SimDisks(common::Runtime& runtime, Machine& machine) : runtime_(runtime), machine_(machine) {}
  common::Task<> make(nc::InstanceSpec spec, std::string image, std::uint64_t bytes) override;
  common::Task<> remove(InstanceId id) override;
  common::Task<std::vector<InstanceId>> list() override { return machine_.disks.list(); }
  common::Task<nc::DiskRoom> room() override { return machine_.disks.room(); }

 private:
  common::Runtime& runtime_;
  Machine& machine_;
};

// Records that are on disk some time after the order to write them.
class SimRecords final : public nc::Records {
 public:
  SimRecords(common::Runtime& runtime, Machine& machine) : runtime_(runtime), machine_(machine) {}
  common::Task<nc::LoadedRecords> load() override { return machine_.records.load(); }
  common::Task<> save(nc::InstanceRecord record) override;
  common::Task<> remove(InstanceId id, std::uint64_t sequence) override;

 private:
  common::Runtime& runtime_;
  Machine& machine_;
};

}  // namespace angophora::sim
