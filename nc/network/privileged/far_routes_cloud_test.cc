// Two nodes on one link, each with EDGE of its own and guests. Needs root.
#include <gtest/gtest.h>

#include "nc/network/far_routes.h"
#include "nc/network/privileged/two_nodes.h"

namespace angophora::nc {
namespace {

using namespace testing_bed;
using common::NodeName;

TEST_F(TwoNodes, TheirGuestsReachEachOtherUnderTheirOwnAddresses) {
  add_here(5, "sg-a");
  add_there(8, "sg-b");
  ingress(0) = {open_port(22)};
  ingress(1) = {open_port(22)};
  converge_both();
  const Listener here("guest5", 22), far("guest8", 22);
  EXPECT_TRUE(can_reach("guest8", "10.100.0.5", 22));
  EXPECT_TRUE(can_reach("guest5", "10.100.0.8", 22));
  const auto tracked = sh("conntrack -L -s 10.100.0.8 2>/dev/null");
  EXPECT_NE(tracked.find("src=10.100.0.5 dst=10.100.0.8 "), std::string::npos) << tracked;
  // And a machine whose network sends the guests' addresses to one of the nodes reaches all.
  EXPECT_TRUE(can_reach("outside", "10.100.0.5", 22));
  sh("ip -n node2 route add default via 203.0.113.1");
  EXPECT_TRUE(can_reach("outside", "10.100.0.8", 22));
}

TEST_F(TwoNodes, AGroupsRuleHoldsForGuestsOfTheOtherNode) {
  add_here(5, "sg-a");
  add_there(6, "sg-b");
  add_there(7, "sg-c");
  document.instances[2].account_id = common::AccountId("222222222222");
  ingress(0) = {{"tcp", 22, 22, "", GroupId("sg-b")}};
  converge_both();
  const Listener server("guest5", 22);
  EXPECT_TRUE(can_reach("guest6", "10.100.0.5", 22));
  EXPECT_FALSE(can_reach("guest7", "10.100.0.5", 22));
  // Not with a member's address either: its own node lets nobody send under it.
  const auto arrived = [] { return sh_in("guest5", "grep ^Icmp: /proc/net/snmp | tail -1"); };
  const auto ping = [](const std::string& sender) {
    return sh_in("guest7", "busybox ping -c 1 -W 1 -I " + sender + " 10.100.0.5");
  };
  ingress(0).push_back(kEverywhere);
  converge_both();
  EXPECT_TRUE(can_reach("guest7", "10.100.0.5", 22));
  EXPECT_NE(ping("10.100.0.7").find("1 packets received"), std::string::npos);
  sh_in("guest7", "ip addr add 10.100.0.6/32 dev eth0");
  const auto before = arrived();
  EXPECT_EQ(ping("10.100.0.6").find("1 packets received"), std::string::npos);
  EXPECT_EQ(arrived(), before);
}

TEST_F(TwoNodes, RoutesFollowTheDocument) {
  const auto far = [] { return sh("ip route show proto 173 metric 1000"); };
  add_here(5, "sg-a");
  add_there(6, "sg-b");
  add_there(7, "sg-b");
  converge_both();
  EXPECT_EQ(far(),
            "10.100.0.6 via 203.0.113.2 dev side0 \n10.100.0.7 via 203.0.113.2 dev side0 \n");
  document.instances.pop_back();
  document.instances[1].node_name = NodeName();  // not placed
  converge();
  EXPECT_EQ(far(), "");
  document.instances[1].node_name = NodeName("node-2");
  document.nodes[1].address = "203.0.113.9";  // registered anew
  converge();
  EXPECT_EQ(far(), "10.100.0.6 via 203.0.113.9 dev side0 \n");
  sh("ip netns del guest7");
}

TEST_F(TwoNodes, ARestartTakesRoutesOverAndPutsRightWhatIsWrong) {
  add_here(5, "sg-a");
  add_there(6, "sg-b");
  add_there(7, "sg-b");
  converge_both();
  const auto routes = sh("ip route");
  sh("ip route add 198.51.100.0/24 via 203.0.113.2");  // somebody else's
  sh("ip route del 10.100.0.6 proto 173");
  sh("ip route add 10.100.0.9 via 203.0.113.2 proto 173 metric 1000");
  host = std::make_unique<EdgeHost>(options);
  converge();
  EXPECT_EQ(sh("ip route del 198.51.100.0/24; ip route"), routes);
  // The kernel drops routes over a link that goes down.
  sh("ip link set side0 down; ip link set side0 up");
  EXPECT_EQ(sh("ip route show proto 173 metric 1000"), "");
  converge();
  EXPECT_EQ(sh("ip route"), routes);
}

TEST_F(TwoNodes, ANodeOnNoLinkOfOursHindersNoOther) {
  add_here(5, "sg-a");
  add_there(6, "sg-b");
  add_there(7, "sg-b");
  sh("ip route del default");
  document.nodes.push_back({NodeName("node-3"), "198.51.100.3"});
  document.instances[1].node_name = NodeName("node-3");
  converge();
  EXPECT_EQ(sh("ip route show proto 173 metric 1000"), "10.100.0.7 via 203.0.113.2 dev side0 \n");
  const EdgeState wanted{document, ports};
  const auto refused = ensure_far_routes(far_routes(wanted, own_addresses()));
  ASSERT_TRUE(refused) << refused.error().message;
  EXPECT_EQ(refused.value(), (FarRoutes{{"10.100.0.6", "198.51.100.3"}}));
  sh("ip route add default via 192.0.2.2");
}

}  // namespace
}  // namespace angophora::nc
