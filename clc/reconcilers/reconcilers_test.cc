#include "clc/reconcilers/reconcilers.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "clc/clients/fake_cluster.h"
#include "clc/clients/fake_walrus.h"
#include "clc/reconcilers/instance_figures.h"
#include "clc/store/instances.h"
#include "clc/store/migrations.h"
#include "clc/store/registrations.h"

namespace angophora::clc {
namespace {

using namespace std::chrono_literals;
using S = InstanceState;

class ReconcilersTest : public ::testing::Test {
 protected:
  explicit ReconcilersTest(std::uint64_t seed = 1) : world(seed) {
    char name[] = "/tmp/clc-reconcilers-XXXXXX";
    folder = mkdtemp(name);
    for (const auto* node : {"node-1", "node-2"}) cluster.add_node(node, {4, 8192, 100});
    start();
    register_service("cc-a", ServiceType::cluster);
    register_service("node-1", ServiceType::node);
    register_service("node-2", ServiceType::node);
    changes->registry.notify();
  }
  ~ReconcilersTest() override {
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
    NetworkSettings network;
    network.network = parse_instance_network("10.100.0.0/16").value();
    network.dns_servers = [this] { return dns_servers; };
    reconcilers.emplace(*runtime, *database, cluster, walrus, *zones, *changes, network);
    ASSERT_TRUE(world.run(*runtime, reconcilers->start()));
  }
  void stop() {
    runtime->kill();
    reconcilers.reset();
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
  void terminate(const InstanceId& id) {
    const auto now = runtime->now();
    write([=](Tx& tx) { return Instances(tx).want_end(id, user_ended_it(), now); }).value();
    changes->instances.notify();
  }
  Instance get(const InstanceId& id) {
    auto found = write([=](Tx& tx) { return Instances(tx).find(id); }).value();
    return found ? *found : Instance{};
  }
  bool reaches(const InstanceId& id, S state, Duration limit = 30s) {
    return world.run_until([&] { return get_now(id) == state; }, limit);
  }
  // Read without running the world: the database works inline.
  S get_now(const InstanceId& id) {
    S state = S::pending;
    const auto read = [&](Tx& tx) -> Result<> {
      TRY(const auto found, Instances(tx).find(id));
      if (found) state = found->state;
      return common::ok();
    };
    // The coroutine ends at once, but its start is an event: peek through a throw-away world.
    common::SimWorld aside;
    common::SimRuntime process(aside, "peek");
    aside.run<Result<>>(process, database->write(read)).value();
    return state;
  }

  std::string folder;
  std::vector<std::string> dns_servers;
  common::SimWorld world;
  common::SimRuntime neighbours{world, "cc-a"};
  FakeCluster cluster{world, neighbours};
  FakeWalrus walrus;
  std::optional<common::SimRuntime> runtime;
  std::unique_ptr<db::Database> database;
  std::optional<Changes> changes;
  std::optional<Zones> zones;
  std::optional<Reconcilers> reconcilers;
};

TEST_F(ReconcilersTest, RunsAnInstanceAndSeesItRun) {
  const auto id = launch("i-a");
  ASSERT_TRUE(reaches(id, S::running));
  EXPECT_FALSE(get(id).node.empty());
  EXPECT_EQ(cluster.starts(id), 1);
}

TEST_F(ReconcilersTest, AnOrderGoesOutInMilliseconds) {
  world.run_for(5s);
  const auto before = world.steady_now();
  const auto id = launch("i-a");
  ASSERT_TRUE(world.run_until([&] { return cluster.starts(id) == 1; }, 10s));
  EXPECT_LT(world.steady_now() - before, 100ms);
}

TEST_F(ReconcilersTest, TheFiguresFollowTheInstances) {
  admin::Metrics metrics;
  const auto figure = [&](const std::string& state, int count) {
    publish_figures(reconcilers->table(), metrics);
    return metrics.text().find("clc_instances{zone=\"zone-a\",state=\"" + state + "\"} " +
                               std::to_string(count) + "\n") != std::string::npos;
  };
  cluster.boots = false;
  const auto id = launch("i-a");
  launch("i-b");
  world.run_for(2s);
  EXPECT_TRUE(figure("pending", 2)) << metrics.text();
  cluster.set_guest(id, GuestState::running);
  ASSERT_TRUE(reaches(id, S::running));
  world.run_for(1s);
  EXPECT_TRUE(figure("pending", 1)) << metrics.text();
  EXPECT_TRUE(figure("running", 1)) << metrics.text();
  terminate(id);
  ASSERT_TRUE(reaches(id, S::terminated));
  world.run_for(1s);
  EXPECT_TRUE(figure("running", 0)) << metrics.text();
  EXPECT_TRUE(figure("terminated", 1)) << metrics.text();
  world.run_for(2h);
  EXPECT_TRUE(figure("terminated", 0)) << "forgotten";
}

TEST_F(ReconcilersTest, EndsAnInstanceAndGivesBackWhatItHeld) {
  const auto id = launch("i-a");
  ASSERT_TRUE(reaches(id, S::running));
  terminate(id);
  ASSERT_TRUE(reaches(id, S::terminated));
  EXPECT_EQ(cluster.living(id), 0);
  EXPECT_EQ(get(id).private_ip, 0u);
  EXPECT_EQ(get(id).reason.code, "Client.UserInitiatedShutdown");
}

TEST_F(ReconcilersTest, AnInstanceThatNeverHadANodeEndsWithoutOne) {
  cluster.nodes.clear();
  const auto id = launch("i-a");
  world.run_for(3s);
  EXPECT_EQ(get(id).state, S::pending);
  terminate(id);
  EXPECT_TRUE(reaches(id, S::terminated, 2s));
}

TEST_F(ReconcilersTest, TheNameServersOfTheMomentAreInTheNetwork) {
  world.run_for(5s);
  const auto before = cluster.network.version;
  EXPECT_TRUE(cluster.network.dns_servers.empty()) << "the nodes answer themselves";
  EXPECT_EQ(cluster.network.dns_domain, "angophora.internal");
  dns_servers = {"192.0.2.53"};
  changes->network.notify();
  ASSERT_TRUE(world.run_until([&] { return cluster.network.version > before; }, 2s));
  EXPECT_EQ(cluster.network.dns_servers, dns_servers);
}

TEST_F(ReconcilersTest, WhatWasPromisedMeanwhileIsNotGivenAway) {
  cluster.nodes.erase(NodeName("node-2"));
  world.run_for(2s);
  for (const auto* id : {"i-a", "i-b", "i-c", "i-d"}) launch(id, "node-1");
  const auto late = launch("i-0", "");
  ASSERT_TRUE(reaches(InstanceId("i-a"), S::running));
  ASSERT_TRUE(reaches(InstanceId("i-d"), S::running));
  world.run_for(10s);
  EXPECT_EQ(get(late).state, S::pending) << "the fake proposes the node, the books do not allow it";
  terminate(InstanceId("i-a"));
  EXPECT_TRUE(reaches(late, S::running));
}

TEST_F(ReconcilersTest, WaitsForRoomAndGivesUpWithAReason) {
  cluster.nodes.clear();
  const auto id = launch("i-a");
  ASSERT_TRUE(reaches(id, S::terminated, 11min));
  EXPECT_EQ(get(id).reason.code, "Server.InsufficientInstanceCapacity");
}

TEST_F(ReconcilersTest, AGuestThatShutsItselfDownIsTerminated) {
  const auto id = launch("i-a");
  ASSERT_TRUE(reaches(id, S::running));
  cluster.set_guest(id, GuestState::terminated);
  ASSERT_TRUE(reaches(id, S::terminated));
  EXPECT_EQ(get(id).reason.code, "Client.InstanceInitiatedShutdown");
}

TEST_F(ReconcilersTest, AFailedLaunchSaysWhy) {
  cluster.boots = false;
  const auto id = launch("i-a");
  world.run_for(2s);
  cluster.set_guest(id, GuestState::failed, "part 3 has a wrong digest");
  ASSERT_TRUE(reaches(id, S::terminated));
  EXPECT_NE(get(id).reason.message.find("part 3"), std::string::npos);
}

TEST_F(ReconcilersTest, ARefusedOrderGoesToAnotherNode) {
  cluster.nodes[NodeName("node-1")].refuses = true;
  const auto id = launch("i-a");
  ASSERT_TRUE(reaches(id, S::running));
  EXPECT_EQ(get(id).node, NodeName("node-2"));
  EXPECT_EQ(get(id).placement_no, 2);
}

TEST_F(ReconcilersTest, ASilentNodeKeepsItsInstances) {
  const auto id = launch("i-a");
  ASSERT_TRUE(reaches(id, S::running));
  cluster.nodes[get(id).node].reachable = false;
  world.run_for(1h);
  EXPECT_EQ(get(id).state, S::running);
  EXPECT_EQ(cluster.starts(id), 1);
}

TEST_F(ReconcilersTest, AnOrderToASilentNodeIsNeverMovedElsewhere) {
  cluster.boots = false;
  const auto id = launch("i-a");
  ASSERT_TRUE(world.run_until([&] { return cluster.starts(id) == 1; }, 10s));
  cluster.nodes[get(id).node].reachable = false;
  world.run_for(5min);
  EXPECT_EQ(cluster.living(id), 1);
  EXPECT_EQ(get(id).placement_no, 1);
}

TEST_F(ReconcilersTest, ARemovedNodeLosesItsInstancesAndDestroysThemWhenItComesBack) {
  cluster.boots = false;
  const auto id = launch("i-a");
  ASSERT_TRUE(world.run_until([&] { return cluster.starts(id) == 1; }, 10s));
  const auto old_node = get(id).node;
  cluster.nodes[old_node].reachable = false;
  cluster.boots = true;
  write([&](Tx& tx) { return Registrations(tx).remove(ServiceName(old_node.value)); }).value();
  changes->registry.notify();
  ASSERT_TRUE(reaches(id, S::running));
  EXPECT_NE(get(id).node, old_node);
  EXPECT_EQ(cluster.living(id), 2);
  register_service(old_node.value, ServiceType::node);
  cluster.nodes[old_node].reachable = true;
  ASSERT_TRUE(world.run_until([&] { return cluster.living(id) == 1; }, 30s));
  EXPECT_EQ(get(id).state, S::running);
}

TEST_F(ReconcilersTest, ARunningGuestItsNodeForgotIsLostAfterAWhile) {
  const auto id = launch("i-a");
  ASSERT_TRUE(reaches(id, S::running));
  cluster.nodes[get(id).node].guests.clear();
  world.run_for(30s);
  EXPECT_EQ(get(id).state, S::running);
  EXPECT_TRUE(reaches(id, S::terminated, 1min));
}

TEST_F(ReconcilersTest, AGuestOfATerminatedInstanceIsDestroyed) {
  const auto id = launch("i-a");
  ASSERT_TRUE(reaches(id, S::running));
  terminate(id);
  ASSERT_TRUE(reaches(id, S::terminated));
  cluster.set_guest(id, GuestState::running);
  ASSERT_EQ(cluster.living(id), 1);
  EXPECT_TRUE(world.run_until([&] { return cluster.living(id) == 0; }, 10s));
}

TEST_F(ReconcilersTest, ARestartOfTheClusterControllerChangesNothing) {
  const auto id = launch("i-a");
  ASSERT_TRUE(reaches(id, S::running));
  cluster.restart();
  world.run_for(1min);
  EXPECT_EQ(get(id).state, S::running);
  EXPECT_EQ(cluster.starts(id), 1);
  EXPECT_GE(cluster.network.version, 1);
}

TEST_F(ReconcilersTest, ARestartOfTheCloudControllerGoesOnWhereItWas) {
  cluster.is_down = true;
  const auto id = launch("i-a");
  world.run_for(2s);
  restart();
  cluster.is_down = false;
  ASSERT_TRUE(reaches(id, S::running));
  terminate(id);
  restart();
  EXPECT_TRUE(reaches(id, S::terminated));
}

TEST_F(ReconcilersTest, TerminatedInstancesGoAfterAnHour) {
  const auto id = launch("i-a");
  ASSERT_TRUE(reaches(id, S::running));
  terminate(id);
  ASSERT_TRUE(reaches(id, S::terminated));
  world.run_for(59min);
  EXPECT_EQ(get(id).id, id);
  world.run_for(2min);
  EXPECT_TRUE(get(id).id.empty());
}

TEST_F(ReconcilersTest, TheNetworkFollowsTheInstances) {
  const auto id = launch("i-a");
  ASSERT_TRUE(reaches(id, S::running));
  world.run_for(2s);
  ASSERT_EQ(cluster.network.instances.size(), 1u);
  EXPECT_EQ(cluster.network.instances[0].node, get(id).node);
  const auto version = cluster.network.version;
  world.run_for(1min);
  EXPECT_EQ(cluster.network.version, version);
  terminate(id);
  ASSERT_TRUE(reaches(id, S::terminated));
  world.run_for(2s);
  EXPECT_TRUE(cluster.network.instances.empty());
  EXPECT_GT(cluster.network.version, version);
}

TEST_F(ReconcilersTest, TheNetworkNamesTheAddressesOfTheNodes) {
  write([&](Tx& tx) -> Result<> {
    Service node;
    node.name = ServiceName("node-9");
    node.zone = ZoneName("zone-a");
    node.host = "192.0.2.9";
    node.port = 8775;
    return Registrations(tx).insert(node);
  }).value();
  const auto has_node = [&] {
    const auto& nodes = cluster.network.nodes;
    return nodes.size() == 1 && nodes[0].name == NodeName("node-9") &&
           format_address(nodes[0].address) == "192.0.2.9";
  };
  EXPECT_TRUE(world.run_until(has_node, 10s));
}

TEST_F(ReconcilersTest, ANodeThatMissedTheNetworkGetsItAgain) {
  const auto id = launch("i-a");
  ASSERT_TRUE(reaches(id, S::running));
  world.run_for(5s);
  cluster.nodes[NodeName("node-2")].network_version = 0;
  EXPECT_TRUE(world.run_until(
      [&] { return cluster.nodes[NodeName("node-2")].network_version == cluster.network.version; },
      10s));
}

// Losses, repetitions, delays and restarts, by seeds: nothing acknowledged is lost, nothing runs
// twice, and everything gets where it should once the faults stop.
class Storm : public ReconcilersTest, public ::testing::WithParamInterface<int> {
 protected:
  Storm() : ReconcilersTest(static_cast<std::uint64_t>(GetParam()) + 100) {}
};

TEST_P(Storm, EveryInstanceGetsWhereItShouldExactlyOnce) {
  cluster.faults = {10, 10, 20, 2s};
  std::vector<InstanceId> ids;
  std::set<InstanceId> unwanted;
  for (int step = 0; step < 40; ++step) {
    switch (world.random_below(6)) {
      case 0:
      case 1:
        if (ids.size() - unwanted.size() < 8) ids.push_back(launch("i-" + std::to_string(step)));
        break;
      case 2:
        if (!ids.empty()) {
          const auto& id = ids[world.random_below(ids.size())];
          terminate(id);
          unwanted.insert(id);
        }
        break;
      case 3:
        restart();
        break;
      case 4:
        cluster.restart();
        break;
      default: {
        auto& node = cluster.nodes[NodeName(world.random_below(2) ? "node-1" : "node-2")];
        node.reachable = !node.reachable;
      }
    }
    world.run_for(Duration(world.random_below(5'000'000'000)));
    for (const auto& id : ids) ASSERT_LE(cluster.living(id), 1) << id.value;
  }
  cluster.faults = {};
  for (auto& [name, node] : cluster.nodes) node.reachable = true;
  for (const auto& id : ids) {
    const bool unwanted_here = unwanted.contains(id);
    ASSERT_TRUE(reaches(id, unwanted_here ? S::terminated : S::running, 5min)) << id.value;
  }
  world.run_for(1min);
  std::set<std::uint32_t> addresses;
  for (const auto& id : ids) {
    EXPECT_EQ(cluster.living(id), unwanted.contains(id) ? 0 : 1) << id.value;
    if (unwanted.contains(id)) continue;
    EXPECT_TRUE(addresses.insert(get(id).private_ip).second) << id.value;
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, Storm, ::testing::Range(0, 20));

}  // namespace
}  // namespace angophora::clc
