#include "clc/reconcilers/instance_figures.h"
#include "clc/reconcilers/reconcilers_fixture.h"

namespace angophora::clc {
namespace {

using namespace std::chrono_literals;
using S = InstanceState;

using ReconcilersTest = testing::ReconcilersFixture;

TEST_F(ReconcilersTest, RunsAnInstanceAndSeesItRun) {
  const auto id = launch("i-a");
  ASSERT_TRUE(reaches(id, S::running));
  EXPECT_FALSE(instance(id).node.empty());
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
  EXPECT_EQ(instance(id).private_ip, 0u);
  EXPECT_EQ(instance(id).reason.code, "Client.UserInitiatedShutdown");
}

TEST_F(ReconcilersTest, AnInstanceThatNeverHadANodeEndsWithoutOne) {
  cluster.nodes.clear();
  const auto id = launch("i-a");
  world.run_for(3s);
  EXPECT_EQ(instance(id).state, S::pending);
  terminate(id);
  EXPECT_TRUE(reaches(id, S::terminated, 2s));
}

TEST_F(ReconcilersTest, TheNameServersOfTheMomentAreInTheNetwork) {
  world.run_for(5s);
  const auto before = cluster.network.version;
  EXPECT_TRUE(cluster.network.dns_servers.empty()) << "the nodes answer themselves";
  EXPECT_EQ(cluster.network.dns_domain, "angophora.internal");
  EXPECT_EQ(cluster.network.region, "south");
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
  EXPECT_EQ(instance(late).state, S::pending)
      << "the fake proposes the node, the books do not allow it";
  terminate(InstanceId("i-a"));
  EXPECT_TRUE(reaches(late, S::running));
}

TEST_F(ReconcilersTest, WaitsForRoomAndGivesUpWithAReason) {
  cluster.nodes.clear();
  const auto id = launch("i-a");
  ASSERT_TRUE(reaches(id, S::terminated, 11min));
  EXPECT_EQ(instance(id).reason.code, "Server.InsufficientInstanceCapacity");
}

TEST_F(ReconcilersTest, AGuestThatShutsItselfDownIsTerminated) {
  const auto id = launch("i-a");
  ASSERT_TRUE(reaches(id, S::running));
  cluster.set_guest(id, GuestState::terminated);
  ASSERT_TRUE(reaches(id, S::terminated));
  EXPECT_EQ(instance(id).reason.code, "Client.InstanceInitiatedShutdown");
}

TEST_F(ReconcilersTest, AFailedLaunchSaysWhy) {
  cluster.boots = false;
  const auto id = launch("i-a");
  world.run_for(2s);
  cluster.set_guest(id, GuestState::failed, "part 3 has a wrong digest");
  ASSERT_TRUE(reaches(id, S::terminated));
  EXPECT_NE(instance(id).reason.message.find("part 3"), std::string::npos);
}

TEST_F(ReconcilersTest, ARefusedOrderGoesToAnotherNode) {
  cluster.nodes[NodeName("node-1")].refuses = true;
  const auto id = launch("i-a");
  ASSERT_TRUE(reaches(id, S::running));
  EXPECT_EQ(instance(id).node, NodeName("node-2"));
  EXPECT_EQ(instance(id).placement_no, 2);
}

TEST_F(ReconcilersTest, RefusalsOfAllNodesAreWaitedOut) {
  for (auto& [name, node] : cluster.nodes) node.refuses = true;
  const auto id = launch("i-a");
  world.run_for(90s);
  EXPECT_EQ(instance(id).state, S::pending);
  for (auto& [name, node] : cluster.nodes) node.refuses = false;
  ASSERT_TRUE(reaches(id, S::running, 2min));
  EXPECT_LE(instance(id).placement_no, 5);
}

TEST_F(ReconcilersTest, RefusalsThatStayEndTheInstanceWithTheirReason) {
  for (auto& [name, node] : cluster.nodes) node.refuses = true;
  const auto id = launch("i-a");
  ASSERT_TRUE(reaches(id, S::terminated, 3min));
  EXPECT_EQ(instance(id).reason.code, "Server.InternalError");
  EXPECT_NE(instance(id).reason.message.find("the disk is full"), std::string::npos);
}

TEST_F(ReconcilersTest, ASilentNodeKeepsItsInstances) {
  const auto id = launch("i-a");
  ASSERT_TRUE(reaches(id, S::running));
  cluster.nodes[instance(id).node].reachable = false;
  world.run_for(1h);
  EXPECT_EQ(instance(id).state, S::running);
  EXPECT_EQ(cluster.starts(id), 1);
}

TEST_F(ReconcilersTest, AnOrderToASilentNodeIsNeverMovedElsewhere) {
  cluster.boots = false;
  const auto id = launch("i-a");
  ASSERT_TRUE(world.run_until([&] { return cluster.starts(id) == 1; }, 10s));
  cluster.nodes[instance(id).node].reachable = false;
  world.run_for(5min);
  EXPECT_EQ(cluster.living(id), 1);
  EXPECT_EQ(instance(id).placement_no, 1);
}

TEST_F(ReconcilersTest, ARemovedNodeLosesItsInstancesAndDestroysThemWhenItComesBack) {
  cluster.boots = false;
  const auto id = launch("i-a");
  ASSERT_TRUE(world.run_until([&] { return cluster.starts(id) == 1; }, 10s));
  const auto old_node = instance(id).node;
  cluster.nodes[old_node].reachable = false;
  cluster.boots = true;
  write([&](Tx& tx) { return Registrations(tx).remove(ServiceName(old_node.value)); }).value();
  changes->registry.notify();
  ASSERT_TRUE(reaches(id, S::running));
  EXPECT_NE(instance(id).node, old_node);
  EXPECT_EQ(cluster.living(id), 2);
  register_service(old_node.value, ServiceType::node);
  cluster.nodes[old_node].reachable = true;
  ASSERT_TRUE(world.run_until([&] { return cluster.living(id) == 1; }, 30s));
  EXPECT_EQ(instance(id).state, S::running);
}

TEST_F(ReconcilersTest, ARunningGuestItsNodeForgotIsLostAfterAWhile) {
  const auto id = launch("i-a");
  ASSERT_TRUE(reaches(id, S::running));
  cluster.nodes[instance(id).node].guests.clear();
  world.run_for(30s);
  EXPECT_EQ(instance(id).state, S::running);
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
  EXPECT_EQ(instance(id).state, S::running);
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
  EXPECT_EQ(instance(id).id, id);
  world.run_for(2min);
  EXPECT_TRUE(instance(id).id.empty());
}

TEST_F(ReconcilersTest, APublicAddressThatMovesIsInOneDocument) {
  const auto one = running("i-1"), two = running("i-2");
  const auto address = parse_address("198.51.100.5").value();
  PublicAddress given;
  given.address = address;
  given.account = AccountId("1");
  given.allocation = AllocationId("eipalloc-1");
  const auto move_to = [&](const InstanceId& to) {
    write([=](Tx& tx) -> Result<> {
      TRY(const auto present, PublicAddresses(tx).find(address));
      if (!present)
        TRY_VOID(PublicAddresses(tx).insert(given));
      else
        TRY_VOID(PublicAddresses(tx).disassociate(*present));
      return PublicAddresses(tx).associate(address, to, AssociationId("eipassoc-" + to.value));
    }).value();
    changes->network.notify();
  };
  std::set<std::set<std::string>> seen;  // who had it, in each document
  const auto holders = [&] {
    std::set<std::string> ids;
    for (const auto& i : cluster.network.instances)
      if (i.public_ip == address) ids.insert(i.id.value);
    seen.insert(ids);
    return ids;
  };
  move_to(one);
  ASSERT_TRUE(world.run_until([&] { return holders().contains("i-1"); }, 1s));
  seen.clear();
  move_to(two);
  ASSERT_TRUE(world.run_until([&] { return holders().contains("i-2"); }, 1s));
  EXPECT_EQ(seen, (std::set<std::set<std::string>>{{"i-1"}, {"i-2"}}));
  terminate(two);
  ASSERT_TRUE(reaches(two, InstanceState::terminated));
  EXPECT_TRUE(world.run_until([&] { return holders().empty(); }, 6s));
}

TEST_F(ReconcilersTest, TheNetworkFollowsTheInstances) {
  const auto id = launch("i-a");
  ASSERT_TRUE(reaches(id, S::running));
  world.run_for(2s);
  ASSERT_EQ(cluster.network.instances.size(), 1u);
  EXPECT_EQ(cluster.network.instances[0].node, instance(id).node);
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
    EXPECT_TRUE(addresses.insert(instance(id).private_ip).second) << id.value;
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, Storm, ::testing::Range(0, 20));

}  // namespace
}  // namespace angophora::clc
