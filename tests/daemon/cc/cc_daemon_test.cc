// The real cluster controller between a cloud controller and a node that live in the test; every
// message is signed SOAP over TLS.
#include "cc/testing/fake_node.h"
#include "tests/daemon/neighbours/daemon_fixture.h"

namespace angophora::testing {
namespace {

using namespace std::chrono_literals;
using common::awaitable;
using common::Errc;
namespace cluster = soap::cluster;

class CcDaemon : public DaemonFixture {
 protected:
  CcDaemon() : DaemonFixture(DAEMON_PROGRAM, "cc-a", soap::Role::cluster) {
    cloud_.add("node-1", soap::Role::node, "zone-a", node_listener_);
  }

  // The first answer to DescribeZone that `good` likes, within 15 s.
  awaitable<std::optional<cluster__DescribeZoneResponseType>> zone_when(
      std::function<bool(const cluster__DescribeZoneResponseType&)> good) {
    const auto until = runtime_.steady_now() + 15s;
    cluster__DescribeZoneType request;
    request.waitMs = 1000;
    while (runtime_.steady_now() < until) {
      auto copy = request;
      auto answer = co_await ask<cluster::DescribeZone>(std::move(copy));
      if (!answer) {
        co_await runtime_.sleep_for(50ms);
        continue;
      }
      if (good(answer.value())) co_return std::move(answer).value();
      request.knownBootId = answer.value().bootId;
      request.knownGeneration = answer.value().generation;
    }
    co_return std::nullopt;
  }

  static bool one_ready(const cluster__DescribeZoneResponseType& zone) {
    return zone.nodes.size() == 1 && zone.nodes[0].reachable && zone.nodes[0].node.state == "ready";
  }
  static cluster__ReserveNodesType room_for(const std::string& id) {
    cluster__ReserveNodesType request;
    auto& room = request.requests.emplace_back();
    room.instanceId = id;
    room.placementNo = 1;
    room.vcpus = 1;
    room.memoryMib = 1024;
    return request;
  }
  static cluster__RunInstancesType order(const std::string& node, const std::string& id) {
    cluster__RunInstancesType request;
    auto& launch = request.orders.emplace_back();
    launch.nodeName = node;
    launch.instance.instanceId = id;
    launch.instance.placementNo = 1;
    return request;
  }

  soap::LocalNetwork unused_;
  cc::FakeNode node_{runtime_, unused_, "node-1"};
  InProcess node_listener_{runtime_, folder_.path() + "/node-1", "node-1", node_.dispatcher()};

  static awaitable<void> places_and_survives(CcDaemon& t) {
    if (!co_await t.start_daemon()) co_return;
    const auto ready = co_await t.zone_when(one_ready);
    EXPECT_TRUE(ready) << t.daemon_->log();
    auto room = room_for("i-1");
    const auto reserved = co_await t.ask<cluster::ReserveNodes>(std::move(room));
    EXPECT_TRUE(reserved && reserved.value().reservations.at(0).nodeName == "node-1");
    auto launch = order("node-1", "i-1");
    const auto accepted = co_await t.ask<cluster::RunInstances>(std::move(launch));
    EXPECT_TRUE(accepted && accepted.value().outcomes.at(0).accepted);

    t.daemon_->kill(SIGKILL);
    co_await t.daemon_->ended(t.runtime_, 5s);
    const auto killed_at = t.runtime_.steady_now();
    if (!co_await t.start_daemon()) co_return;
    const auto again = co_await t.zone_when([](const auto& zone) {
      return one_ready(zone) && zone.instances.size() == 1 && zone.instances[0].state == "running";
    });
    EXPECT_TRUE(again) << "the zone is rebuilt from what the node says\n" << t.daemon_->log();
    EXPECT_LT(t.runtime_.steady_now() - killed_at, 15s);
    if (ready && again) {
      EXPECT_NE(ready->bootId, again->bootId);
    }
    auto same = room_for("i-1");
    const auto known = co_await t.ask<cluster::ReserveNodes>(std::move(same));
    EXPECT_TRUE(known && known.value().reservations.at(0).nodeName == "node-1");

    t.daemon_->kill(SIGTERM);
    const auto code = co_await t.daemon_->ended(t.runtime_, 12s);
    EXPECT_EQ(code, 0) << t.daemon_->log();
  }

  static awaitable<void> follows_the_node(CcDaemon& t) {
    if (!co_await t.start_daemon()) co_return;
    EXPECT_TRUE(co_await t.zone_when(one_ready));
    t.cloud_.set_enabled("node-1", false);
    EXPECT_TRUE(co_await t.zone_when([](const auto& zone) {
      return zone.nodes.at(0).node.state == "notready" && zone.nodes[0].reachable;
    })) << "a stopped node takes nothing";
    t.cloud_.set_enabled("node-1", true);
    EXPECT_TRUE(co_await t.zone_when(one_ready));

    t.node_listener_.set_deaf(true);
    EXPECT_TRUE(co_await t.zone_when([](const auto& zone) { return !zone.nodes.at(0).reachable; }));
    auto launch = order("node-1", "i-1");
    const auto refused = co_await t.ask<cluster::RunInstances>(std::move(launch));
    EXPECT_TRUE(refused && !refused.value().outcomes.at(0).accepted);
    t.node_listener_.set_deaf(false);
    EXPECT_TRUE(co_await t.zone_when(one_ready)) << t.daemon_->log();
  }

  static awaitable<void> refuses_others(CcDaemon& t) {
    if (!co_await t.start_daemon()) co_return;
    cluster__DescribeZoneType request;
    const ServiceName to("cc-a");
    auto answer =
        co_await soap::call<cluster::DescribeZone>(t.node_listener_.channel(), to, request);
    EXPECT_TRUE(!answer && answer.error().code == soap::SoapErrc::role_refused);
  }
};

TEST_F(CcDaemon, PlacesAnInstanceAndKnowsItAgainAfterAKill) { run(places_and_survives(*this)); }
TEST_F(CcDaemon, FollowsRegistryAndSilence) { run(follows_the_node(*this)); }
TEST_F(CcDaemon, RefusesAComponentThatIsNotTheCloud) { run(refuses_others(*this)); }

}  // namespace
}  // namespace angophora::testing
