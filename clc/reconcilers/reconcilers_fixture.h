// The reconcilers of instances and of volumes together, with a cluster of two nodes and a storage
// controller that are fakes, in a world that a seed decides. For tests.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>

#include "clc/clients/fake_cluster.h"
#include "clc/clients/fake_storage.h"
#include "clc/clients/fake_walrus.h"
#include "clc/reconcilers/reconcilers.h"
#include "clc/reconcilers/volume_reconcilers.h"
#include "clc/store/events.h"
#include "clc/store/instances.h"
#include "clc/store/migrations.h"
#include "clc/store/public_addresses.h"
#include "clc/store/registrations.h"

namespace angophora::clc::testing {

using namespace std::chrono_literals;
using VS = VolumeState;
using AS = AttachmentState;

class ReconcilersFixture : public ::testing::Test {
 protected:
  explicit ReconcilersFixture(std::uint64_t seed = 1) : world(seed) {
    char name[] = "/tmp/clc-reconcilers-XXXXXX";
    folder = mkdtemp(name);
    for (const auto* node : {"node-1", "node-2"}) cluster.add_node(node, {4, 8192, 100});
    cluster.may_open = [this](const VolumeId& volume, const NodeName& node, std::int64_t epoch) {
      return storage.may_open(volume, node, epoch);
    };
    start();
    register_service("cc-a", ServiceType::cluster);
    register_service("sc-a", ServiceType::storage);
    register_service("node-1", ServiceType::node);
    register_service("node-2", ServiceType::node);
    changes->registry.notify();
  }
  ~ReconcilersFixture() override {
    stop();
    std::filesystem::remove_all(folder);
  }

  void start() {
    runtime.emplace(world, "clc");
    db::Options options;
    options.path = folder + "/clc.db";
    options.inline_io = true;
    database = std::move(db::Database::open(*runtime, options, kMigrations)).value();
    changes.emplace();
    zones.emplace();
    reports.emplace();
    NetworkSettings network;
    network.network = parse_instance_network("10.100.0.0/16").value();
    network.dns_servers = [this] { return dns_servers; };
    network.region = "south";
    reconcilers.emplace(*runtime, *database, cluster, walrus, *zones, *changes, network);
    volumes.emplace(*runtime, *database, cluster, storage, *zones, *reports, *changes);
    ASSERT_TRUE(world.run(*runtime, reconcilers->start()));
    ASSERT_TRUE(world.run(*runtime, volumes->start()));
  }
  void stop() {
    runtime->kill();
    volumes.reset();
    reconcilers.reset();
    reports.reset();
    zones.reset();
    changes.reset();
    database.reset();
    runtime.reset();
  }
  void restart() {
    stop();
    start();
  }

  template <class F>
  auto write(F f) {
    using R = std::invoke_result_t<F&, Tx&>;
    return world.run<R>(*runtime, database->write(std::move(f)));
  }
  // Without running the world: the database works inline.
  template <class F>
  auto peek(F f) {
    using R = std::invoke_result_t<F&, Tx&>;
    common::SimWorld aside;
    common::SimRuntime process(aside, "peek");
    return aside.run<R>(process, database->write(std::move(f))).value();
  }
  void register_service(const std::string& name, ServiceType type) {
    Service service;
    service.name = ServiceName(name);
    service.type = type;
    service.zone = ZoneName("zone-a");
    service.host = name;
    service.port = 1;
    const auto now = runtime->now();
    write([=](Tx& tx) -> Result<> {
      TRY_VOID(Registrations(tx).insert(service));
      return Registrations(tx).enrol(service.name, "s-" + name, "e-" + name, now);
    }).value();
  }

  // An instance that has been launched; running once the world has run a while.
  InstanceId launch(const std::string& id, const std::string& promised = {}) {
    const auto now = runtime->now();
    write([=](Tx& tx) -> Result<> {
      Instance i;
      i.id = InstanceId(id);
      i.account = AccountId("1");
      i.image = ImageId("emi-1");
      i.zone = ZoneName("zone-a");
      i.promised_node = NodeName(promised);
      i.resources = {1, 1024, 10};
      i.launched_at = i.changed_at = now;
      const std::string macs[] = {"d0:0d:" + id};
      TRY(const auto taken,
          Addresses(tx).take(parse_instance_network("10.100.0.0/16").value(), i.id, macs));
      i.private_ip = taken.address;
      i.mac = taken.mac;
      return Instances(tx).insert(i);
    }).value();
    changes->instances.notify();
    return InstanceId(id);
  }
  InstanceId running(const std::string& id) {
    launch(id);
    EXPECT_TRUE(reaches(InstanceId(id), InstanceState::running, 60s));
    return InstanceId(id);
  }
  Instance instance(const InstanceId& id) {
    return peek([=](Tx& tx) { return Instances(tx).find(id); }).value_or(Instance{});
  }
  bool reaches(const InstanceId& id, InstanceState state, Duration limit = 30s) {
    return world.run_until([&] { return instance(id).state == state; }, limit);
  }
  void terminate(const InstanceId& id) {
    const auto now = runtime->now();
    write([=](Tx& tx) { return Instances(tx).want_end(id, user_ended_it(), now); }).value();
    changes->instances.notify();
  }

  VolumeId create(const std::string& id) {
    const auto now = runtime->now();
    write([=](Tx& tx) -> Result<> {
      Volume volume;
      volume.id = VolumeId(id);
      volume.account = AccountId("1");
      volume.zone = ZoneName("zone-a");
      volume.size_gib = 1;
      volume.created_at = volume.changed_at = now;
      return Volumes(tx).insert(volume);
    }).value();
    changes->volumes.notify();
    return VolumeId(id);
  }
  VolumeId available(const std::string& id) {
    create(id);
    EXPECT_TRUE(reaches(VolumeId(id), VS::available));
    return VolumeId(id);
  }
  void remove(const VolumeId& id) {
    const auto now = runtime->now();
    write([=](Tx& tx) { return Volumes(tx).advance(id, VolumeEvent::unwant, "", now); }).value();
    changes->volumes.notify();
  }
  // As the action does; false when it is refused.
  bool attach(const VolumeId& id, const InstanceId& to, const std::string& device = "/dev/sdf",
              bool delete_on_termination = false) {
    const auto now = runtime->now();
    const auto claimed = write([=](Tx& tx) -> Result<std::int64_t> {
      TRY(const auto found, Instances(tx).find(to));
      if (!found || found->state != InstanceState::running)
        return Error(common::Errc::not_found, "it does not run");
      Attachment a;
      a.volume = id;
      a.instance = to;
      a.node = found->node;
      a.placement_no = found->placement_no;
      a.device = device;
      a.delete_on_termination = delete_on_termination;
      return Attachments(tx).claim(a, now);
    });
    changes->volumes.notify();
    return claimed.has_value();
  }
  void detach(const VolumeId& id, bool force = false) {
    const auto now = runtime->now();
    write([=](Tx& tx) -> Result<> {
      TRY(const auto found, Attachments(tx).find(id));
      if (!found) return common::ok();
      TRY_VOID(Attachments(tx).want_end(id, found->epoch, force, now));
      return common::ok();
    }).value();
    changes->volumes.notify();
  }
  std::optional<Volume> volume(const VolumeId& id) {
    return peek([=](Tx& tx) { return Volumes(tx).find(id); });
  }
  bool reaches(const VolumeId& id, VS state, Duration limit = 30s) {
    return world.run_until(
        [&] {
          const auto now = volume(id);
          return now ? now->state == state : state == VS::deleted;
        },
        limit);
  }
  bool attachment_reaches(const VolumeId& id, AS state, Duration limit = 30s) {
    return world.run_until(
        [&] {
          const auto now = volume(id);
          return now && now->attachment && now->attachment->state == state;
        },
        limit);
  }
  NodeVolumeState seen_on_node(const InstanceId& guest, const VolumeId& id) {
    const auto seen = cluster.volume(guest, id);
    return seen ? seen->state : NodeVolumeState::detached;
  }
  std::string why(const VolumeId& id, const std::string& kind) {
    for (const auto& event : peek([=](Tx& tx) { return Events(tx).of(id.value); }))
      if (event.kind == kind) return event.detail;
    return "";
  }
  FakeCluster::Node& node(const NodeName& name) { return cluster.nodes[name]; }

  std::string folder;
  std::vector<std::string> dns_servers;
  common::SimWorld world;
  common::SimRuntime neighbours{world, "cc-a"};
  common::SimRuntime storage_process{world, "sc-a"};
  FakeCluster cluster{world, neighbours};
  FakeStorage storage{world, storage_process};
  FakeWalrus walrus;
  std::optional<common::SimRuntime> runtime;
  std::unique_ptr<db::Database> database;
  std::optional<Changes> changes;
  std::optional<Zones> zones;
  std::optional<StorageReports> reports;
  std::optional<Reconcilers> reconcilers;
  std::optional<VolumeReconcilers> volumes;
};

}  // namespace angophora::clc::testing
