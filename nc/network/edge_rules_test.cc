#include "nc/network/edge_rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

namespace angophora::nc {
namespace {

using common::Errc;
using common::GroupId;
using common::InstanceId;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

NetworkRule tcp(int from, int to, std::string cidr) {
  return {"tcp", from, to, std::move(cidr), {}};
}

NetworkInstance instance(const std::string& id, const std::string& address,
                         std::vector<GroupId> groups) {
  return {InstanceId(id), {}, "d0:0d:00:00:00:01", address, "", {}, std::move(groups)};
}

Port port(const std::string& id, const std::string& mac, const std::string& address) {
  return {InstanceId(id), mac, address, tap_name(InstanceId(id))};
}

// Two guests here, one elsewhere; web is open to all on 80, db to members of web on 5432.
EdgeState sample() {
  EdgeState state;
  state.document.version = 7;
  state.document.subnet_cidr = "10.100.0.0/16";
  state.document.gateway = "10.100.0.1";
  state.document.dns_servers = {"192.0.2.53"};
  state.document.groups = {
      {GroupId("sg-web"),
       {tcp(80, 80, "0.0.0.0/0"), {"icmp", 8, -1, "192.0.2.0/24", {}}},
       {{"-1", -1, -1, "0.0.0.0/0", {}}}},
      {GroupId("sg-db"), {{"tcp", 5432, 5433, "", GroupId("sg-web")}}, {}},
  };
  state.document.instances = {
      instance("i-aaaaaaaaaaaaaaaa1", "10.100.0.5", {GroupId("sg-web")}),
      instance("i-aaaaaaaaaaaaaaaa2", "10.100.0.6", {GroupId("sg-db"), GroupId("sg-web")}),
      instance("i-aaaaaaaaaaaaaaaa3", "10.100.0.7", {GroupId("sg-web")})};
  state.document.instances[0].public_ip = "198.51.100.5";
  state.document.instances[2].public_ip = "198.51.100.7";
  state.ports = {port("i-aaaaaaaaaaaaaaaa1", "d0:0d:00:00:00:01", "10.100.0.5"),
                 port("i-aaaaaaaaaaaaaaaa2", "d0:0d:00:00:00:02", "10.100.0.6")};
  return state;
}

// ANGOPHORA_WRITE_SAMPLES=1 writes the samples anew, for the eye to judge in the diff.
void expect_stored(const std::string& name, const std::string& text) {
  const auto path = std::string(SAMPLES_DIR) + "/" + name;
  if (getenv("ANGOPHORA_WRITE_SAMPLES")) std::ofstream(path) << text;
  std::ifstream file(path);
  EXPECT_EQ(text, std::string(std::istreambuf_iterator<char>(file), {}));
}

TEST(EdgeRules, AreAsStored) {
  expect_stored("two_guests.nft", replace_script(edge_rules({}, sample())));
}

TEST(EdgeRules, WithoutADocumentGuestsGetAddressAndMetadataOnly) {
  EdgeState state;
  state.ports = sample().ports;
  expect_stored("no_document.nft", replace_script(edge_rules({}, state)));
}

TEST(EdgeRules, MembersOnOtherNodesCount) {
  const auto rules = edge_rules({}, sample());
  EXPECT_THAT(rules[0].sets.at("members_sg_web").elements,
              ElementsAre("10.100.0.5", "10.100.0.6", "10.100.0.7"));
}

TEST(EdgeRules, ANewMemberIsAChangeOfElementsAlone) {
  const auto before = sample();
  auto after = before;
  after.document.instances.push_back(
      instance("i-aaaaaaaaaaaaaaaa4", "10.100.0.8", {GroupId("sg-web")}));
  after.document.instances.erase(after.document.instances.begin() + 2);
  EXPECT_EQ(change_script(edge_rules({}, before), edge_rules({}, after)),
            "delete element inet ango_filter members_sg_web { 10.100.0.7 }\n"
            "add element inet ango_filter members_sg_web { 10.100.0.8 }\n"
            "delete element ip ango_nat private_of { 198.51.100.7 }\n");
}

TEST(EdgeRules, APublicAddressThatMovesIsDeletedByItsKey) {
  const auto before = sample();
  auto after = before;
  after.document.instances[0].public_ip = "198.51.100.9";
  EXPECT_EQ(change_script(edge_rules({}, before), edge_rules({}, after)),
            "delete element ip ango_nat own_public_of { 10.100.0.5 . 10.100.0.5 }\n"
            "add element ip ango_nat own_public_of { 10.100.0.5 . 10.100.0.5 : 198.51.100.9 }\n"
            "delete element ip ango_nat private_here { 198.51.100.5 }\n"
            "add element ip ango_nat private_here { 198.51.100.9 : 10.100.0.5 }\n"
            "delete element ip ango_nat private_of { 198.51.100.5 }\n"
            "add element ip ango_nat private_of { 198.51.100.9 : 10.100.0.5 }\n"
            "delete element ip ango_nat public_of { 10.100.0.5 }\n"
            "add element ip ango_nat public_of { 10.100.0.5 : 198.51.100.9 }\n");
}

TEST(EdgeRules, NothingToDoIsAnEmptyScript) {
  EXPECT_EQ(change_script(edge_rules({}, sample()), edge_rules({}, sample())), "");
}

TEST(EdgeRules, ANewRuleReplacesItsTableAlone) {
  auto after = sample();
  after.document.groups[0].ingress.push_back(tcp(443, 443, "0.0.0.0/0"));
  const auto script = change_script(edge_rules({}, sample()), edge_rules({}, after));
  EXPECT_THAT(script, HasSubstr("delete table inet ango_filter"));
  EXPECT_THAT(script, HasSubstr("tcp dport 443 accept"));
  EXPECT_THAT(script, Not(HasSubstr("ango_limits"))) << "which would forget what it counted";
  EXPECT_THAT(script, Not(HasSubstr("ango_nat")));
}

TEST(EdgeRules, OtherTablesThanBeforeAreReasonToReplaceAll) {
  const auto now = edge_rules({}, sample());
  EXPECT_EQ(change_script({now[0], now[1], now[2]}, now), replace_script(now));
}

TEST(EdgeRules, ConnectionsAreCountedUnlessTheLimitIsNone) {
  EdgeOptions options;
  options.guest_connections_max = 7;
  EXPECT_THAT(edge_rules(options, sample())[1].chains,
              HasSubstr("ip saddr ct count over 7 } drop"));
  options.guest_connections_max = 0;
  const auto rules = edge_rules(options, sample());
  EXPECT_EQ(rules[1].name, kLimitsTable) << "one that was there before is emptied";
  EXPECT_EQ(rules[1].chains, "");
}

TEST(EdgeRules, AnAddressThatTheDocumentGivesToAnotherInheritsNoGroups) {
  auto state = sample();
  state.document.instances[0].private_ip = "10.100.0.99";
  const auto text = replace_script(edge_rules({}, state));
  EXPECT_THAT(text, HasSubstr("chain ingress_angotaaaaaaaaa1 {\n\t\tdrop\n"));
}

TEST(EdgeRules, NoDnsServersMeansThatTheNodeAnswers) {
  auto state = sample();
  EXPECT_THAT(edge_rules({}, state)[0].chains, Not(HasSubstr("dport 53")));
  state.document.dns_servers.clear();
  EXPECT_THAT(edge_rules({}, state)[0].chains,
              HasSubstr("ip daddr 10.100.0.1 udp dport 53 accept"));
}

TEST(EdgeRules, WithoutMasqueradeGuestsKeepTheirAddress) {
  EdgeOptions options;
  options.masquerade = false;
  EXPECT_THAT(edge_rules(options, sample())[2].chains, Not(HasSubstr("masquerade")));
}

TEST(TapName, FitsTheKernelAndTellsInstancesApart) {
  EXPECT_EQ(tap_name(InstanceId("i-0123456789abcdef0")), "angot789abcdef0");
  EXPECT_LE(tap_name(InstanceId("i-0123456789abcdef0")).size(), 15u);
}

std::string said(const NetworkRule& rule) { return rule_text(rule, "saddr").value_or("cannot"); }

TEST(RuleText, SaysEveryKindOfRule) {
  EXPECT_EQ(said(tcp(22, 22, "0.0.0.0/0")), "tcp dport 22 ");
  EXPECT_EQ(said(tcp(1000, 2000, "10.9.8.7/8")), "ip saddr 10.0.0.0/8 tcp dport 1000-2000 ");
  EXPECT_EQ(said(tcp(0, 65535, "0.0.0.0/0")), "meta l4proto tcp ");
  EXPECT_EQ(said({"udp", -1, -1, "0.0.0.0/0", {}}), "meta l4proto udp ");
  EXPECT_EQ(said({"17", 53, 53, "192.0.2.1/32", {}}), "ip saddr 192.0.2.1/32 udp dport 53 ");
  EXPECT_EQ(said({"icmp", -1, -1, "0.0.0.0/0", {}}), "meta l4proto icmp ");
  EXPECT_EQ(said({"icmp", 8, -1, "0.0.0.0/0", {}}), "icmp type 8 ");
  EXPECT_EQ(said({"icmp", 3, 4, "0.0.0.0/0", {}}), "icmp type 3 icmp code 4 ");
  EXPECT_EQ(said({"-1", 0, 0, "0.0.0.0/0", {}}), "");
  EXPECT_EQ(said({"47", 0, 0, "0.0.0.0/0", {}}), "meta l4proto 47 ");
  EXPECT_EQ(said({"-1", 0, 0, "", GroupId("sg-1a")}), "ip saddr @members_sg_1a ");
}

TEST(RuleText, LeavesOutWhatItCannotSay) {
  EXPECT_EQ(said(tcp(22, 22, "::/0")), "cannot");
  EXPECT_EQ(said(tcp(22, 22, "")), "cannot");
  EXPECT_EQ(said(tcp(22, 22, "10.0.0.0/33")), "cannot");
  EXPECT_EQ(said(tcp(23, 22, "0.0.0.0/0")), "cannot");
  EXPECT_EQ(said(tcp(-5, 22, "0.0.0.0/0")), "cannot");
  EXPECT_EQ(said(tcp(22, 70000, "0.0.0.0/0")), "cannot");
  EXPECT_EQ(said({"icmp", 300, 0, "0.0.0.0/0", {}}), "cannot");
  EXPECT_EQ(said({"tcp accept; drop", 1, 1, "0.0.0.0/0", {}}), "cannot");
  EXPECT_EQ(said({"tcp", 1, 1, "10.0.0.0/8 accept", {}}), "cannot");
  EXPECT_EQ(said({"tcp", 1, 1, "", GroupId("sg-1 accept")}), "cannot");
  auto document = sample().document;
  document.groups[1].ingress.push_back(tcp(22, 22, "::/0"));
  EXPECT_THAT(unusable_rules(document),
              ElementsAre("group sg-db: protocol tcp, ports 22 to 22, peer ::/0"));
}

struct BadDocument {
  const char* what;
  void (*spoil)(NetworkDocument&);
};

TEST(CheckDocument, RefusesWhatCannotBeApplied) {
  EXPECT_TRUE(check_document(sample().document));
  const BadDocument bad[] = {
      {"subnet", [](NetworkDocument& d) { d.subnet_cidr = "10.100.0.0"; }},
      {"subnet", [](NetworkDocument& d) { d.subnet_cidr = "0.0.0.0/0"; }},
      {"gateway", [](NetworkDocument& d) { d.gateway = "10.101.0.1"; }},
      {"gateway", [](NetworkDocument& d) { d.gateway = "10.100.0.1 dev lo"; }},
      {"DNS", [](NetworkDocument& d) { d.dns_servers = {"ns.example"}; }},
      {"domain", [](NetworkDocument& d) { d.dns_domain = "a\nport=53"; }},
      {"address", [](NetworkDocument& d) { d.instances[0].private_ip = "10.200.0.5"; }},
      {"address", [](NetworkDocument& d) { d.instances[0].private_ip = "10.100.0.1"; }},
      {"public", [](NetworkDocument& d) { d.instances[0].public_ip = "x"; }},
  };
  for (const auto& [what, spoil] : bad) {
    auto document = sample().document;
    spoil(document);
    const auto checked = check_document(document);
    ASSERT_FALSE(checked) << what;
    EXPECT_EQ(checked.error().code, Errc::invalid_argument);
    EXPECT_THAT(checked.error().message, HasSubstr(what));
  }
}

}  // namespace
}  // namespace angophora::nc
