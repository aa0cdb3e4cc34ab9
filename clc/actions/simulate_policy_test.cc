// What policies would decide, all that an account has in policies, and the table of its
// credentials.
#include <gtest/gtest.h>

#include "clc/domain/identity.h"
#include "clc/domain/policies.h"
#include "clc/testing/iam_fixture.h"
#include "common/base/encoding.h"
#include "common/policy/document.h"

namespace angophora::clc {
namespace {

using testing::Pairs;
using Names = std::vector<std::string>;

std::string statement(const std::string& effect, const std::string& action,
                      const std::string& more = "") {
  return R"({"Version":"2012-10-17","Statement":{"Sid":"One","Effect":")" + effect +
         R"(","Action":")" + action + R"(","Resource":"*")" + more + "}}";
}

class SimulatedPolicies : public testing::IamFixture {
 protected:
  SimulatedPolicies() {
    ok("CreateUser", {{"UserName", "bea"}, {"Path", "/lab/"}});
    ok("CreateGroup", {{"GroupName", "staff"}});
    ok("AddUserToGroup", {{"UserName", "bea"}, {"GroupName", "staff"}});
    put("User", "bea", statement("Allow", "ec2:Describe*"));
    put("Group", "staff", statement("Deny", "ec2:DescribeImages"));
    arn = ok("GetUser", {{"UserName", "bea"}}).find("User/Arn").value();
  }
  Reply ok(std::string_view action, Pairs pairs = {}) {
    auto reply = call(action, std::move(pairs));
    EXPECT_TRUE(reply) << action << ": " << reply.error().message;
    return reply ? std::move(reply).value() : Reply();
  }
  std::error_code refused(std::string_view action, Pairs pairs) {
    const auto reply = call(action, std::move(pairs));
    return reply ? std::error_code() : reply.error().code;
  }
  void put(const std::string& kind, const std::string& name, const std::string& document) {
    ok("Put" + kind + "Policy",
       {{kind + "Name", name}, {"PolicyName", "p"}, {"PolicyDocument", document}});
  }
  std::string decision(const std::string& action, Pairs more = {}, const std::string& of = "") {
    Pairs pairs = {{"PolicySourceArn", of.empty() ? arn : of}, {"ActionNames.member.1", action}};
    pairs.insert(pairs.end(), more.begin(), more.end());
    last = ok("SimulatePrincipalPolicy", pairs);
    return last.find("EvaluationResults/member/EvalDecision").value_or("");
  }
  std::string text(std::string_view path) {
    return last.find("EvaluationResults/member/" + std::string(path)).value_or("");
  }
  std::string arn;
  Reply last;
};

TEST_F(SimulatedPolicies, TellTheDecisionAndTheStatement) {
  EXPECT_EQ(decision("ec2:DescribeVolumes"), "allowed");
  EXPECT_EQ(text("MatchedStatements/member/SourcePolicyId"), "bea/p");
  EXPECT_EQ(text("MatchedStatements/member/SourcePolicyType"), "user");
  EXPECT_EQ(decision("ec2:RunInstances"), "implicitDeny");
  EXPECT_EQ(text("MatchedStatements/member/SourcePolicyId"), "");
  EXPECT_EQ(decision("ec2:DescribeImages"), "explicitDeny");
  EXPECT_EQ(text("MatchedStatements/member/SourcePolicyType"), "group");
  const auto why = text("Explanation");
  EXPECT_NE(why.find("identity policy group staff/p\n  statement 1 (One), Deny: applies"), why.npos)
      << why;
  EXPECT_NE(why.find("statement 1 (One), Allow: applies"), why.npos) << why;
}

TEST_F(SimulatedPolicies, ConditionsAskForWhatTheRequestHas) {
  put("User", "bea",
      statement("Allow", "ec2:*",
                R"(,"Condition":{"StringEquals":{"ec2:InstanceType":"t2.nano"}})"));
  EXPECT_EQ(decision("ec2:RunInstances"), "implicitDeny");
  EXPECT_EQ(text("MissingContextValues/member"), "ec2:instancetype");
  const auto with = [](const std::string& type) {
    return Pairs{{"ContextEntries.member.1.ContextKeyName", "ec2:InstanceType"},
                 {"ContextEntries.member.1.ContextKeyValues.member.1", type},
                 {"ContextEntries.member.1.ContextKeyType", "string"}};
  };
  EXPECT_EQ(decision("ec2:RunInstances", with("t2.nano")), "allowed");
  EXPECT_EQ(decision("ec2:RunInstances", with("m5.large")), "implicitDeny");
  auto bad = with("t2.nano");
  bad.emplace_back("ContextEntries.member.1.ContextKeyValues.member.2", "m5.large");
  bad.emplace_back("PolicySourceArn", arn);
  bad.emplace_back("ActionNames.member.1", "ec2:RunInstances");
  EXPECT_EQ(refused("SimulatePrincipalPolicy", bad), RequestErrc::invalid_value);
}

TEST_F(SimulatedPolicies, MorePoliciesBoundariesAndResourcesCount) {
  EXPECT_EQ(decision("s3:GetObject", {{"PolicyInputList.member.1", statement("Allow", "s3:*")}}),
            "allowed");
  const Pairs boundary{{"PermissionsBoundaryPolicyInputList.member.1", statement("Allow", "s3:*")}};
  EXPECT_EQ(decision("ec2:DescribeVolumes", boundary), "implicitDeny");
  EXPECT_EQ(text("PermissionsBoundaryDecisionDetail/AllowedByPermissionsBoundary"), "false");
  const std::string bucket = R"({"Statement":{"Effect":"Allow","Principal":{"AWS":")" + arn +
                             R"("},"Action":"s3:GetObject","Resource":"arn:aws:s3:::photos/*"}})";
  EXPECT_EQ(decision("s3:GetObject", {{"ResourceArns.member.1", "arn:aws:s3:::photos/a"},
                                      {"ResourcePolicy", bucket},
                                      {"ResourceOwner", caller.account.value}}),
            "allowed");
  EXPECT_EQ(text("MatchedStatements/member/SourcePolicyType"), "resource");
  const auto pairs =
      ok("SimulateCustomPolicy", {{"PolicyInputList.member.1", statement("Allow", "ec2:*")},
                                  {"ActionNames.member.1", "ec2:RunInstances"},
                                  {"ActionNames.member.2", "s3:GetObject"}});
  Names decisions;
  for (const auto* one : pairs.all("EvaluationResults/member/EvalDecision"))
    decisions.push_back(one->text());
  EXPECT_EQ(decisions, (Names{"allowed", "implicitDeny"}));
}

TEST_F(SimulatedPolicies, OfGroupsRolesAndTheRoot) {
  const auto group = ok("GetGroup", {{"GroupName", "staff"}}).find("Group/Arn").value();
  EXPECT_EQ(decision("ec2:DescribeImages", {}, group), "explicitDeny");
  EXPECT_EQ(decision("ec2:DescribeVolumes", {}, group), "implicitDeny");
  const auto role =
      ok("CreateRole",
         {{"RoleName", "ops"},
          {"AssumeRolePolicyDocument",
           R"({"Statement":{"Effect":"Allow","Principal":"*","Action":"sts:AssumeRole"}})"}})
          .find("Role/Arn")
          .value();
  put("Role", "ops", statement("Allow", "ec2:*"));
  EXPECT_EQ(decision("ec2:RunInstances", {}, role), "allowed");
  EXPECT_EQ(text("MatchedStatements/member/SourcePolicyType"), "role");
  for (const auto* root : {":user/admin", ":root"})
    EXPECT_EQ(decision("ec2:RunInstances", {}, "arn:aws:iam::" + caller.account.value + root),
              "allowed");
}

TEST_F(SimulatedPolicies, WhatIsNotThereOrNotOnesOwnIsNotTold) {
  const Pairs action{{"ActionNames.member.1", "ec2:RunInstances"}};
  const auto of = [&](const std::string& source) {
    auto pairs = action;
    pairs.emplace_back("PolicySourceArn", source);
    return pairs;
  };
  EXPECT_EQ(refused("SimulatePrincipalPolicy", of(arn + "x")), IdentityErrc::not_found);
  EXPECT_EQ(refused("SimulatePrincipalPolicy", of("bea")), RequestErrc::invalid_value);
  EXPECT_EQ(refused("SimulatePrincipalPolicy",
                    of("arn:aws:iam::" + caller.account.value + ":policy/bea")),
            RequestErrc::invalid_value);
  const auto strange = call_as(stranger, "SimulatePrincipalPolicy", of(arn));
  EXPECT_EQ(strange.error().code, IdentityErrc::not_found);
  auto no_service = of(arn);
  no_service.front().second = "RunInstances";
  EXPECT_EQ(refused("SimulatePrincipalPolicy", no_service), RequestErrc::invalid_value);
  EXPECT_EQ(refused("SimulateCustomPolicy", {{"PolicyInputList.member.1", "{}"}, action.front()}),
            policy::PolicyErrc::malformed);
}

TEST_F(SimulatedPolicies, TheDetailsOfAnAccountComeInPagesAndAreWhole) {
  const auto policy =
      ok("CreatePolicy", {{"PolicyName", "look"}, {"PolicyDocument", statement("Allow", "s3:*")}})
          .find("Policy/Arn")
          .value();
  ok("AttachUserPolicy", {{"UserName", "bea"}, {"PolicyArn", policy}});
  const auto all = ok("GetAccountAuthorizationDetails", {{"MaxItems", "1000"}});
  EXPECT_EQ(all.find("IsTruncated"), "false");
  std::string path = "UserDetailList/member/";
  EXPECT_EQ(all.all(path + "UserName").size(), 2u) << "the root is one";
  const Element* bea = nullptr;
  for (const auto* user : all.all("UserDetailList/member"))
    if (user->find("UserName") == "bea") bea = user;
  ASSERT_TRUE(bea);
  EXPECT_EQ(bea->find("GroupList/member"), "staff");
  EXPECT_EQ(bea->find("AttachedManagedPolicies/member/PolicyArn"), policy);
  EXPECT_EQ(bea->find("UserPolicyList/member/PolicyDocument"),
            common::percent_encode(statement("Allow", "ec2:Describe*")));
  EXPECT_EQ(all.find("GroupDetailList/member/GroupPolicyList/member/PolicyName"), "p");
  EXPECT_EQ(all.find("Policies/member/PolicyVersionList/member/VersionId"), "v1");
  const auto rows = [](const Reply& reply) {
    Names names;
    for (const auto* list : {"UserDetailList/member/Arn", "GroupDetailList/member/Arn",
                             "RoleDetailList/member/Arn", "Policies/member/Arn"})
      for (const auto* one : reply.all(list)) names.push_back(one->text());
    return names;
  };
  Names paged;
  Pairs page = {{"MaxItems", "1"}};
  for (int i = 0; i < 100; ++i) {
    const auto some = ok("GetAccountAuthorizationDetails", page);
    const auto names = rows(some);
    EXPECT_EQ(names.size(), 1u);
    paged.insert(paged.end(), names.begin(), names.end());
    if (some.find("IsTruncated") != "true") break;
    page = {{"MaxItems", "1"}, {"Marker", *some.find("Marker")}};
  }
  EXPECT_EQ(paged, rows(all));
  const auto groups = ok("GetAccountAuthorizationDetails", {{"Filter.member.1", "Group"}});
  EXPECT_EQ(rows(groups).size(), 1u);
  EXPECT_EQ(refused("GetAccountAuthorizationDetails", {{"Filter.member.1", "Door"}}),
            RequestErrc::invalid_value);
}

TEST_F(SimulatedPolicies, TheCredentialReportIsATableOfAllUsers) {
  ok("CreateAccessKey", {{"UserName", "bea"}});
  const auto second = ok("CreateAccessKey", {{"UserName", "bea"}}).find("AccessKey/AccessKeyId");
  ok("UpdateAccessKey", {{"UserName", "bea"}, {"AccessKeyId", *second}, {"Status", "Inactive"}});
  ok("CreateUser", {{"UserName", "a,b"}});
  EXPECT_EQ(ok("GenerateCredentialReport").find("State"), "COMPLETE");
  const auto reply = ok("GetCredentialReport");
  EXPECT_EQ(reply.find("ReportFormat"), "text/csv");
  const auto table = common::base64_decode(*reply.find("Content")).value();
  const auto lines = common::split(table, '\n');
  ASSERT_EQ(lines.size(), 5u) << table;  // the last one is empty
  const auto columns = common::split(lines[0], ',').size();
  EXPECT_EQ(columns, 22u);
  EXPECT_TRUE(lines[1].starts_with("<root_account>,"));
  EXPECT_TRUE(lines[2].starts_with("\"a,b\",\"arn:aws:iam::"));
  EXPECT_TRUE(lines[3].starts_with("bea," + arn + ","));
  EXPECT_EQ(common::split(lines[3], ',').size(), columns);
  Names active;
  for (const auto cell : common::split(lines[3], ','))
    if (cell == "true") active.emplace_back(cell);
  EXPECT_EQ(active.size(), 1u) << lines[3];
}

}  // namespace
}  // namespace angophora::clc
