// The cluster controller's operations, with fake nodes on a simulated clock.
#include <gtest/gtest.h>

#include <memory>

#include "cc/operations/services.h"
#include "cc/testing/fake_node.h"
#include "common/runtime/sim_runtime.h"
#include "common/soap/fault.h"

namespace angophora::cc {
namespace {

using namespace std::chrono_literals;
using soap::Role;

std::string code_of(Errc e) { return std::string(common::to_string(e)); }

namespace cluster = soap::cluster;

class ClusterController : public ::testing::Test {
 protected:
  ClusterController() {
    network_.attach(ServiceName("cc"), dispatcher_);
    serve_operations(services_, dispatcher_);
    nodes_.set_members({{NodeName("n1")}, {NodeName("n2")}});
  }
  ~ClusterController() override {
    for (auto* runtime : {&cc_, &node_runtime_, &clc_}) runtime->kill();
  }

  template <class Op>
  common::Result<typename Op::Reply> call(typename Op::Request request, Role as = Role::cloud) {
    soap::LocalChannel channel(clc_, network_, ServiceName("clc"), as);
    const soap::CallOptions options(20s, "req-1");
    return world_.run(clc_,
                      soap::call<Op>(channel, ServiceName("cc"), std::move(request), options));
  }
  cluster__DescribeZoneResponseType zone(int wait_ms = 0, std::string boot = {},
                                         std::int64_t generation = 0) {
    cluster__DescribeZoneType request;
    if (!boot.empty()) request.knownBootId = boot;
    request.knownGeneration = generation;
    request.waitMs = wait_ms;
    return call<cluster::DescribeZone>(std::move(request)).assume_value();
  }
  cluster__zoneNode zone_node(const std::string& name) {
    for (auto& node : zone().nodes)
      if (node.node.nodeName == name) return node;
    return {};
  }
  std::string reserve(const std::string& id, std::int64_t placement_no = 1) {
    cluster__ReserveNodesType request;
    auto& r = request.requests.emplace_back();
    r.instanceId = id;
    r.placementNo = placement_no;
    r.vcpus = 1;
    r.memoryMib = 1024;
    r.diskGib = 5;
    const auto answer = call<cluster::ReserveNodes>(std::move(request)).assume_value();
    const auto& reservation = answer.reservations.at(0);
    return reservation.nodeName.value_or("none: " + reservation.reason.value_or(""));
  }
  std::vector<t__outcome> run(std::vector<std::pair<std::string, std::string>> orders) {
    cluster__RunInstancesType request;
    for (auto& [node, id] : orders) {
      auto& order = request.orders.emplace_back();
      order.nodeName = node;
      order.instance.instanceId = id;
      order.instance.placementNo = 1;
    }
    return call<cluster::RunInstances>(std::move(request)).assume_value().outcomes;
  }
  std::vector<t__outcome> terminate(const std::string& id, std::optional<std::string> node = {}) {
    cluster__TerminateInstancesType request;
    auto& ref = request.instances.emplace_back();
    ref.instanceId = id;
    ref.placementNo = 1;
    ref.nodeName = std::move(node);
    return call<cluster::TerminateInstances>(std::move(request)).assume_value().outcomes;
  }
  t__outcome attach(const std::string& node, const std::string& volume) {
    cluster__AttachVolumeType request;
    request.nodeName = node;
    request.instanceId = "i-1";
    request.placementNo = 1;
    request.volumeId = volume;
    request.attachmentEpoch = 4;
    request.device = "/dev/sdf";
    request.storageHost = "10.0.0.3";
    request.storagePort = 8777;
    request.storageName = "sc-1";
    return call<cluster::AttachVolume>(std::move(request)).assume_value().outcome;
  }
  t__outcome detach(const std::string& node, const std::string& volume) {
    cluster__DetachVolumeType request;
    request.nodeName = node;
    request.instanceId = "i-1";
    request.placementNo = 1;
    request.volumeId = volume;
    request.attachmentEpoch = 4;
    request.force = true;
    return call<cluster::DetachVolume>(std::move(request)).assume_value().outcome;
  }
  std::int64_t apply(std::int64_t version) {
    cluster__ApplyNetworkType request;
    request.network.version = version;
    return call<cluster::ApplyNetwork>(std::move(request)).assume_value().appliedVersion;
  }

  common::SimWorld world_;
  common::SimRuntime cc_{world_, "cc"}, node_runtime_{world_, "node"}, clc_{world_, "clc"};
  soap::LocalNetwork network_;
  soap::LocalChannel channel_{cc_, network_, ServiceName("cc"), Role::cluster};
  FakeNode n1_{node_runtime_, network_, "n1"}, n2_{node_runtime_, network_, "n2"};
  Zone zone_{make_greedy(), ZoneLimits{}, [this] {
               ++services_.generation;
               services_.changed.notify();
             }};
  Nodes nodes_{cc_, channel_, zone_};
  Services services_{cc_,   channel_,  zone_, nodes_, ServiceName("cc"), ZoneName("zone-a"),
                     "0.1", "cc-boot", 1,     {}};
  soap::Dispatcher dispatcher_;
};

TEST_F(ClusterController, ServesEveryOperationOfItsContractAndOnlyToTheCloud) {
  std::size_t listed = 0;
  for (const auto* operation : soap::operations()) {
    if (operation->contract != "cluster") continue;
    ++listed;
    EXPECT_TRUE(dispatcher_.allows(operation->action, Role::cloud)) << operation->name;
    for (const auto role : {Role::cluster, Role::node, Role::walrus, Role::storage})
      EXPECT_FALSE(dispatcher_.allows(operation->action, role)) << operation->name;
  }
  EXPECT_EQ(dispatcher_.served().size(), listed);
}

TEST_F(ClusterController, GivesNoRoomThatTheCloudHasPromisedToAnother) {
  world_.run_for(100ms);
  cluster__ReserveNodesType request;
  for (const auto* id : {"i-1", "i-2"}) {
    auto& r = request.requests.emplace_back();
    r.instanceId = id;
    r.placementNo = 1;
    r.vcpus = 1;
    r.memoryMib = 1024;
    r.diskGib = 5;
  }
  request.requests[1].promisedNode = "n1";
  auto& given = request.given.emplace_back();
  given.nodeName = "n1";
  given.vcpus = zone_node("n1").node.vcpusTotal;
  const auto answer = call<cluster::ReserveNodes>(std::move(request)).assume_value();
  EXPECT_EQ(answer.reservations.at(0).nodeName, "n2");
  EXPECT_EQ(answer.reservations.at(1).nodeName, "n1");
  EXPECT_EQ(zone_node("n1").guestVcpusMax, 4);
}

TEST_F(ClusterController, LearnsItsNodesByAsking) {
  world_.run_for(100ms);
  const auto answer = zone();
  EXPECT_EQ(answer.bootId, "cc-boot");
  ASSERT_EQ(answer.nodes.size(), 2u);
  EXPECT_TRUE(answer.nodes[0].reachable);
  EXPECT_EQ(answer.nodes[0].node.state, "ready");
  EXPECT_EQ(answer.nodes[0].node.vcpusTotal, 4);
}

TEST_F(ClusterController, AnswersAWaiterWhenSomethingChanges) {
  world_.run_for(100ms);
  const auto before = zone();
  const auto begin = world_.steady_now();
  world_.call_at(begin + 300ms, [this] { n1_.set_ready(false, "the disk is full"); });
  const auto after = zone(1000, before.bootId, before.generation);
  EXPECT_EQ(world_.steady_now() - begin, 300ms);
  EXPECT_GT(after.generation, before.generation);
  EXPECT_EQ(after.nodes[0].node.state, "notready");
  EXPECT_EQ(after.nodes[0].node.reason, "the disk is full");
}

TEST_F(ClusterController, LetsAWaiterGoWhenNothingChanges) {
  world_.run_for(100ms);
  const auto before = zone();
  const auto begin = world_.steady_now();
  EXPECT_EQ(zone(1000, before.bootId, before.generation).generation, before.generation);
  EXPECT_EQ(world_.steady_now() - begin, 1s);
  zone(1000, "another boot", before.generation);
  EXPECT_EQ(world_.steady_now() - begin, 1s) << "another boot id is news";
}

TEST_F(ClusterController, PollsAnIdleNodeAboutOnceASecond) {
  world_.run_for(100s);
  EXPECT_GT(n1_.polls, 90);
  EXPECT_LT(n1_.polls, 110);
}

TEST_F(ClusterController, FindsADeadNodeWithinThreeSeconds) {
  world_.run_for(1s);
  n1_.answers = false;
  const auto begin = world_.steady_now();
  EXPECT_TRUE(world_.run_until(
      [this] { return zone_.unreachable(NodeName("n1"), world_.steady_now()).has_value(); }, 4s));
  EXPECT_LE(world_.steady_now() - begin, 3s);
  EXPECT_FALSE(zone_node("n1").reachable);
  EXPECT_GE(zone_node("n1").silentMs, 3000);
  EXPECT_TRUE(zone_node("n2").reachable);
  EXPECT_EQ(reserve("i-1"), "n2");
}

TEST_F(ClusterController, FindsANodeThatIsGoneFromTheNetworkAndBackAgain) {
  world_.run_for(1s);
  auto* at = network_.find(ServiceName("n1"));
  network_.detach(ServiceName("n1"));
  world_.run_for(4s);
  EXPECT_FALSE(zone_node("n1").reachable);
  network_.attach(ServiceName("n1"), *at);
  world_.run_for(1100ms);
  EXPECT_TRUE(zone_node("n1").reachable);
}

TEST_F(ClusterController, CarriesOrdersAndReports) {
  world_.run_for(100ms);
  EXPECT_EQ(reserve("i-1"), "n1");
  const auto outcomes = run({{"n1", "i-1"}, {"n2", "i-2"}});
  ASSERT_EQ(outcomes.size(), 2u);
  EXPECT_TRUE(outcomes[0].accepted);
  EXPECT_EQ(outcomes[1].instanceId, "i-2");
  const auto at_once = zone();
  ASSERT_EQ(at_once.instances.size(), 2u) << "shown before the nodes were asked again";
  world_.run_for(100ms);
  const auto answer = zone();
  ASSERT_EQ(answer.instances.size(), 2u);
  EXPECT_EQ(answer.instances[0].state, "running");
  EXPECT_EQ(answer.instances[1].nodeName, "n2");
  EXPECT_TRUE(terminate("i-1", "n1")[0].accepted);
  EXPECT_TRUE(terminate("i-2")[0].accepted) << "found by who reports it";
  EXPECT_EQ(n2_.orders.back(), "terminate i-2 1");
  world_.run_for(100ms);
  EXPECT_TRUE(zone().instances.empty());
}

TEST_F(ClusterController, TellsRefusalsFromSilence) {
  world_.run_for(100ms);
  EXPECT_EQ(reserve("i-1"), "n1");
  n1_.refuses = {"i-1"};
  n2_.answers = false;
  const auto outcomes = run({{"n1", "i-1"}, {"n2", "i-2"}, {"n9", "i-3"}});
  EXPECT_FALSE(outcomes[0].accepted);
  EXPECT_EQ(outcomes[0].code, code_of(Errc::limit_exceeded));
  EXPECT_EQ(outcomes[1].code, code_of(Errc::timed_out));
  EXPECT_EQ(outcomes[2].code, code_of(Errc::unavailable));
  EXPECT_EQ(zone_.reservations(), 0u) << "the refused one's room is free again";
  world_.run_for(5s);
  EXPECT_EQ(run({{"n2", "i-2"}})[0].code, code_of(Errc::unavailable))
      << "and known to be silent now";
  EXPECT_EQ(terminate("i-9")[0].code, code_of(Errc::unavailable));
}

TEST_F(ClusterController, KeepsTheRoomOfAnOrderThatNobodyAnswered) {
  world_.run_for(100ms);
  EXPECT_EQ(reserve("i-1"), "n1");
  n1_.answers = false;
  EXPECT_EQ(run({{"n1", "i-1"}})[0].code, code_of(Errc::timed_out));
  EXPECT_EQ(zone_.reservations(), 1u);
}

TEST_F(ClusterController, FetchesTheConsole) {
  world_.run_for(100ms);
  run({{"n1", "i-1"}});
  cluster__GetConsoleOutputType request;
  request.nodeName = "n1";
  request.instanceId = "i-1";
  request.placementNo = 1;
  EXPECT_EQ(call<cluster::GetConsoleOutput>(request).assume_value().output, "login: ");
  request.instanceId = "i-2";
  EXPECT_EQ(call<cluster::GetConsoleOutput>(request).assume_error().code, Errc::not_found);
  request.nodeName = "n9";
  EXPECT_EQ(call<cluster::GetConsoleOutput>(request).assume_error().code, Errc::not_found);
}

TEST_F(ClusterController, BringsTheNewestNetworkToEveryNodeOnce) {
  world_.run_for(100ms);
  EXPECT_EQ(apply(5), 5);
  EXPECT_EQ(apply(4), 5) << "an older one changes nothing";
  world_.run_for(5s);
  EXPECT_EQ(n1_.networks, std::vector<std::int64_t>{5});
  EXPECT_EQ(n2_.networks, std::vector<std::int64_t>{5});
  EXPECT_EQ(zone_node("n1").node.networkVersion, 5);
}

TEST_F(ClusterController, BringsTheNetworkAgainToANodeThatLostIt) {
  world_.run_for(100ms);
  apply(5);
  world_.run_for(2s);
  n1_.restart();
  world_.run_for(2s);
  EXPECT_EQ(n1_.networks, (std::vector<std::int64_t>{5, 5}));
  n2_.applies = false;
  apply(6);
  world_.run_for(2500ms);
  EXPECT_EQ(n2_.networks, (std::vector<std::int64_t>{5, 6, 6, 6}));
  n2_.applies = true;
  world_.run_for(5s);
  EXPECT_EQ(zone_node("n2").node.networkVersion, 6);
}

TEST_F(ClusterController, FollowsTheRegistry) {
  world_.run_for(100ms);
  FakeNode n3(node_runtime_, network_, "n3");
  nodes_.set_members({{NodeName("n2"), false}, {NodeName("n3")}});
  world_.run_for(100ms);
  const auto answer = zone();
  ASSERT_EQ(answer.nodes.size(), 2u);
  EXPECT_EQ(answer.nodes[0].node.nodeName, "n2");
  EXPECT_EQ(answer.nodes[0].node.state, "notready");
  EXPECT_TRUE(answer.nodes[0].reachable);
  EXPECT_EQ(reserve("i-1"), "n3");
  const int polls = n1_.polls;
  world_.run_for(10s);
  EXPECT_LE(n1_.polls, polls + 1) << "n1 has left and is asked no more";
  cc_.kill();
  node_runtime_.kill();
}

TEST_F(ClusterController, HandsVolumesToTheNodeAndPassesItsReportOn) {
  world_.run_for(100ms);
  run({{"n1", "i-1"}});
  const auto outcome = attach("n1", "vol-1");
  EXPECT_TRUE(outcome.accepted);
  EXPECT_EQ(n1_.orders.back(), "attach vol-1 4 i-1 /dev/sdf");
  world_.run_for(100ms);
  const auto volumes = zone().instances.at(0).volumes;
  ASSERT_EQ(volumes.size(), 1u);
  EXPECT_EQ(volumes[0].volumeId, "vol-1");
  EXPECT_EQ(volumes[0].attachmentEpoch, 4);
  EXPECT_EQ(volumes[0].device, "/dev/sdf");
  EXPECT_EQ(volumes[0].state, "attached");

  EXPECT_TRUE(detach("n1", "vol-1").accepted);
  EXPECT_EQ(n1_.orders.back(), "detach vol-1 4 i-1 forced");
  world_.run_for(100ms);
  EXPECT_EQ(zone().instances.at(0).volumes.at(0).state, "detached");
}

TEST_F(ClusterController, PassesTheNodesRefusalOfAVolumeOn) {
  world_.run_for(100ms);
  run({{"n1", "i-1"}});
  n1_.refuses.insert("vol-1");
  EXPECT_EQ(attach("n1", "vol-1").code, "stale_epoch");
  EXPECT_EQ(attach("n2", "vol-2").code, code_of(Errc::not_found));
}

TEST_F(ClusterController, DoesNotKnowWhatBecameOfAVolumeAtASilentNode) {
  world_.run_for(100ms);
  n1_.answers = false;
  EXPECT_EQ(attach("n1", "vol-1").code, code_of(Errc::timed_out));
  EXPECT_EQ(detach("nobody", "vol-1").code, code_of(Errc::unavailable));
}

TEST_F(ClusterController, RefusesARequestForRoomThatMakesNoSense) {
  cluster__ReserveNodesType request;
  request.requests.emplace_back().instanceId = "i-1";
  EXPECT_EQ(call<cluster::ReserveNodes>(request).assume_error().code, Errc::invalid_argument);
}

TEST_F(ClusterController, DescribesItselfAndItsNodes) {
  world_.run_for(100ms);
  const auto answer = call<cluster::DescribeServices>({}).assume_value();
  ASSERT_EQ(answer.services.size(), 3u);
  EXPECT_EQ(answer.services[0].type, "cluster");
  EXPECT_EQ(answer.services[0].zone, "zone-a");
  EXPECT_EQ(answer.services[1].name, "n1");
  EXPECT_EQ(answer.services[1].state, "ENABLED");
}

}  // namespace
}  // namespace angophora::cc
