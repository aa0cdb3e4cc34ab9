#include <set>

#include "clc/store/counters.h"
#include "clc/testing/action_fixture.h"

namespace angophora::clc {
namespace {

class SecurityGroupActions : public testing::ActionFixture {
 public:
  std::string create(const std::string& name) {
    const auto made =
        call("CreateSecurityGroup", {{"GroupName", name}, {"GroupDescription", "for a test"}});
    EXPECT_TRUE(made);
    return made ? *made.value().find("groupId") : "";
  }
  static testing::Pairs ssh(const std::string& group, const std::string& cidr = "0.0.0.0/0") {
    return {{"GroupId", group},
            {"IpPermissions.1.IpProtocol", "tcp"},
            {"IpPermissions.1.FromPort", "22"},
            {"IpPermissions.1.ToPort", "22"},
            {"IpPermissions.1.IpRanges.1.CidrIp", cidr}};
  }
  std::int64_t network_version() {
    return write([](Tx& tx) { return Counters(tx).value(kNetworkVersion); }).value();
  }
};

TEST_F(SecurityGroupActions, EveryAccountHasADefaultGroupInItsVpc) {
  const auto listed = call("DescribeSecurityGroups");
  ASSERT_TRUE(listed);
  EXPECT_EQ(listed.value().find("securityGroupInfo/item/groupName"), "default");
  const auto id = *listed.value().find("securityGroupInfo/item/groupId");
  EXPECT_TRUE(is_well_formed_id(id, "sg"));
  EXPECT_TRUE(is_well_formed_id(*listed.value().find("securityGroupInfo/item/vpcId"), "vpc"));
  const std::string in = "securityGroupInfo/item/ipPermissions/item/";
  EXPECT_EQ(listed.value().find(in + "ipProtocol"), "-1");
  EXPECT_EQ(listed.value().find(in + "groups/item/groupId"), id);
  EXPECT_EQ(
      listed.value().find("securityGroupInfo/item/ipPermissionsEgress/item/ipRanges/item/cidrIp"),
      "0.0.0.0/0");
}

// euca-authorize -o GROUP sends 0.0.0.0/0 too, and Eucalyptus took the group alone.
TEST_F(SecurityGroupActions, InEucalyptusVersionsAGroupWinsOverTheWholeWorld) {
  const auto source = create("source");
  for (const auto& [version, rules] :
       {std::pair<std::string, std::size_t>{"2015-10-01", 1}, {"2016-11-15", 2}}) {
    const auto id = create("target-" + version);
    auto request = ssh(id);
    request.emplace_back("IpPermissions.1.Groups.1.GroupId", source);
    caller.version = version;
    ASSERT_TRUE(call("AuthorizeSecurityGroupIngress", request));
    const auto listed = call("DescribeSecurityGroups", {{"GroupId.1", id}});
    const std::string in = "securityGroupInfo/item/ipPermissions/item/";
    EXPECT_EQ(listed.value().all(in + "ipRanges/item").size() +
                  listed.value().all(in + "groups/item").size(),
              rules)
        << version;
    EXPECT_TRUE(call("RevokeSecurityGroupIngress", request)) << version;
  }
}

TEST_F(SecurityGroupActions, ANewGroupLetsEverythingOutAndNothingIn) {
  const auto id = create("web");
  const auto listed = call("DescribeSecurityGroups", {{"GroupId.1", id}});
  ASSERT_TRUE(listed);
  EXPECT_TRUE(listed.value().all("securityGroupInfo/item/ipPermissions/item").empty());
  EXPECT_EQ(listed.value().all("securityGroupInfo/item/ipPermissionsEgress/item").size(), 1u);
}

TEST_F(SecurityGroupActions, CreateRefusesBadNames) {
  create("web");
  const auto refuse = [&](const std::string& name) {
    const auto made = call("CreateSecurityGroup", {{"GroupName", name}, {"GroupDescription", "x"}});
    EXPECT_FALSE(made) << name;
    return made ? std::error_code() : made.error().code;
  };
  EXPECT_EQ(refuse("web"), GroupErrc::duplicate);
  EXPECT_EQ(refuse("default"), GroupErrc::reserved_name);
  EXPECT_EQ(refuse("sg-web"), RequestErrc::invalid_value);
  EXPECT_EQ(refuse("w\xc3\xbc"), RequestErrc::invalid_value);
  EXPECT_EQ(refuse(std::string(256, 'w')), RequestErrc::invalid_value);
  EXPECT_FALSE(call("CreateSecurityGroup", {{"GroupName", "no description"}}));
}

TEST_F(SecurityGroupActions, CreateRefusesAnUnknownVpcAndTooMany) {
  const auto foreign =
      call("CreateSecurityGroup",
           {{"GroupName", "a"}, {"GroupDescription", "x"}, {"VpcId", "vpc-0123456789abcdef0"}});
  ASSERT_FALSE(foreign);
  EXPECT_EQ(foreign.error().code, GroupErrc::vpc_not_found);
  properties.set("cloud.security_groups_max", "1");  // the default group is one
  const auto many = call("CreateSecurityGroup", {{"GroupName", "a"}, {"GroupDescription", "x"}});
  ASSERT_FALSE(many);
  EXPECT_EQ(many.error().code, GroupErrc::too_many_groups);
}

TEST_F(SecurityGroupActions, AuthorizeShowsTheRuleAndRaisesTheNetworksVersion) {
  const auto id = create("web");
  const auto before = network_version();
  const auto added = call("AuthorizeSecurityGroupIngress", ssh(id, "10.1.2.3/8"));
  ASSERT_TRUE(added);
  EXPECT_EQ(added.value().find("return"), "true");
  EXPECT_EQ(added.value().find("securityGroupRuleSet/item/cidrIpv4"), "10.0.0.0/8");
  EXPECT_GT(network_version(), before);
  const auto listed = call("DescribeSecurityGroups", {{"GroupName.1", "web"}});
  const std::string rule = "securityGroupInfo/item/ipPermissions/item/";
  EXPECT_EQ(listed.value().find(rule + "fromPort"), "22");
  EXPECT_EQ(listed.value().find(rule + "ipRanges/item/cidrIp"), "10.0.0.0/8");
}

TEST_F(SecurityGroupActions, AuthorizeTakesTheOlderFormAndGroupsAsSources) {
  create("web");
  EXPECT_TRUE(call("AuthorizeSecurityGroupIngress", {{"GroupName", "web"},
                                                     {"IpProtocol", "icmp"},
                                                     {"FromPort", "-1"},
                                                     {"ToPort", "-1"},
                                                     {"CidrIp", "192.0.2.1"}}));
  EXPECT_TRUE(call("AuthorizeSecurityGroupIngress",
                   {{"GroupName", "web"}, {"SourceSecurityGroupName", "default"}}));
  EXPECT_TRUE(
      call("AuthorizeSecurityGroupIngress", {{"GroupName", "web"},
                                             {"IpPermissions.1.IpProtocol", "udp"},
                                             {"IpPermissions.1.FromPort", "53"},
                                             {"IpPermissions.1.ToPort", "53"},
                                             {"IpPermissions.1.Groups.1.GroupName", "web"}}));
  const auto listed = call("DescribeSecurityGroups", {{"GroupName.1", "web"}});
  EXPECT_EQ(listed.value().all("securityGroupInfo/item/ipPermissions/item").size(), 3u);
}

TEST_F(SecurityGroupActions, AuthorizeRefusesTheSameRuleTwice) {
  const auto id = create("web");
  ASSERT_TRUE(call("AuthorizeSecurityGroupIngress", ssh(id)));
  const auto again = call("AuthorizeSecurityGroupIngress", ssh(id));
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, GroupErrc::duplicate_rule);
}

TEST_F(SecurityGroupActions, AuthorizeChangesNothingWhenOneOfItsRulesIsBad) {
  const auto id = create("web");
  auto pairs = ssh(id);
  pairs.push_back({"IpPermissions.1.Groups.1.GroupId", "sg-0123456789abcdef0"});
  const auto refused = call("AuthorizeSecurityGroupIngress", pairs);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, GroupErrc::not_found);
  const auto listed = call("DescribeSecurityGroups", {{"GroupId.1", id}});
  EXPECT_TRUE(listed.value().all("securityGroupInfo/item/ipPermissions/item").empty());
}

TEST_F(SecurityGroupActions, AuthorizeRefusesRulesThatMakeNoSense) {
  const auto id = create("web");
  const auto refuse = [&](testing::Pairs pairs) {
    const auto made = call("AuthorizeSecurityGroupIngress", std::move(pairs));
    EXPECT_FALSE(made);
    return made ? std::error_code() : made.error().code;
  };
  EXPECT_EQ(refuse(ssh(id, "10.0.0.0/33")), GroupErrc::bad_rule);
  EXPECT_EQ(refuse(ssh(id, "10.0.0")), GroupErrc::bad_rule);
  auto reversed = ssh(id);
  reversed[2].second = "23";
  EXPECT_EQ(refuse(reversed), GroupErrc::bad_rule);
  auto huge = ssh(id);
  huge[3].second = "65536";
  EXPECT_EQ(refuse(huge), GroupErrc::bad_rule);
  auto protocol = ssh(id);
  protocol[1].second = "carrier-pigeon";
  EXPECT_EQ(refuse(protocol), GroupErrc::bad_rule);
  EXPECT_EQ(refuse({{"GroupId", id}}), RequestErrc::missing_parameter);
  EXPECT_EQ(refuse(ssh("sg-nothex")), GroupErrc::malformed_id);
  EXPECT_EQ(refuse(ssh("sg-0123456789abcdef0")), GroupErrc::not_found);
  auto v6 = ssh(id);
  v6.push_back({"IpPermissions.1.Ipv6Ranges.1.CidrIpv6", "::/0"});
  EXPECT_EQ(refuse(v6), RequestErrc::unsupported_parameter);
}

TEST_F(SecurityGroupActions, AuthorizeStopsAtTheLimitOfRules) {
  const auto id = create("web");
  properties.set("cloud.security_group_rules_max", "1");
  ASSERT_TRUE(call("AuthorizeSecurityGroupIngress", ssh(id, "10.0.0.0/8")));
  const auto refused = call("AuthorizeSecurityGroupIngress", ssh(id, "11.0.0.0/8"));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, GroupErrc::too_many_rules);
}

TEST_F(SecurityGroupActions, RevokeTakesARuleAwayByValueAndById) {
  const auto id = create("web");
  ASSERT_TRUE(call("AuthorizeSecurityGroupIngress", ssh(id)));
  EXPECT_TRUE(call("RevokeSecurityGroupIngress", ssh(id)));
  const auto gone = call("RevokeSecurityGroupIngress", ssh(id));
  ASSERT_FALSE(gone);
  EXPECT_EQ(gone.error().code, GroupErrc::rule_not_found);
  const auto added = call("AuthorizeSecurityGroupIngress", ssh(id));
  const auto rule = *added.value().find("securityGroupRuleSet/item/securityGroupRuleId");
  EXPECT_TRUE(
      call("RevokeSecurityGroupIngress", {{"GroupId", id}, {"SecurityGroupRuleId.1", rule}}));
  EXPECT_FALSE(
      call("RevokeSecurityGroupIngress", {{"GroupId", id}, {"SecurityGroupRuleId.1", rule}}));
}

TEST_F(SecurityGroupActions, EgressRulesAreKeptApartFromIngressRules) {
  const auto id = create("web");
  ASSERT_TRUE(call("AuthorizeSecurityGroupEgress", ssh(id)));
  EXPECT_FALSE(call("RevokeSecurityGroupIngress", ssh(id)));
  EXPECT_TRUE(call("RevokeSecurityGroupEgress", ssh(id)));
}

TEST_F(SecurityGroupActions, DeleteRefusesTheDefaultGroupAndGroupsThatRulesName) {
  const auto listed = call("DescribeSecurityGroups");
  const auto fixed = call("DeleteSecurityGroup", {{"GroupName", "default"}});
  ASSERT_FALSE(fixed);
  EXPECT_EQ(fixed.error().code, GroupErrc::cannot_delete_default);
  const auto source = create("source");
  create("web");
  ASSERT_TRUE(call("AuthorizeSecurityGroupIngress",
                   {{"GroupName", "web"}, {"SourceSecurityGroupName", "source"}}));
  const auto named = call("DeleteSecurityGroup", {{"GroupId", source}});
  ASSERT_FALSE(named);
  EXPECT_EQ(named.error().code, GroupErrc::in_use);
  EXPECT_TRUE(call("DeleteSecurityGroup", {{"GroupName", "web"}}));
  EXPECT_TRUE(call("DeleteSecurityGroup", {{"GroupId", source}}));
}

TEST_F(SecurityGroupActions, AccountsDoNotSeeEachOthersGroups) {
  const auto id = create("web");
  const auto seen = call_as(stranger, "DescribeSecurityGroups", {{"GroupId.1", id}});
  ASSERT_FALSE(seen);
  EXPECT_EQ(seen.error().code, GroupErrc::not_found);
  EXPECT_FALSE(call_as(stranger, "DeleteSecurityGroup", {{"GroupId", id}}));
  EXPECT_FALSE(call_as(stranger, "AuthorizeSecurityGroupIngress", ssh(id)));
}

TEST_F(SecurityGroupActions, DescribePagesThroughManyGroups) {
  for (int i = 0; i < 12; ++i) create("group-" + std::to_string(i));
  std::set<std::string> seen;
  std::string token;
  int page_count = 0;
  do {
    testing::Pairs pairs = {{"MaxResults", "5"}};
    if (!token.empty()) pairs.push_back({"NextToken", token});
    const auto page = call("DescribeSecurityGroups", pairs);
    ASSERT_TRUE(page);
    for (const auto* id : page.value().all("securityGroupInfo/item/groupId"))
      seen.insert(id->text());
    token = page.value().find("nextToken").value_or("");
    ++page_count;
  } while (!token.empty());
  EXPECT_EQ(seen.size(), 13u);
  EXPECT_EQ(page_count, 3);
}

TEST_F(SecurityGroupActions, ANextTokenIsGoodForItsAccountOnly) {
  for (int i = 0; i < 6; ++i) create("group-" + std::to_string(i));
  const auto page = call("DescribeSecurityGroups", {{"MaxResults", "5"}});
  const auto token = *page.value().find("nextToken");
  for (const auto& bad : {token + "00", std::string("x"), token.substr(1)}) {
    const auto refused = call("DescribeSecurityGroups", {{"NextToken", bad}});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, RequestErrc::bad_next_token);
  }
  EXPECT_FALSE(call_as(stranger, "DescribeSecurityGroups", {{"NextToken", token}}));
  EXPECT_FALSE(call("DescribeSecurityGroups", {{"MaxResults", "4"}}));
  EXPECT_FALSE(call("DescribeSecurityGroups", {{"MaxResults", "1001"}}));
}

TEST_F(SecurityGroupActions, DescribeFiltersByRules) {
  const auto id = create("web");
  create("other");
  ASSERT_TRUE(call("AuthorizeSecurityGroupIngress", ssh(id)));
  const auto found = call("DescribeSecurityGroups", {{"Filter.1.Name", "ip-permission.from-port"},
                                                     {"Filter.1.Value.1", "22"}});
  ASSERT_TRUE(found);
  ASSERT_EQ(found.value().all("securityGroupInfo/item").size(), 1u);
  EXPECT_EQ(found.value().find("securityGroupInfo/item/groupId"), id);
}

}  // namespace
}  // namespace angophora::clc
