// The whole driver over a restart of the daemon. Needs root.
#include <gtest/gtest.h>

#include "common/process/helper.h"
#include "common/runtime/real_runtime.h"
#include "nc/network/edge_network.h"
#include "nc/network/privileged/edge_fixture.h"

namespace angophora::nc {
namespace {

using common::awaitable;
using namespace testing_bed;

// The driver as the daemon has it, on a real runtime.
class EdgeDriver : public Edge {
 protected:
  void TearDown() override {
    Edge::TearDown();
    EXPECT_EQ(problem, "");
  }
  // Runs `steps` as a daemon's life, from start to SIGTERM.
  void live(awaitable<void> (*steps)(EdgeDriver&, EdgeNetwork&)) {
    common::RealRuntime runtime({.handle_signals = false});
    EdgeNetwork network(runtime, options);
    runtime.spawn("test", run(*this, network, runtime, steps));
    runtime.run();
  }
  static awaitable<void> run(EdgeDriver& test, EdgeNetwork& network, common::RealRuntime& runtime,
                             awaitable<void> (*steps)(EdgeDriver&, EdgeNetwork&)) {
    test.problem = "did not end";
    co_await steps(test, network);
    runtime.stop();
  }

 public:
  // Notes what went wrong last; "" when all went well.
  template <class T>
  bool went_well(const common::Result<T>& result) {
    problem = result ? "" : result.error().message;
    return problem.empty();
  }
  std::string problem;
  std::vector<Port> adopted;
};

awaitable<void> first_life(EdgeDriver& test, EdgeNetwork& network) {
  if (!test.went_well(co_await network.adopt({}))) co_return;
  const InstanceId id("i-0123456789abcdef0");
  auto port = co_await network.add_port(id, "D0:0D:00:00:00:05", "10.100.0.5");
  if (!test.went_well(port)) co_return;
  auto same = co_await network.add_port(id, "d0:0d:00:00:00:05", "10.100.0.5");
  EXPECT_EQ(same.value(), port.value());
  const InstanceId other("i-0123456789abcdef1");
  auto taken = co_await network.add_port(other, "d0:0d:00:00:00:06", "10.100.0.5");
  EXPECT_EQ(taken.error().code, common::Errc::already_exists);
  auto bad = co_await network.add_port(other, "d0:0d:00:00:00:06", "10.100.0.5/16");
  EXPECT_EQ(bad.error().code, common::Errc::invalid_argument);
  EXPECT_EQ(network.applied_version(), 0);
  auto document = test.document_now();
  if (!test.went_well(co_await network.apply(document))) co_return;
  EXPECT_EQ(network.applied_version(), 1);
  document.version = 0;
  document.gateway = "nonsense";  // old, so not even looked at
  if (!test.went_well(co_await network.apply(document))) co_return;
  document.version = 2;
  auto refused = co_await network.apply(document);
  EXPECT_EQ(refused.error().code, common::Errc::invalid_argument);
  EXPECT_EQ(network.applied_version(), 1);
  test.adopted = {port.value()};
}

awaitable<void> second_life(EdgeDriver& test, EdgeNetwork& network) {
  auto live = test.adopted;
  if (!test.went_well(co_await network.adopt(std::move(live)))) co_return;
  EXPECT_EQ(network.applied_version(), 1);  // from the disk
  EXPECT_EQ(sh("ip -br link | grep -c angot"), "1\n");
  if (!test.went_well(co_await network.remove_port(test.adopted[0].instance))) co_return;
  EXPECT_EQ(sh("ip -br link | grep -c angot"), "0\n");
  test.went_well(co_await network.remove_port(test.adopted[0].instance));
}

TEST_F(EdgeDriver, KeepsDocumentAndPortsOverARestart) {
  live(first_life);
  live(second_life);
}

// Two nodes with the same settings on one machine, each in its network namespace.
TEST_F(Edge, LeavesTheDhcpServerOfAnotherNodeAlone) {
  add_guest(5, "sg-a", false);
  converge();
  const auto ours = dnsmasq_pid();
  sh("ip netns add elsewhere");
  process::Helper theirs(
      {"dnsmasq", "--keep-in-foreground", "--conf-file=" + options.run_dir + "/dnsmasq.conf"},
      folder + "/log");
  EXPECT_EQ(theirs.find().size(), 1u);
  ASSERT_TRUE(move_to("elsewhere"));
  EXPECT_TRUE(theirs.find().empty());
  EXPECT_TRUE(theirs.stop());
  ASSERT_TRUE(move_to(""));
  EXPECT_EQ(theirs.find().size(), 1u);
  EXPECT_EQ(dnsmasq_pid(), ours);
}

}  // namespace
}  // namespace angophora::nc
