// EDGE with a real kernel, nft and dnsmasq, guests being namespaces. Needs root.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "nc/network/edge_network.h"
#include "nc/network/privileged/edge_fixture.h"

namespace angophora::nc {
namespace {

using namespace testing_bed;
using testing::HasSubstr;

TEST_F(Edge, GivesEachGuestItsAddressByDhcp) {
  add_guest(5, "sg-a", false);
  add_guest(6, "sg-a", false);
  converge();
  ASSERT_TRUE(dhcp("guest5"));
  ASSERT_TRUE(dhcp("guest6"));
  EXPECT_NE(sh_in("guest5", "ip -4 -br addr show eth0").find("10.100.0.5/16"), std::string::npos);
  EXPECT_NE(sh_in("guest6", "ip -4 -br addr show eth0").find("10.100.0.6/16"), std::string::npos);
  EXPECT_EQ(sh("cat /run/lease-guest5"),
            "dns=192.0.2.53 domain=cloud.internal mtu=1500 router=10.100.0.1\n");
}

// What 10.100.0.1 answers in `guest` to a question for the address of `name`.
std::string resolved(const std::string& guest, const std::string& name) {
  return sh_in(guest, "timeout 10 busybox nslookup -type=a " + name + " 10.100.0.1");
}

TEST_F(Edge, TheNodeAnswersDnsWhenTheDocumentNamesNoServer) {
  document.dns_servers.clear();
  add_guest(5, "sg-a", false);
  converge();
  ASSERT_TRUE(dhcp("guest5"));
  EXPECT_EQ(sh("cat /run/lease-guest5"),
            "dns=10.100.0.1 domain=cloud.internal mtu=1500 router=10.100.0.1\n");
  EXPECT_THAT(resolved("guest5", "ip-10-100-0-5.cloud.internal"),
              HasSubstr("Address: 10.100.0.5\n"));
  EXPECT_THAT(resolved("guest5", "ip-10-100-7-9.cloud.internal"),
              HasSubstr("Address: 10.100.7.9\n"))
      << "a guest of another node";
  EXPECT_THAT(resolved("guest5", "nobody.cloud.internal"), HasSubstr("NXDOMAIN"))
      << "and nobody else is asked";
}

TEST_F(Edge, AnswersNoStrangersDhcp) {
  add_guest(5, "sg-a", false);
  converge();
  sh_in("guest5", "ip link set eth0 address d0:0d:00:00:00:99");
  EXPECT_FALSE(dhcp("guest5"));
}

TEST_F(Edge, AClosedPortStaysClosedUntilTheDocumentOpensIt) {
  add_guest(5, "sg-a");
  add_guest(6, "sg-b");
  converge();
  const Listener server("guest5", 22);
  for (const auto* from : {"", "outside", "guest6"})
    EXPECT_FALSE(can_reach(from, "10.100.0.5", 22)) << from;
  ingress(0) = {open_port(22)};
  converge();
  for (const auto* from : {"", "outside", "guest6"})
    EXPECT_TRUE(can_reach(from, "10.100.0.5", 22)) << from;
  const Listener other("guest5", 23);
  EXPECT_FALSE(can_reach("outside", "10.100.0.5", 23));
  ingress(0).clear();
  converge();
  EXPECT_FALSE(can_reach("outside", "10.100.0.5", 22));
}

TEST_F(Edge, ARuleForAGroupLetsItsMembersInAndNobodyElse) {
  add_guest(5, "sg-a");
  add_guest(6, "sg-b");
  add_guest(7, "sg-a");
  ingress(0) = {{"tcp", 22, 22, "", GroupId("sg-b")}};
  converge();
  const Listener server("guest5", 22);
  EXPECT_TRUE(can_reach("guest6", "10.100.0.5", 22));
  EXPECT_FALSE(can_reach("guest7", "10.100.0.5", 22));
  EXPECT_FALSE(can_reach("outside", "10.100.0.5", 22));
  document.instances[2].groups.push_back(GroupId("sg-b"));
  converge();
  EXPECT_TRUE(can_reach("guest7", "10.100.0.5", 22));
  // A guest of another node that is in the group: it comes in by the uplink.
  sh("ip -n outside addr add 10.100.9.9/32 dev lo");
  const auto from_there = [] {
    return sh_in("outside", "timeout 1 nc -w 1 -s 10.100.9.9 10.100.0.5 22 </dev/null") ==
           "hello\n";
  };
  sh("ip route add 10.100.9.9/32 via 192.0.2.2");
  EXPECT_FALSE(from_there());
  document.instances.push_back(
      {InstanceId("i-far"), {}, "d0:0d:00:00:09:09", "10.100.9.9", "", {}, {GroupId("sg-b")}});
  converge();
  EXPECT_TRUE(from_there());
}

TEST_F(Edge, EgressRulesDecideWhereAGuestMayGo) {
  add_guest(5, "sg-a");
  const Listener server("outside", 80);
  converge();
  EXPECT_TRUE(can_reach("guest5", "192.0.2.2", 80));
  egress(0) = {{"tcp", 443, 443, "0.0.0.0/0", {}}};
  converge();
  EXPECT_FALSE(can_reach("guest5", "192.0.2.2", 80));
}

TEST_F(Edge, HidesGuestsWithoutAPublicAddressBehindTheNode) {
  add_guest(5, "sg-a");
  const Listener server("outside", 80);
  converge();
  EXPECT_TRUE(can_reach("guest5", "192.0.2.2", 80));
  const auto tracked = sh("conntrack -L -s 10.100.0.5 2>/dev/null");
  EXPECT_NE(tracked.find("src=192.0.2.2 dst=192.0.2.1 "), std::string::npos) << tracked;
}

TEST_F(Edge, APublicAddressWorksBothWays) {
  add_guest(5, "sg-a");
  ingress(0) = {open_port(22)};
  document.instances[0].public_ip = "198.51.100.5";
  converge();
  sh("ip -n outside route add 198.51.100.0/24 via 192.0.2.1");
  const Listener guest("guest5", 22), outside("outside", 80);
  EXPECT_TRUE(can_reach("outside", "198.51.100.5", 22));
  EXPECT_TRUE(can_reach("", "198.51.100.5", 22));
  EXPECT_TRUE(can_reach("guest5", "192.0.2.2", 80));
  const auto tracked = sh("conntrack -L -s 10.100.0.5 2>/dev/null");
  EXPECT_NE(tracked.find("src=192.0.2.2 dst=198.51.100.5 "), std::string::npos) << tracked;
}

TEST_F(Edge, AForgedSenderIsDropped) {
  add_guest(5, "sg-a");
  add_guest(6, "sg-a");
  ingress(0) = {kEverywhere};
  converge();
  const Listener server("guest6", 22);
  EXPECT_TRUE(can_reach("guest5", "10.100.0.6", 22));
  sh_in("guest5", "ip addr add 10.100.0.7/32 dev eth0");
  const auto ping = [](const std::string& sender) {
    return sh_in("guest5", "busybox ping -c 1 -W 1 -I " + sender + " 10.100.0.6");
  };
  const auto forged = [&ping] { return ping("10.100.0.7"); };
  EXPECT_NE(ping("10.100.0.5").find("1 packets received"), std::string::npos);
  EXPECT_EQ(forged().find("1 packets received"), std::string::npos);
  // Nothing of it may even arrive.
  const auto before = sh_in("guest6", "cat /proc/net/snmp | grep ^Icmp:");
  forged();
  EXPECT_EQ(sh_in("guest6", "cat /proc/net/snmp | grep ^Icmp:"), before);
  sh_in("guest5", "ip addr del 10.100.0.7/32 dev eth0");
  EXPECT_TRUE(can_reach("guest5", "10.100.0.6", 22));
  sh_in("guest5", "ip link set eth0 address d0:0d:00:00:00:77");
  EXPECT_FALSE(can_reach("guest5", "10.100.0.6", 22));
}

TEST_F(Edge, AGuestCannotFillTheTableOfNeighbours) {
  add_guest(5, "sg-a");
  converge();
  const auto ask = [](const std::string& claimed) {
    sh_in("guest5", "ip addr add " + claimed +
                        "/32 dev eth0; busybox arping -c 1 -w 1 -I eth0 -s " + claimed +
                        " 10.100.0.1; ip addr del " + claimed + "/32 dev eth0");
    return sh("ip neigh show dev " + tap_name(InstanceId("i-guest5")));
  };
  EXPECT_EQ(ask("10.100.77.77").find("10.100.77.77"), std::string::npos);
  EXPECT_NE(sh_in("guest5", "busybox arping -c 1 -w 2 -I eth0 10.100.0.1").find("Received 1"),
            std::string::npos);
}

TEST_F(Edge, ItsFilesCanBeReadByDnsmasqWhateverTheUmask) {
  const auto before = umask(0077);
  options.run_dir = folder + "/deep/er/run";
  host = std::make_unique<EdgeHost>(options);
  EXPECT_TRUE(host->prepare());
  add_guest(5, "sg-a", false);
  converge();
  add_guest(6, "sg-a", false);
  converge();  // read by SIGHUP, without root
  umask(before);
  EXPECT_TRUE(dhcp("guest6"));
}

TEST_F(Edge, NobodyOutsideCanClaimAGuestsAddress) {
  add_guest(5, "sg-a");
  add_guest(6, "sg-a");
  ingress(0) = {{"tcp", 22, 22, "", GroupId("sg-a")}};
  converge();
  const Listener server("guest5", 22);
  sh("ip -n outside addr add 10.100.0.6/32 dev lo");
  EXPECT_EQ(sh_in("outside", "timeout 1 nc -w 1 -s 10.100.0.6 10.100.0.5 22 </dev/null"), "");
  EXPECT_TRUE(can_reach("guest6", "10.100.0.5", 22));
}

TEST_F(Edge, AGuestReachesMetadataAndNothingElseOfTheNode) {
  add_guest(5, "sg-a");
  converge();
  const Listener ssh("", 22), soap("", 8775);
  const Listener metadata("", options.metadata_port);
  EXPECT_TRUE(can_reach("guest5", "169.254.169.254", 80));
  for (const auto* address : {"10.100.0.1", "192.0.2.1", "169.254.168.254", "169.254.169.254"}) {
    EXPECT_FALSE(can_reach("guest5", address, 22)) << address;
    EXPECT_FALSE(can_reach("guest5", address, 8775)) << address;
    EXPECT_FALSE(can_reach("guest5", address, options.metadata_port)) << address;
  }
  EXPECT_TRUE(can_reach("", "192.0.2.1", 22));
  // And nobody from outside reaches metadata.
  sh("ip -n outside route add 169.254.168.254/32 via 192.0.2.1");
  EXPECT_FALSE(can_reach("outside", "169.254.168.254", options.metadata_port));
  EXPECT_TRUE(can_reach("outside", "192.0.2.1", 22));
}

TEST_F(Edge, AnotherOwnerOfAnAddressGetsItByDhcp) {
  add_guest(5, "sg-a", false);
  converge();
  ASSERT_TRUE(dhcp("guest5"));
  const auto pid = dnsmasq_pid();
  ports.clear();
  converge();
  EXPECT_EQ(read_small_file(options.run_dir + "/leases"), "");
  EXPECT_NE(dnsmasq_pid(), pid);
  remove_guest("guest5");
  add_guest(5, "sg-a", false);
  ports[0].mac_address = document.instances.back().mac_address = "d0:0d:00:00:00:55";
  sh_in("guest5", "ip link set eth0 address d0:0d:00:00:00:55");
  converge();
  EXPECT_TRUE(dhcp("guest5"));
}

TEST_F(Edge, ANewGuestDoesNotRestartDhcp) {
  add_guest(5, "sg-a", false);
  converge();
  const auto pid = dnsmasq_pid();
  add_guest(6, "sg-a", false);
  converge();
  EXPECT_EQ(dnsmasq_pid(), pid);
  EXPECT_TRUE(dhcp("guest6"));
}

TEST_F(Edge, MakesAPersistentTapForQemu) {
  ports = {{InstanceId("i-0123456789abcdef0"), "d0:0d:00:00:00:05", "10.100.0.5",
            tap_name(InstanceId("i-0123456789abcdef0"))}};
  converge();
  const auto shown = sh("ip -d link show dev " + ports[0].tap);
  EXPECT_NE(shown.find("tun type tap"), std::string::npos) << shown;
  EXPECT_NE(shown.find("persist on"), std::string::npos) << shown;
  EXPECT_NE(shown.find("fe:0d:00:00:00:05"), std::string::npos) << shown;
  EXPECT_NE(sh("ip route show 10.100.0.5").find(ports[0].tap), std::string::npos);
  ports.clear();
  converge();
  EXPECT_EQ(sh("ip -br link | grep angot"), "");
}

TEST_F(Edge, APortThatCannotBeMadeHindersNoOther) {
  options.tap_owner = "no-such-user";
  host = std::make_unique<EdgeHost>(options);
  add_guest(5, "sg-a");  // its "tap" is there already
  ports.push_back({InstanceId("i-bad"), "d0:0d:00:00:00:06", "10.100.0.6", "angotbad"});
  const auto done = host->converge({document, ports});
  ASSERT_TRUE(done) << done.error().message;
  ASSERT_EQ(done.value().size(), 1u);
  EXPECT_EQ(done.value().begin()->first, InstanceId("i-bad"));
  EXPECT_NE(sh("ip route show 10.100.0.5"), "");
}

TEST_F(Edge, TheNextDaemonTakesOverWhatRuns) {
  add_guest(5, "sg-a");
  add_guest(6, "sg-a");
  ingress(0) = {open_port(22)};
  converge();
  const Listener server("guest5", 22);
  const auto pid = dnsmasq_pid();
  ports.pop_back();  // ended meanwhile
  host = std::make_unique<EdgeHost>(options);
  ASSERT_TRUE(host->prepare());
  converge();
  EXPECT_EQ(dnsmasq_pid(), pid);
  EXPECT_TRUE(can_reach("outside", "10.100.0.5", 22));
  EXPECT_EQ(sh("ip -br link | grep -c angot"), "1\n");
}

TEST_F(Edge, WritesTablesAnewThatSomebodyFlushed) {
  add_guest(5, "sg-a");
  converge();
  const Listener server("guest5", 22);
  host->check_tables();
  EXPECT_FALSE(can_reach("outside", "10.100.0.5", 22));
  sh("nft flush ruleset");
  EXPECT_TRUE(can_reach("outside", "10.100.0.5", 22));
  host->check_tables();
  converge();
  EXPECT_FALSE(can_reach("outside", "10.100.0.5", 22));
}

TEST_F(Edge, StartsDhcpAgainWhenItDied) {
  add_guest(5, "sg-a", false);
  converge();
  const auto pid = dnsmasq_pid();
  // A killed process may run on for a moment; what is left afterwards is a zombie at most.
  sh("read p <<E\n" + pid +
     "E\nkill -9 $p\n"
     "while [ -e /proc/$p ] && ! grep -q '^State:.Z' /proc/$p/status; do sleep 0.01; done");
  converge();
  EXPECT_NE(dnsmasq_pid(), pid);
  EXPECT_TRUE(dhcp("guest5"));
}

TEST_F(Edge, SaysWhyDhcpDoesNotStart) {
  add_guest(5, "sg-a");
  const int other = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  sockaddr_in port{};
  port.sin_family = AF_INET;
  port.sin_port = htons(67);
  ASSERT_EQ(bind(other, reinterpret_cast<sockaddr*>(&port), sizeof port), 0);
  const auto failed = host->converge({document, ports});
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code, common::Errc::io);
  EXPECT_NE(failed.error().message.find("dnsmasq does not start"), std::string::npos);
  EXPECT_NE(failed.error().message.find("in use"), std::string::npos) << failed.error().message;
  close(other);
  converge();  // tried again, it works
}

TEST_F(Edge, AGuestReachesPortsOfTheNodeThatTheOperatorOpened) {
  options.guest_tcp_ports = {8773};
  host = std::make_unique<EdgeHost>(options);
  add_guest(5, "sg-a");
  converge();
  const Listener api("", 8773), ssh("", 22);
  EXPECT_TRUE(can_reach("guest5", "192.0.2.1", 8773));
  EXPECT_FALSE(can_reach("guest5", "192.0.2.1", 22));
}

TEST_F(Edge, APurgeLeavesNothing) {
  sh("nft add table inet somebody_else");
  add_guest(5, "sg-a", false);
  converge();
  ASSERT_TRUE(dhcp("guest5"));
  const auto pid = dnsmasq_pid();
  ASSERT_TRUE(purge_edge(options));
  EXPECT_EQ(sh("ip -br link | grep ango"), "");
  EXPECT_EQ(sh("nft list tables"), "table inet somebody_else\n");
  EXPECT_EQ(sh("ip route show table all proto 173"), "");
  EXPECT_EQ(sh("ip addr | grep -e 169.254 -e 10.100"), "");
  EXPECT_EQ(sh("cat /proc/" + pid.substr(0, pid.find('\n')) + "/cmdline"), "");  // ended
  EXPECT_EQ(sh("cat /proc/sys/net/ipv4/ip_forward"), "0\n");
  EXPECT_FALSE(std::filesystem::exists(options.run_dir));
  EXPECT_TRUE(purge_edge(options));  // and again
}

}  // namespace
}  // namespace angophora::nc
