// Two nodes on one link, each with EDGE of its own and guests; for tests.
#pragma once

#include "nc/network/privileged/edge_fixture.h"

namespace angophora::nc::testing_bed {

using common::NodeName;

// The fixture's own node is node-1, 203.0.113.1; the namespace node2 is node-2, 203.0.113.2.
class TwoNodes : public Edge {
 protected:
  void SetUp() override {
    Edge::SetUp();
    if (!host) return;
    sh("ip netns add node2 && ip -n node2 link set lo up");
    sh("ip link add side0 type veth peer name eth0 netns node2");
    sh("ip addr add 203.0.113.1/24 dev side0 && ip link set side0 up");
    sh("ip -n node2 addr add 203.0.113.2/24 dev eth0 && ip -n node2 link set eth0 up");
    document.nodes = {{NodeName("node-1"), "203.0.113.1"}, {NodeName("node-2"), "203.0.113.2"}};
    document.groups.push_back({GroupId("sg-c"), {}, {kEverywhere}});
    there_options = options;
    there_options.state_dir = folder + "/state2";
    there_options.run_dir = folder + "/run2";
    on_node2([this] {
      there = std::make_unique<EdgeHost>(there_options);
      const auto prepared = there->prepare();
      ASSERT_TRUE(prepared) << prepared.error().message;
    });
  }
  void TearDown() override {
    if (!host) return;
    on_node2([this] { EXPECT_TRUE(there->purge()); });
    EXPECT_EQ(sh("ip -n node2 route show proto 173"), "");
    sh("ip link del side0; ip netns del node2");
    for (const auto& instance : document.instances) remove_guest(instance.id.value.substr(2));
    Edge::TearDown();
    EXPECT_EQ(sh("ip route show proto 173"), "");
  }

  template <class F>
  void on_node2(F f) {
    ASSERT_TRUE(move_to("node2"));
    f();
    ASSERT_TRUE(move_to(""));
  }

  void add_here(int number, const std::string& group) {
    add_guest(number, group);
    document.instances.back().node_name = NodeName("node-1");
  }
  void add_there(int number, const std::string& group) {
    on_node2([&] {
      add_guest(number, group);
      document.instances.back().node_name = NodeName("node-2");
      there_ports.push_back(ports.back());
      ports.pop_back();
    });
  }

  void converge_both() {
    converge();
    on_node2([this] {
      const auto done = there->converge({document, there_ports});
      ASSERT_TRUE(done) << done.error().message;
    });
  }

  EdgeOptions there_options;
  std::vector<Port> there_ports;
  std::unique_ptr<EdgeHost> there;
};

}  // namespace angophora::nc::testing_bed
