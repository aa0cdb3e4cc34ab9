// The cluster controller as a whole: which nodes it takes from the registry.
#include "cc/daemon.h"

#include <gtest/gtest.h>

#include "cc/testing/fake_node.h"
#include "common/crypto/x509.h"
#include "common/runtime/sim_runtime.h"

namespace angophora::cc {
namespace {

using namespace std::chrono_literals;

class CcDaemonTest : public ::testing::Test {
 protected:
  CcDaemonTest() {
    daemon_ = Daemon::make(cc_, Config(), ServiceName("cc-a"), channel_, table_).assume_value();
    network_.attach(ServiceName("cc-a"), daemon_->dispatcher());
    list("cc-a", "cluster", "zone-a");
    list("n1", "node", "zone-a");
    list("n2", "node", "zone-b");
    publish();
  }
  ~CcDaemonTest() override {
    cc_.kill();
    node_runtime_.kill();
  }

  // Certificates are told apart; keys are dear.
  void list(const std::string& name, const std::string& type, const std::string& zone) {
    static const auto key = crypto::PrivateKey::generate().assume_value();
    crypto::CertificateSubject subject;
    subject.common_name = name;
    subject.not_after = common::SysTime(std::chrono::hours(24 * 365 * 100));
    auto& row = registry_.services.emplace_back();
    row.name = name;
    row.type = type;
    row.zone = zone;
    row.state = "ENABLED";
    row.signingCertificate = crypto::Certificate::self_signed(key, subject).assume_value().der();
  }
  void publish() {
    ++registry_.version;
    table_.set(registry_);
  }
  std::vector<NodeView> nodes() { return daemon_->zone().nodes(world_.steady_now()); }

  common::SimWorld world_;
  common::SimRuntime cc_{world_, "cc"}, node_runtime_{world_, "node"};
  soap::LocalNetwork network_;
  soap::LocalChannel channel_{cc_, network_, ServiceName("cc-a"), soap::Role::cluster};
  registry::RegistryTable table_{cc_};
  t__registry registry_;
  FakeNode n1_{node_runtime_, network_, "n1"}, n2_{node_runtime_, network_, "n2"};
  std::unique_ptr<Daemon> daemon_;
};

TEST_F(CcDaemonTest, AsksTheNodesOfItsOwnZone) {
  daemon_->start();
  world_.run_for(1s);
  ASSERT_EQ(nodes().size(), 1u);
  EXPECT_EQ(nodes()[0].name, NodeName("n1"));
  EXPECT_TRUE(nodes()[0].takes_guests);
  EXPECT_EQ(n2_.polls, 0);
}

TEST_F(CcDaemonTest, FollowsTheRegistry) {
  daemon_->start();
  world_.run_for(1s);
  registry_.services[1].state = "STOPPED";
  registry_.services[2].zone = "zone-a";
  publish();
  world_.run_for(1s);
  ASSERT_EQ(nodes().size(), 2u);
  EXPECT_FALSE(nodes()[0].takes_guests);
  EXPECT_TRUE(nodes()[1].takes_guests);
  registry_.services.erase(registry_.services.begin() + 1);
  publish();
  world_.run_for(1s);
  EXPECT_EQ(nodes().size(), 1u);
}

TEST_F(CcDaemonTest, KeepsItsNodesWhileItIsNotInTheRegistryItself) {
  daemon_->start();
  world_.run_for(1s);
  registry_.services.erase(registry_.services.begin());
  publish();
  world_.run_for(1s);
  EXPECT_EQ(nodes().size(), 1u);
}

TEST_F(CcDaemonTest, ShowsItsFigures) {
  daemon_->start();
  world_.run_for(1s);
  admin::Metrics metrics;
  daemon_->show_in(metrics);
  EXPECT_NE(metrics.text().find("cc_nodes_reachable 1"), std::string::npos) << metrics.text();
}

TEST_F(CcDaemonTest, DoesNotStartWithAPolicyThatNobodyKnows) {
  Config config;
  config.placement_policy = "POWERSAVE";
  const auto made = Daemon::make(cc_, config, ServiceName("cc-a"), channel_, table_);
  EXPECT_EQ(made.assume_error().code, Errc::invalid_argument);
}

}  // namespace
}  // namespace angophora::cc
