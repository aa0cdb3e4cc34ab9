// DHCP's files, the stored document, other people's rules, addresses.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "nc/network/addresses.h"
#include "nc/network/dhcp.h"
#include "nc/network/document_file.h"
#include "nc/network/foreign_rules.h"

namespace angophora::nc {
namespace {

using common::Errc;
using common::GroupId;
using common::InstanceId;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

EdgeState one_guest() {
  EdgeState state;
  state.document.version = 3;
  state.document.subnet_cidr = "10.100.0.0/16";
  state.document.gateway = "10.100.0.1";
  state.document.dns_servers = {"192.0.2.53", "192.0.2.54"};
  state.document.dns_domain = "angophora.internal";
  state.ports = {{InstanceId("i-1"), "d0:0d:00:00:00:01", "10.100.0.5", "angot1"}};
  return state;
}

TEST(Dhcp, HasALinePerGuest) {
  EXPECT_EQ(dhcp_hosts(one_guest()), "d0:0d:00:00:00:01,10.100.0.5,ip-10-100-0-5\n");
}

TEST(Dhcp, TellsGuestsTheirRouterServersDomainAndMtu) {
  EdgeOptions options;
  options.mtu = 1450;
  const auto conf = dhcp_conf(options, one_guest(), DhcpFiles("/run/x"), "dnsmasq");
  ASSERT_TRUE(conf);
  EXPECT_THAT(*conf, HasSubstr("dhcp-range=10.100.0.0,static,255.255.0.0,24h\n"));
  EXPECT_THAT(*conf, HasSubstr("dhcp-option=option:router,10.100.0.1\n"));
  EXPECT_THAT(*conf, HasSubstr("dhcp-option=option:dns-server,192.0.2.53,192.0.2.54\n"));
  EXPECT_THAT(*conf, HasSubstr("dhcp-option=option:domain-name,angophora.internal\n"));
  EXPECT_THAT(*conf, HasSubstr("dhcp-option=option:mtu,1450\n"));
  EXPECT_THAT(*conf, HasSubstr("port=0\n"));
}

TEST(Dhcp, AnswersDnsWhenTheDocumentNamesNoServer) {
  auto state = one_guest();
  state.document.dns_servers.clear();
  const auto conf = dhcp_conf({}, state, DhcpFiles("/run/x"), "dnsmasq");
  ASSERT_TRUE(conf);
  EXPECT_THAT(*conf, HasSubstr("port=53\n"));
  EXPECT_THAT(*conf, HasSubstr("dns-server,10.100.0.1\n"));
  EXPECT_THAT(*conf, HasSubstr("synth-domain=angophora.internal,10.100.0.0/16,ip-\n"));
  EXPECT_THAT(*conf, HasSubstr("local=/angophora.internal/\n"));
}

TEST(Dhcp, DoesNotRunWithoutADocument) {
  EXPECT_FALSE(dhcp_conf({}, EdgeState{}, DhcpFiles("/run/x"), "dnsmasq"));
}

TEST(Dhcp, ForgetsLeasesOfGuestsThatAreGone) {
  const std::string mine = "1763780000 d0:0d:00:00:00:01 10.100.0.5 ip-10-100-0-5 *\n";
  const std::string other = "1763780000 d0:0d:00:00:00:02 10.100.0.6 ip-10-100-0-6 *\n";
  const std::string moved = "1763780000 d0:0d:00:00:00:09 10.100.0.5 * *\n";
  EXPECT_EQ(current_leases(other + mine + moved, one_guest()), mine);
  EXPECT_EQ(current_leases(mine, one_guest()), mine);
  EXPECT_EQ(current_leases("", one_guest()), "");
}

TEST(DocumentFile, KeepsADocumentWhole) {
  auto document = one_guest().document;
  document.instances = {{InstanceId("i-1"),
                         common::AccountId("123456789012"),
                         "d0:0d:00:00:00:01",
                         "10.100.0.5",
                         "198.51.100.1",
                         common::NodeName("node-a"),
                         {GroupId("sg-1"), GroupId("sg-2")}}};
  document.groups = {{GroupId("sg-1"),
                      {{"tcp", 22, 22, "0.0.0.0/0", {}}, {"-1", -1, -1, "", GroupId("sg-2")}},
                      {{"-1", 0, 0, "0.0.0.0/0", {}}},
                      "web"}};
  document.nodes = {{common::NodeName("node-a"), "192.0.2.3"}};
  document.region = "south";
  const auto back = document_from_json(document_to_json(document));
  ASSERT_TRUE(back) << back.error().message;
  EXPECT_EQ(back.value(), document);
}

TEST(DocumentFile, ReadsDocumentsOfEarlierVersions) {
  auto document = one_guest().document;
  document.groups = {{GroupId("sg-1"), {}, {}, ""}};
  auto text = document_to_json(document);
  for (const std::string later : {R"(,"nodes":[])", R"(,"region":"")", R"("name":"",)"}) {
    const auto at = text.find(later);
    ASSERT_NE(at, std::string::npos) << later;
    const auto back = document_from_json(text.erase(at, later.size()));
    ASSERT_TRUE(back) << back.error().message;
    EXPECT_EQ(back.value(), document);
  }
}

TEST(DocumentFile, RefusesDamage) {
  for (const auto* text : {"", "{", "[]", "{}", R"({"version":"x"})", R"({"version":1})"}) {
    const auto document = document_from_json(text);
    ASSERT_FALSE(document) << text;
    EXPECT_EQ(document.error().code, Errc::corrupt);
  }
}

constexpr const char* kDocker = R"({"nftables": [{"metainfo": {"version": "1.0.6"}},
  {"chain": {"family":"ip","table":"filter","name":"FORWARD","type":"filter","hook":"forward",
             "prio":0,"policy":"drop"}},
  {"chain": {"family":"ip","table":"filter","name":"INPUT","type":"filter","hook":"input",
             "prio":0,"policy":"drop"}},
  {"chain": {"family":"bridge","table":"x","name":"f","type":"filter","hook":"forward",
             "prio":0,"policy":"drop"}},
  {"chain": {"family":"inet","table":"ango_filter","name":"egress","hook":"forward",
             "policy":"drop"}}]})";

constexpr const char* kFirewalld = R"({"nftables": [
  {"chain": {"family":"inet","table":"firewalld","name":"filter_FORWARD","hook":"forward",
             "prio":10,"policy":"accept"}},
  {"rule": {"family":"inet","table":"firewalld","chain":"filter_FORWARD","expr":
     [{"match":{"op":"==","left":{"ct":{"key":"state"}},"right":"established"}},{"accept":null}]}},
  {"rule": {"family":"inet","table":"firewalld","chain":"filter_FORWARD","expr":
     [{"counter":{"packets":0,"bytes":0}},{"reject":{"type":"icmpx","expr":"admin-prohibited"}}]}},
  {"chain": {"family":"inet","table":"mine","name":"forward","hook":"forward","policy":"accept"}},
  {"rule": {"family":"inet","table":"mine","chain":"forward","expr":
     [{"match":{"op":"==","left":{"meta":{"key":"iifname"}},"right":"eth9"}},{"drop":null}]}}]})";

TEST(ForeignRules, NamesAForwardPolicyThatDrops) {
  const auto found = foreign_forward_drops(kDocker);
  ASSERT_TRUE(found);
  EXPECT_THAT(found.value(), ElementsAre("chain FORWARD of table ip filter has the policy drop"));
}

TEST(ForeignRules, NamesAChainThatEndsInADropForAll) {
  const auto found = foreign_forward_drops(kFirewalld);
  ASSERT_TRUE(found);
  EXPECT_THAT(found.value(), ElementsAre("chain filter_FORWARD of table inet firewalld ends with a "
                                         "rule that drops all"));
}

TEST(ForeignRules, FindsNothingOnAnEmptyHost) {
  const auto found = foreign_forward_drops(R"({"nftables": [{"metainfo": {}}]})");
  ASSERT_TRUE(found);
  EXPECT_THAT(found.value(), IsEmpty());
}

TEST(ForeignRules, SaysWhenTheListCannotBeRead) {
  for (const auto* text : {"", "[]", R"({"nftables": 3})"}) {
    const auto found = foreign_forward_drops(text);
    ASSERT_FALSE(found);
    EXPECT_EQ(found.error().code, Errc::corrupt);
  }
}

TEST(ParsePorts, ReadsAListAndNothingElse) {
  EXPECT_THAT(parse_ports("8773, 8776").value(), ElementsAre(8773, 8776));
  EXPECT_THAT(parse_ports(" ").value(), IsEmpty());
  for (const auto* text : {"0", "65536", "80,", "80;81", "ssh"}) {
    const auto ports = parse_ports(text);
    ASSERT_FALSE(ports) << text;
    EXPECT_EQ(ports.error().code, Errc::invalid_argument);
  }
}

TEST(Addresses, TakesDottedQuadsOnly) {
  EXPECT_EQ(parse_ipv4("10.100.0.5"), 0x0a640005u);
  EXPECT_EQ(format_ipv4(0x0a640005u), "10.100.0.5");
  for (const auto* text :
       {"", "10.100.0", "10.100.0.256", "010.1.1.1", " 10.0.0.1", "10.0.0.1 ", "::1", "10.0.0.1;"})
    EXPECT_FALSE(parse_ipv4(text)) << text;
}

TEST(Addresses, ClearsTheHostBitsOfANetwork) {
  EXPECT_EQ(format_cidr(*parse_cidr("10.1.2.3/8")), "10.0.0.0/8");
  EXPECT_EQ(format_cidr(*parse_cidr("10.1.2.3/32")), "10.1.2.3/32");
  EXPECT_TRUE(parse_cidr("0.0.0.0/0")->contains(0xffffffffu));
  for (const auto* text : {"", "10.0.0.0", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/8x", "/8"})
    EXPECT_FALSE(parse_cidr(text)) << text;
}

TEST(Addresses, ReadsMacs) {
  EXPECT_EQ(parse_mac("D0:0D:00:00:00:0a"), "d0:0d:00:00:00:0a");
  for (const auto* text : {"", "d0:0d:00:00:00", "d0-0d-00-00-00-0a", "d0:0d:00:00:00:0g"})
    EXPECT_FALSE(parse_mac(text)) << text;
}

TEST(Addresses, PlainNamesHoldNothingThatAProgramMightInterpret) {
  EXPECT_TRUE(is_plain_id("sg-0123abcd"));
  EXPECT_FALSE(is_plain_id("sg 1"));
  EXPECT_FALSE(is_plain_id(""));
  EXPECT_FALSE(is_plain_id("-x"));
  EXPECT_TRUE(is_plain_domain("zone-a.internal"));
  EXPECT_FALSE(is_plain_domain("a\nb"));
}

}  // namespace
}  // namespace angophora::nc
