// The daemon without sockets: enrolment, the registry, the states of others.
#include "clc/daemon_fixture.h"
#include "clc/store/identities.h"
#include "clc/store/registrations.h"
#include "common/soap/fault.h"

namespace angophora::clc {
namespace {

using namespace std::chrono_literals;
using testing::component;
using testing::DaemonTest;
using testing::node_component;

TEST_F(DaemonTest, TheFirstStartMakesAnAdministratorWhoMaySign) {
  EXPECT_TRUE(std::filesystem::exists(config.state_dir + "/administrator.json"));
  const auto read = [](Tx& tx) { return Identities(tx).access_keys(); };
  const auto keys = run(daemon->services().db.read(read));
  ASSERT_EQ(keys.value().size(), 1u);
  EXPECT_TRUE(keys.value().front().id.starts_with("AKIA"));
}

TEST_F(DaemonTest, AnEnrolledComponentIsInTheSignedRegistry) {
  const auto reply = enrol(enrolment(add("cc-1", "cluster")));
  ASSERT_TRUE(reply) << reply.error().message;
  const auto document =
      registry::open_registry(reply.value().registry, testing::test_keys().signing.certificate);
  ASSERT_TRUE(document);
  ASSERT_EQ(document.value().services.size(), 2u);
  EXPECT_EQ(document.value().services[0].name, "clc");
  EXPECT_EQ(document.value().services[1].signingCertificate, component().certificate);
  std::string reason;
  EXPECT_EQ(state_of("cc-1", &reason), "NOTREADY");
  EXPECT_NE(reason, "not enrolled");
}

TEST_F(DaemonTest, ATokenIsForOneNameOneKeyAndOneUse) {
  const auto token = add("cc-1", "cluster");
  auto forged = enrolment(token);
  forged.mac[0] ^= 1;
  EXPECT_FALSE(enrol(forged));
  auto renamed = enrolment(token);
  renamed.name = "cc-2";
  EXPECT_FALSE(enrol(renamed));
  auto unknown = enrolment(token);
  unknown.tokenId = "0000";
  EXPECT_FALSE(enrol(unknown));
  EXPECT_TRUE(enrol(enrolment(token)));
  auto second = enrolment(token);
  second.encryptionCertificate = testing::test_keys().image.certificate.der();
  EXPECT_FALSE(enrol(second));
}

TEST_F(DaemonTest, AnEnrolmentWhoseAnswerWasLostMayBeRepeated) {
  const auto token = add("cc-1", "cluster");
  ASSERT_TRUE(enrol(enrolment(token)));
  EXPECT_TRUE(enrol(enrolment(token)));
}

TEST_F(DaemonTest, ATokenGetsOld) {
  const auto token = add("cc-1", "cluster");
  world.run_for(config.enrolment_token_life + 1s);
  const auto late = enrol(enrolment(token));
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().code, common::Errc::permission_denied);
}

TEST_F(DaemonTest, AKeyBelongsToOneComponent) {
  ASSERT_TRUE(enrol(enrolment(add("cc-1", "cluster"))));
  const auto again = enrol(enrolment(add("nc-1", "node")));
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, common::Errc::already_exists);
}

TEST_F(DaemonTest, GetRegistryAnswersWhenThereIsANewerOne) {
  const soap::Caller caller{ServiceName("cc-1"), soap::Role::cluster, "r"};
  soap::cloud::GetRegistry::Request request;
  request.knownVersion = 0;
  request.waitMs = 1000;
  const auto first = ask<soap::cloud::GetRegistry>(caller, request);
  ASSERT_TRUE(first);
  request.knownVersion = first.value().registry.version;
  const auto begin = world.steady_now();
  const auto same = ask<soap::cloud::GetRegistry>(caller, request);
  EXPECT_EQ(same.value().registry.version, request.knownVersion);
  EXPECT_GE(world.steady_now() - begin, 1s);
  add("cc-1", "cluster");
  const auto newer = ask<soap::cloud::GetRegistry>(caller, request);
  EXPECT_GT(newer.value().registry.version, request.knownVersion);
}

TEST_F(DaemonTest, RolesKeepToWhatTheyMayCall) {
  const soap::Caller node{ServiceName("nc-1"), soap::Role::node, "r"};
  EXPECT_FALSE(ask<soap::cloud::DescribeIdentities>(node, {}));
  const soap::Caller stranger{ServiceName(), soap::Role::stranger, "r"};
  EXPECT_FALSE(ask<soap::cloud::GetRegistry>(stranger, {}));
}

TEST_F(DaemonTest, AComponentIsEnabledWhileItAnswers) {
  ASSERT_TRUE(enrol(enrolment(add("cc-1", "cluster"))));
  soap::Dispatcher cluster;
  std::chrono::milliseconds ahead{};
  using Describe = soap::cluster::DescribeServices;
  cluster.serve<Describe>({soap::Role::cloud}, [&](soap::Caller, Describe::Request) {
    return [](common::SysTime clock) -> Task<Describe::Reply> {
      Describe::Reply reply;
      auto& status = reply.services.emplace_back();
      status.name = "cc-1";
      status.type = "cluster";
      status.state = "ENABLED";
      status.version = "1";
      status.clockMs = clock.time_since_epoch().count();
      co_return reply;
    }(runtime.now() + ahead);
  });
  network.attach(ServiceName("cc-1"), cluster);
  world.run_for(3s);
  EXPECT_EQ(state_of("cc-1"), "ENABLED");
  ahead = 75s;
  world.run_for(3s);
  std::string reason;
  EXPECT_EQ(state_of("cc-1", &reason), "NOTREADY");
  EXPECT_EQ(reason, "clock off by 75 s: it is ahead of the cloud controller's");
  network.detach(ServiceName("cc-1"));
  world.run_for(20s);
  EXPECT_EQ(state_of("cc-1", &reason), "NOTREADY");
  EXPECT_TRUE(reason.starts_with("silent for ")) << reason;
}

// A cluster controller that tells of one node.
class NodeStates : public DaemonTest {
 protected:
  NodeStates() {
    EXPECT_TRUE(enrol(enrolment(add("cc-1", "cluster"))));
    using DescribeZone = soap::cluster::DescribeZone;
    cluster.serve<DescribeZone>({soap::Role::cloud}, [this](soap::Caller, DescribeZone::Request) {
      return answer(runtime, zone, generation, clock_ahead, silent);
    });
    network.attach(ServiceName("cc-1"), cluster);
    auto& node = zone.emplace_back();
    node.node.nodeName = "nc-1";
    node.node.state = "ready";
    node.reachable = true;
  }
  static Task<soap::cluster::DescribeZone::Reply> answer(common::Runtime& runtime,
                                                         std::vector<cluster__zoneNode> nodes,
                                                         std::int64_t generation,
                                                         std::chrono::milliseconds ahead,
                                                         std::chrono::milliseconds silent) {
    co_await runtime.sleep_for(100ms);
    soap::cluster::DescribeZone::Reply reply;
    reply.bootId = "boot";
    reply.generation = generation;
    for (auto& node : nodes) {
      node.silentMs = silent.count();
      node.node.clockMs = (runtime.now() + ahead - silent).time_since_epoch().count();
    }
    reply.nodes = std::move(nodes);
    co_return reply;
  }
  std::string reason() {
    ++generation;
    world.run_for(5s);
    std::string text;
    const auto state = state_of("nc-1", &text);
    return state + ": " + text;
  }

  soap::Dispatcher cluster;
  std::vector<cluster__zoneNode> zone;
  std::int64_t generation = 1;
  std::chrono::milliseconds clock_ahead{}, silent{};
};

TEST_F(NodeStates, ANodesStateIsShownWithItsReason) {
  const auto token = add("nc-1", "node");
  EXPECT_EQ(reason(), "NOTREADY: not enrolled");
  ASSERT_TRUE(enrol(enrolment(token, node_component())));
  EXPECT_EQ(reason(), "ENABLED: ");
  silent = 2500ms;  // its clock was read that long ago
  EXPECT_EQ(reason(), "ENABLED: ");
  clock_ahead = 75s;
  EXPECT_EQ(reason(), "NOTREADY: clock off by 75 s: it is ahead of the cloud controller's");
  clock_ahead = -75s;
  EXPECT_EQ(reason(), "NOTREADY: clock off by 75 s: it is behind the cloud controller's");
  clock_ahead = 10s;
  EXPECT_EQ(reason(), "ENABLED: ") << "within the limit";
  zone[0].node.state = "notready";
  zone[0].node.reason = "the disk is full";
  EXPECT_EQ(reason(), "NOTREADY: the disk is full");
  zone[0].reachable = false;
  zone[0].node.reason = "node nc-1 does not answer: connection refused";
  EXPECT_EQ(reason(), "NOTREADY: node nc-1 does not answer: connection refused");
  ASSERT_TRUE(call("ModifyService", {{"Name", "nc-1"}, {"State", "STOPPED"}}));
  EXPECT_EQ(reason(), "STOPPED: stopped by request");
}

TEST_F(NodeStates, ANodeOfASilentClusterControllerIsSilentToo) {
  ASSERT_TRUE(enrol(enrolment(add("nc-1", "node"), node_component())));
  EXPECT_EQ(reason(), "ENABLED: ");
  network.detach(ServiceName("cc-1"));
  world.run_for(20s);
  std::string text;
  EXPECT_EQ(state_of("nc-1", &text), "NOTREADY");
  EXPECT_TRUE(text.starts_with("silent for ")) << text;
  EXPECT_EQ(state_of("cc-1", &text), "NOTREADY");
  EXPECT_TRUE(text.starts_with("silent for ")) << text;
}

TEST_F(DaemonTest, AClockThatSpoilsAllMessagesIsNamedAsTheReason) {
  ASSERT_TRUE(enrol(enrolment(add("cc-1", "cluster"))));
  soap::Dispatcher cluster;
  using Describe = soap::cluster::DescribeServices;
  cluster.serve<Describe>({soap::Role::cloud}, [](soap::Caller, Describe::Request) {
    return []() -> Task<Describe::Reply> {
      co_return Error(soap::SoapErrc::expired,
                      "clock off by 75 s: that of clc-1 is ahead of that of cc-1");
    }();
  });
  network.attach(ServiceName("cc-1"), cluster);
  world.run_for(3s);
  std::string reason;
  EXPECT_EQ(state_of("cc-1", &reason), "NOTREADY");
  EXPECT_TRUE(reason.starts_with("clock off by 75 s")) << reason;
}

}  // namespace
}  // namespace angophora::clc
