#include "nc/network/public_addresses.h"

#include <gtest/gtest.h>

#include "nc/network/announcement.h"

namespace angophora::nc {
namespace {

using common::Errc;
using common::InstanceId;

NetworkInstance instance(const std::string& id, const std::string& address,
                         const std::string& public_ip) {
  return {InstanceId(id), {}, "d0:0d:00:00:00:01", address, public_ip, {}, {}};
}

EdgeState sample() {
  EdgeState state;
  state.document.version = 1;
  state.document.instances = {instance("i-1", "10.100.0.5", "198.51.100.5"),
                              instance("i-2", "10.100.0.6", ""),
                              instance("i-3", "10.100.0.7", "198.51.100.7")};
  state.ports = {{InstanceId("i-1"), "d0:0d:00:00:00:01", "10.100.0.5", "angot1"},
                 {InstanceId("i-2"), "d0:0d:00:00:00:02", "10.100.0.6", "angot2"}};
  return state;
}

TEST(PublicAddresses, LeadToTheTapsOfThisNode) {
  EXPECT_EQ(public_routes(sample()), (PublicRoutes{{"198.51.100.5", "angot1"}}));
  auto state = sample();
  state.document.instances[0].private_ip = "10.100.0.9";
  EXPECT_TRUE(public_routes(state).empty()) << "the port is not that instance's any more";
}

TEST(PublicAddresses, OfTheWholeZoneAreKnown) {
  EXPECT_EQ(public_holders(sample().document),
            (PublicHolders{{"198.51.100.5", "10.100.0.5"}, {"198.51.100.7", "10.100.0.7"}}));
}

TEST(PublicAddresses, WhatMovesIsNamed) {
  const PublicHolders before{{"a", "1"}, {"b", "2"}, {"c", "3"}};
  EXPECT_TRUE(changed_addresses(before, before).empty());
  EXPECT_EQ(changed_addresses(before, {{"a", "1"}, {"b", "9"}, {"d", "4"}}),
            (std::vector<std::string>{"b", "c", "d"}));
}

TEST(Links, AreReadFromWhatIpSays) {
  const auto links = links_from_json(
      R"([{"dst":"default","gateway":"192.0.2.254","dev":"eth0","flags":[]},
          {"dst":"192.0.2.0/24","dev":"eth0","scope":"link","prefsrc":"192.0.2.1","flags":[]},
          {"dst":"198.51.100.0/24","gateway":"192.0.2.7","dev":"eth0","flags":[]},
          {"dst":"203.0.113.0/28","dev":"eth1","scope":"link","flags":[]},
          {"dst":"10.100.0.5","dev":"angot1","scope":"link","flags":[]},
          {"type":"unreachable","dst":"10.100.0.0/16","flags":[]}])");
  ASSERT_TRUE(links) << links.error().message;
  EXPECT_EQ(links.value(),
            (Links{{"eth0", "default"}, {"eth0", "192.0.2.0/24"}, {"eth1", "203.0.113.0/28"}}));
  EXPECT_TRUE(links_from_json("").value().empty());
  EXPECT_EQ(links_from_json("RTNETLINK").error().code, Errc::corrupt);
}

TEST(Links, AnAddressIsAskedForWhereItsNetworkIs) {
  const Links links{{"wan0", "default"},
                    {"wan1", "default"},
                    {"eth0", "192.0.2.0/24"},
                    {"eth1", "192.0.2.64/28"}};
  EXPECT_EQ(uplink_of(links, "192.0.2.9"), "eth0");
  EXPECT_EQ(uplink_of(links, "192.0.2.70"), "eth1") << "the smaller network says more";
  EXPECT_EQ(uplink_of(links, "198.51.100.1"), "wan0") << "the preferred way out";
  EXPECT_EQ(uplink_of({{"eth0", "192.0.2.0/24"}}, "198.51.100.1"), "");
}

TEST(Proxies, OnlyOursAreTouched) {
  const auto present = proxies_from_json(
      R"([{"dst":"198.51.100.5","dev":"eth0","proxy":null,"protocol":"173"},
          {"dst":"198.51.100.6","dev":"eth0","proxy":null}])");
  ASSERT_TRUE(present) << present.error().message;
  EXPECT_EQ(present.value(), (Proxies{{"198.51.100.5", "eth0"}}));
  EXPECT_EQ(proxies_from_json("what").error().code, Errc::corrupt);
}

TEST(Proxies, OnlyWhatDiffersIsChanged) {
  const Proxies present{{"a", "eth0"}, {"b", "eth0"}, {"c", "eth0"}};
  const Proxies wanted{{"b", "eth0"}, {"c", "eth1"}, {"d", "eth0"}};
  EXPECT_EQ(proxy_commands(present, wanted),
            "neigh del proxy a dev eth0\n"
            "neigh del proxy c dev eth0\n"
            "neigh replace proxy c dev eth1 protocol 173\n"
            "neigh replace proxy d dev eth0 protocol 173\n");
  EXPECT_EQ(proxy_commands(wanted, wanted), "");
}

TEST(PublicRoutes, OnlyWhatDiffersIsChangedAndPrivateOnesStay) {
  const NearRoutes present{
      {"10.100.0.0/16", ""}, {"10.100.0.5", "angot1"}, {"a", "angot1"}, {"b", "angot1"}};
  EXPECT_EQ(public_route_commands(present, {{"b", "angot2"}, {"c", "angot1"}}, {"10.100.0.5"}),
            "route del a/32 dev angot1 proto 173\n"
            "route replace b/32 dev angot2 proto 173\n"
            "route replace c/32 dev angot1 proto 173\n");
  EXPECT_EQ(public_route_commands(present, {{"a", "angot1"}, {"b", "angot1"}}, {"10.100.0.5"}), "");
}

TEST(Announcement, SaysWhoHasTheAddressNow) {
  const MacBytes mac{0x02, 0x11, 0x22, 0x33, 0x44, 0x55};
  const auto request = announcement_frame(mac, 0xc6336405, 1);
  const std::vector<std::uint8_t> expected{
      0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x02, 0x11, 0x22, 0x33, 0x44, 0x55, 0x08, 0x06,  // frame
      0x00, 0x01, 0x08, 0x00, 0x06, 0x04, 0x00, 0x01,               // who has
      0x02, 0x11, 0x22, 0x33, 0x44, 0x55, 0xc6, 0x33, 0x64, 0x05,   // sender
      0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0xc6, 0x33, 0x64, 0x05};  // target
  EXPECT_EQ(std::vector<std::uint8_t>(request.begin(), request.end()), expected);
  const auto answer = announcement_frame(mac, 0xc6336405, 2);
  EXPECT_EQ(answer[21], 2);
  EXPECT_TRUE(std::equal(mac.begin(), mac.end(), answer.begin() + 32));
  EXPECT_EQ(announce_address("lo", "nonsense").error().code, Errc::invalid_argument);
}

}  // namespace
}  // namespace angophora::nc
