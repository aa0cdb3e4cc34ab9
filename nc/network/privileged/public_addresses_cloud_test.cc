// Public addresses on one node and on two, with a neighbour that asks for them by ARP. Needs root.
#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <chrono>

#include "nc/network/edge_network.h"
#include "nc/network/privileged/edge_fixture.h"
#include "nc/network/privileged/two_nodes.h"

namespace angophora::nc {
namespace {

using namespace testing_bed;
using testing::HasSubstr;

// Of the network that the node shares with "outside": nobody has a route for them.
constexpr auto kFirst = "192.0.2.50", kSecond = "192.0.2.51";

// A TCP connection from a namespace that is held open, to a Listener that repeats what it hears.
class OpenConnection {
 public:
  OpenConnection(const std::string& from, const std::string& address, std::uint16_t port) {
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    inet_pton(AF_INET, address.c_str(), &to.sin_addr);
    EXPECT_TRUE(move_to(from));
    fd_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    EXPECT_TRUE(move_to(""));
    const timeval limit{2, 0};
    setsockopt(fd_, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    established_ = connect(fd_, reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0;
  }
  ~OpenConnection() { close(fd_); }
  OpenConnection(const OpenConnection&) = delete;
  // Whether what is said at this end comes back within a second.
  bool answers() const {
    char byte = 'x';
    if (!established_ || send(fd_, &byte, 1, MSG_NOSIGNAL) != 1) return false;
    pollfd waiting{fd_, POLLIN, 0};
    return poll(&waiting, 1, 1000) == 1 && recv(fd_, &byte, 1, 0) == 1;
  }

 private:
  int fd_ = -1;
  bool established_ = false;
};

class PublicAddress : public Edge {
 protected:
  void TearDown() override {
    for (const auto& instance : document.instances) remove_guest(instance.id.value.substr(2));
    Edge::TearDown();
    EXPECT_EQ(sh("ip neigh show proxy; ip route show proto 173"), "");
  }
  void give(int guest, const std::string& address) {
    document.instances[guest].public_ip = address;
  }
  std::string neighbour(const std::string& address) {
    return sh("ip -n outside neigh show " + address);
  }
};

TEST_F(PublicAddress, NeighboursFindItByArp) {
  add_guest(5, "sg-a");
  ingress(0) = {open_port(22)};
  give(0, kFirst);
  converge();
  const Listener server("guest5", 22), outside("outside", 80);
  EXPECT_TRUE(can_reach("outside", kFirst, 22));
  EXPECT_TRUE(can_reach("", kFirst, 22)) << "the node itself";
  EXPECT_TRUE(can_reach("guest5", "192.0.2.2", 80));
  EXPECT_THAT(sh("conntrack -L -s 10.100.0.5 2>/dev/null"),
              HasSubstr("src=192.0.2.2 dst=192.0.2.50 "));
  // The node's own services are not to be had under it, whatever becomes of our tables.
  const Listener own("", 23);
  ASSERT_TRUE(can_reach("outside", "192.0.2.1", 23));
  EXPECT_FALSE(can_reach("outside", kFirst, 23));
  sh("nft flush ruleset");
  EXPECT_FALSE(can_reach("outside", kFirst, 23));
  EXPECT_THAT(sh("ip addr"), testing::Not(HasSubstr(kFirst)));
}

TEST_F(PublicAddress, NobodyWaitsForTheProxysAnswer) {
  add_guest(5, "sg-a");
  ingress(0) = {kEverywhere};
  give(0, kFirst);
  EXPECT_EQ(sh("cat /proc/sys/net/ipv4/neigh/up0/proxy_delay"), "80\n");
  converge();
  EXPECT_EQ(sh("cat /proc/sys/net/ipv4/neigh/up0/proxy_delay"), "0\n");
  sh("ip -n outside neigh flush all");
  EXPECT_THAT(sh_in("outside", "busybox ping -c 1 -W 2 192.0.2.50"),
              HasSubstr("1 packets received"));
  ASSERT_TRUE(host->purge());
  EXPECT_EQ(sh("cat /proc/sys/net/ipv4/neigh/up0/proxy_delay"), "80\n");
  ASSERT_TRUE(host->prepare());
}

TEST_F(PublicAddress, GuestsReachEachOtherUnderItAsThemselves) {
  add_guest(5, "sg-a");
  add_guest(6, "sg-b");
  add_guest(7, "sg-a");
  give(0, kFirst);
  give(1, kSecond);
  ingress(0) = {{"tcp", 22, 22, "", GroupId("sg-b")}};
  converge();
  const Listener server("guest5", 22);
  EXPECT_TRUE(can_reach("guest6", kFirst, 22));
  EXPECT_THAT(sh("conntrack -L -s 10.100.0.6 2>/dev/null"),
              HasSubstr("src=10.100.0.5 dst=10.100.0.6 "))
      << "the group's rule sees who it is";
  EXPECT_FALSE(can_reach("guest7", kFirst, 22)) << "not in the group";
  EXPECT_FALSE(can_reach("outside", kFirst, 22));
}

TEST_F(PublicAddress, AGuestReachesItself) {
  add_guest(5, "sg-a");
  give(0, kFirst);
  converge();
  const Listener server("guest5", 22);
  EXPECT_FALSE(can_reach("guest5", kFirst, 22)) << "when its groups let it";
  ingress(0) = {{"tcp", 22, 22, "", GroupId("sg-a")}};
  converge();
  EXPECT_TRUE(can_reach("guest5", kFirst, 22));
}

TEST_F(PublicAddress, MovesAndOldConnectionsEnd) {
  add_guest(5, "sg-a");
  add_guest(6, "sg-a");
  ingress(0) = {kEverywhere};
  give(0, kFirst);
  converge();
  const Listener one("guest5", 22, "cat"), two("guest6", 22, "cat");
  const OpenConnection before("outside", kFirst, 22), direct("outside", "10.100.0.5", 22);
  ASSERT_TRUE(before.answers());
  give(0, "");
  give(1, kFirst);
  converge();
  EXPECT_FALSE(before.answers()) << "with the old holder";
  EXPECT_TRUE(direct.answers()) << "which has nothing to do with the address";
  const OpenConnection after("outside", kFirst, 22);
  EXPECT_TRUE(after.answers());
  EXPECT_THAT(sh("conntrack -L -d 192.0.2.50 2>/dev/null"), HasSubstr("src=10.100.0.6 "));
  give(1, "");
  converge();
  EXPECT_FALSE(after.answers());
  EXPECT_FALSE(can_reach("outside", kFirst, 22));
  EXPECT_EQ(sh("ip neigh show proxy"), "");
}

TEST_F(PublicAddress, WhatAGuestBeganUnderItEndsWithIt) {
  add_guest(5, "sg-a");
  give(0, kFirst);
  converge();
  const Listener server("outside", 80, "cat");
  const OpenConnection out("guest5", "192.0.2.2", 80);
  ASSERT_TRUE(out.answers());
  give(0, "");
  converge();
  EXPECT_FALSE(out.answers());
}

TEST_F(PublicAddress, LeavesNothingWhenItsGuestGoes) {
  add_guest(5, "sg-a");
  give(0, kFirst);
  converge();
  EXPECT_THAT(sh("ip neigh show proxy"), HasSubstr(kFirst));
  ports.clear();
  converge();
  EXPECT_EQ(sh("ip neigh show proxy"), "");
  EXPECT_THAT(sh("ip route"), testing::Not(HasSubstr(kFirst)));
  EXPECT_THAT(sh("nft list table ip ango_nat | grep -A3 private_here"),
              testing::Not(HasSubstr(kFirst)));
}

TEST_F(PublicAddress, ARestartTakesItOverAndPutsRightWhatIsWrong) {
  add_guest(5, "sg-a");
  ingress(0) = {open_port(22)};
  give(0, kFirst);
  converge();
  const Listener server("guest5", 22, "cat");
  const OpenConnection open("outside", kFirst, 22);
  host = std::make_unique<EdgeHost>(options);
  ASSERT_TRUE(host->prepare());
  converge();
  EXPECT_FALSE(host->is_announcing());
  EXPECT_TRUE(open.answers());
  sh("ip neigh del proxy 192.0.2.50 dev up0; ip route del 192.0.2.50 proto 173");
  sh("ip neigh add proxy 192.0.2.60 dev up0 protocol 173; ip neigh add proxy 192.0.2.61 dev up0");
  converge();
  EXPECT_EQ(sh("ip neigh show proxy | sort"),
            "192.0.2.50 dev up0 proxy proto 173 \n192.0.2.61 dev up0 proxy \n")
      << "somebody else's stays";
  EXPECT_NE(sh("ip route show 192.0.2.50"), "");
  sh("ip neigh del proxy 192.0.2.61 dev up0");
}

TEST_F(PublicAddress, TheOperatorMayNameTheInterface) {
  options.public_interface = "side1";
  host = std::make_unique<EdgeHost>(options);
  sh("ip link add side1 type veth peer name side2 && ip link set side1 up");
  add_guest(5, "sg-a");
  give(0, kFirst);
  converge();
  EXPECT_EQ(sh("ip neigh show proxy"), "192.0.2.50 dev side1 proxy proto 173 \n");
  ASSERT_TRUE(host->purge());
  sh("ip link del side1");
  ASSERT_TRUE(host->prepare());
}

// Both nodes and a neighbour of theirs on one link.
class PublicAddressOfTwo : public TwoNodes {
 protected:
  void SetUp() override {
    TwoNodes::SetUp();
    if (!host) return;
    // The link of the nodes becomes one of three.
    sh("ip link add lan type bridge && ip link set lan up");
    sh("ip addr del 203.0.113.1/24 dev side0; ip link set side0 master lan");
    sh("ip addr add 203.0.113.1/24 dev lan");
    sh("ip netns add friend && ip link add side9 type veth peer name eth0 netns friend");
    sh("ip link set side9 master lan up");
    sh("ip -n friend link set lo up; ip -n friend addr add 203.0.113.9/24 dev eth0; "
       "ip -n friend link set eth0 up");
  }
  void TearDown() override {
    if (host) sh("ip netns del friend");
    TwoNodes::TearDown();
    if (host) sh("ip link del lan");
  }
};

constexpr auto kShared = "203.0.113.50", kOther = "203.0.113.51";

TEST_F(PublicAddressOfTwo, ReachesTheGuestOfTheOtherNodeFromEverywhere) {
  add_here(5, "sg-a");
  add_there(8, "sg-b");
  document.instances[0].public_ip = kOther;
  document.instances[1].public_ip = kShared;
  ingress(1) = {{"tcp", 22, 22, "", GroupId("sg-a")}, {"tcp", 23, 23, "0.0.0.0/0", {}}};
  converge_both();
  const Listener far("guest8", 22), open("guest8", 23);
  EXPECT_TRUE(can_reach("guest5", kShared, 22)) << "as a member of its group";
  EXPECT_TRUE(can_reach("", kShared, 23)) << "the other node";
  EXPECT_TRUE(can_reach("friend", kShared, 23));
  EXPECT_FALSE(can_reach("friend", kShared, 22));
  EXPECT_FALSE(can_reach("guest8", kShared, 22)) << "itself, which is not in that group";
  // Who knows another node only gets there as well.
  sh("ip -n outside route add 203.0.113.50/32 via 192.0.2.1");
  sh("ip -n node2 route add 192.0.2.0/24 via 203.0.113.1");
  EXPECT_TRUE(can_reach("outside", kShared, 23));
  sh("ip -n outside route del 203.0.113.50/32");
}

TEST_F(PublicAddressOfTwo, MovesToTheOtherNodeAtOnce) {
  add_here(5, "sg-a");
  add_there(8, "sg-b");
  document.instances[0].public_ip = kShared;
  ingress(0) = ingress(1) = {kEverywhere};
  converge_both();
  const Listener here("guest5", 22, "cat"), far("guest8", 22, "cat");
  {
    const OpenConnection before("friend", kShared, 22);
    ASSERT_TRUE(before.answers());
    const auto mac = sh("ip -n friend neigh show 203.0.113.50");
    document.instances[0].public_ip.clear();
    document.instances[1].public_ip = kShared;
    // The new node may hear of it before the old one.
    ++document.version;
    const auto begin = std::chrono::steady_clock::now();
    on_node2([this] { ASSERT_TRUE(there->converge({document, there_ports})); });
    ASSERT_TRUE(host->converge({document, ports}));
    const OpenConnection after("friend", kShared, 22);
    EXPECT_TRUE(after.answers());
    const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - begin;
    RecordProperty("moved_ms", std::to_string(took.count()));
    std::printf("moved to another node, new connection answered: %.0f ms\n", took.count());
    EXPECT_LT(took.count(), 3000);
    EXPECT_FALSE(before.answers());
    EXPECT_NE(sh("ip -n friend neigh show 203.0.113.50"), mac) << "the neighbour was told";
  }
  EXPECT_EQ(sh("ip neigh show proxy"), "") << "the first node answers no more";
}

TEST_F(PublicAddressOfTwo, AnAnnouncementIsRepeated) {
  add_there(8, "sg-b");
  ingress(1) = {kEverywhere};
  document.instances[0].public_ip = kShared;
  converge_both();
  const Listener far("guest8", 22);
  ASSERT_TRUE(can_reach("friend", kShared, 22));
  // Somebody who still believed to have it answered last.
  sh("ip -n friend neigh replace 203.0.113.50 lladdr 02:00:00:00:00:99 dev eth0 nud reachable");
  EXPECT_FALSE(can_reach("friend", kShared, 22));
  on_node2([this] {
    EXPECT_TRUE(there->is_announcing());
    ASSERT_TRUE(there->converge({document, there_ports}));
  });
  EXPECT_TRUE(can_reach("friend", kShared, 22));
  on_node2([this] {
    ASSERT_TRUE(there->converge({document, there_ports}));
    EXPECT_FALSE(there->is_announcing()) << "not for ever";
  });
}

}  // namespace
}  // namespace angophora::nc
