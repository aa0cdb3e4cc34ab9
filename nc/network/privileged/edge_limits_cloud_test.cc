// How many connections of a guest the node tracks. Needs root.
#include <gtest/gtest.h>

#include "nc/network/privileged/edge_fixture.h"

namespace angophora::nc {
namespace {

using namespace testing_bed;

// Opens `count` connections from `from`, each a datagram to a port of its own.
void open_connections(const std::string& from, const std::string& to, int count) {
  sh_in(from, "bash -c 'for i in $(seq 9001 " + std::to_string(9000 + count) +
                  "); do echo x >/dev/udp/" + to + "/$i; done'");
}

// How many of them the node tracks. A list that is made while others come and go may show one twice
// or not at all, so one that is not `expected` is made again a few times.
int connections(const std::string& which, int expected) {
  int count = -1;
  for (int i = 0; i < 20 && count != expected; ++i)
    count = std::stoi(sh("conntrack -L -p udp " + which + " 2>/dev/null | wc -l"));
  return count;
}

class EdgeLimits : public Edge {
 protected:
  void SetUp() override {
    Edge::SetUp();
    if (!host) return;
    options.guest_connections_max = 8;
    host = std::make_unique<EdgeHost>(options);
    add_guest(5, "sg-a");
    add_guest(6, "sg-a");
    ingress(0) = {{"udp", 0, 65535, "0.0.0.0/0", {}}};
    converge();
    sh("conntrack -F");  // of the tests before, in the same namespace
  }
};

TEST_F(EdgeLimits, AGuestsFloodTakesItsOwnShareOfConnectionsOnly) {
  const Listener server("outside", 80);
  open_connections("guest5", "192.0.2.2", 7);
  EXPECT_EQ(connections("-s 10.100.0.5", 7), 7);
  EXPECT_TRUE(can_reach("guest5", "192.0.2.2", 80)) << "the eighth";
  open_connections("guest5", "192.0.2.2", 100);
  EXPECT_EQ(connections("-s 10.100.0.5", 8), 8) << "the closed one does not count";
  EXPECT_FALSE(can_reach("guest5", "192.0.2.2", 80)) << "the ninth";
  EXPECT_TRUE(can_reach("guest6", "192.0.2.2", 80));
}

TEST_F(EdgeLimits, AFloodAgainstAGuestLeavesTheOthersAlone) {
  open_connections("outside", "10.100.0.5", 100);
  EXPECT_EQ(connections("-d 10.100.0.5", 8), 8);
  open_connections("outside", "10.100.0.6", 3);
  EXPECT_EQ(connections("-d 10.100.0.6", 3), 3);
}

TEST_F(EdgeLimits, TheNodesOwnServicesCountAsWell) {
  document.dns_servers.clear();
  converge();
  sh_in("guest5", "bash -c 'for i in $(seq 100); do echo x >/dev/udp/10.100.0.1/53; done'");
  EXPECT_EQ(connections("-s 10.100.0.5", 8), 8);
}

TEST_F(EdgeLimits, ANewGuestDoesNotMakeTheOthersCountAfresh) {
  open_connections("guest5", "192.0.2.2", 100);
  add_guest(7, "sg-b");
  converge();
  open_connections("guest5", "192.0.2.2", 100);
  EXPECT_EQ(connections("-s 10.100.0.5", 8), 8);
}

TEST_F(EdgeLimits, TheNextOwnerOfAnAddressStartsWithNone) {
  open_connections("guest5", "192.0.2.2", 100);
  const auto mine = ports[0];
  ports.erase(ports.begin());
  converge();
  EXPECT_EQ(sh("nft list set inet ango_limits connections | grep -c 10.100.0.5"), "0\n");
  make_guest("guest5b", mine.tap, mine.mac_address);
  sh_in("guest5b", "ip addr add 10.100.0.5/16 dev eth0; ip route add default via 10.100.0.1");
  ports.push_back(mine);
  converge();
  open_connections("guest5b", "192.0.2.2", 100);
  EXPECT_EQ(connections("-s 10.100.0.5", 8), 8);
}

TEST_F(Edge, WithoutALimitAGuestMayHaveAsManyConnectionsAsItLikes) {
  options.guest_connections_max = 0;
  host = std::make_unique<EdgeHost>(options);
  add_guest(5, "sg-a");
  converge();
  sh("conntrack -F");
  open_connections("guest5", "192.0.2.2", 100);
  EXPECT_EQ(connections("-s 10.100.0.5", 100), 100);
}

}  // namespace
}  // namespace angophora::nc
