#include "common/policy/evaluate.h"

#include "common/policy/policy_testing.h"

namespace angophora::policy::testing {
namespace {

constexpr char kKey[] = "arn:aws:s3:::photos/a.jpg";

Request get_object(const NamedPolicy* bucket_policy = nullptr) {
  return {.action = "s3:GetObject",
          .resource = kKey,
          .resource_account = kAccount,
          .resource_policy = bucket_policy};
}

NamedPolicy bucket_allows(std::string_view aws) {
  return policy(R"({"Statement":{"Effect":"Allow","Principal":{"AWS":")" + std::string(aws) +
                    R"("},"Action":"s3:*","Resource":"arn:aws:s3:::photos/*"}})",
                Grammar::bucket, "bucket photos");
}

NamedPolicy deny(std::string_view action) {
  return policy(R"({"Statement":[{"Effect":"Allow","Action":"*","Resource":"*"},
      {"Sid":"No","Effect":"Deny","Action":")" +
                    std::string(action) + R"(","Resource":"*"}]})",
                Grammar::identity, "d");
}

TEST(Decide, RefusesWhatNothingAllows) {
  const auto decision = decide(alice(), {}, get_object());
  EXPECT_FALSE(decision.allowed);
  EXPECT_EQ(decision.why, Why::no_identity_statement);
  EXPECT_EQ(decision.sentence(), "refused: no policy of the identity allows it");
}

TEST(Decide, NamesTheStatementThatDecided) {
  Policies policies{.identity = {allow("s3:*"), deny("s3:Get*")}};
  const auto refused = decide(alice(), policies, get_object());
  EXPECT_TRUE(refused.denied_explicitly());
  EXPECT_EQ(refused.sentence(),
            "refused: a Deny statement applies: statement 2 (No) of identity policy d");
  const auto allowed = decide(alice(), policies, {.action = "s3:PutObject", .resource = kKey});
  EXPECT_EQ(allowed.sentence(),
            "allowed: the identity's policies allow it: statement 1 of identity policy p");
}

TEST(Decide, RootNeedsNoPolicyButADenyOfTheResourceHolds) {
  const auto root = Principal::root(kAccount);
  EXPECT_EQ(decide(root, {}, get_object()).why, Why::root);
  const auto nobody = policy(
      R"({"Statement":{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"arn:aws:s3:::photos/*"}})",
      Grammar::bucket);
  EXPECT_TRUE(decide(root, {}, get_object(&nobody)).denied_explicitly());
  // Root of another account has no say here.
  EXPECT_EQ(decide(Principal::root(kOther), {}, get_object()).why, Why::no_resource_statement);
}

TEST(Decide, TheAccountsCeilingHoldsForRootToo) {
  Policies policies{.account = {allow("ec2:*")}, .identity = {allow("*")}};
  EXPECT_EQ(decide(alice(), policies, get_object()).why, Why::above_account_ceiling);
  EXPECT_EQ(decide(Principal::root(kAccount), policies, get_object()).why,
            Why::above_account_ceiling);
  EXPECT_TRUE(decide(alice(), policies, {.action = "ec2:RunInstances", .resource = "*"}).allowed);
  // Also what the bucket gives is under it.
  const auto to_alice = bucket_allows("arn:aws:iam::123456789012:user/alice");
  EXPECT_FALSE(decide(alice(), policies, get_object(&to_alice)).allowed);
}

TEST(Decide, AnAccountPolicyThatOnlyDeniesIsNoCeiling) {
  const auto no_iam = policy(R"({"Statement":{"Effect":"Deny","Action":"iam:*","Resource":"*"}})",
                             Grammar::account);
  Policies policies{.account = {no_iam}, .identity = {allow("*")}};
  EXPECT_TRUE(decide(alice(), policies, get_object()).allowed);
  EXPECT_TRUE(
      decide(alice(), policies, {.action = "iam:CreateUser", .resource = "*"}).denied_explicitly());
}

TEST(Decide, BoundaryAndSessionPoliciesMustAllowAsWell) {
  Policies policies{.identity = {allow("*")}, .boundary = allow("ec2:*")};
  EXPECT_EQ(decide(alice(), policies, get_object()).why, Why::outside_boundary);
  policies.boundary = allow("s3:*");
  EXPECT_TRUE(decide(alice(), policies, get_object()).allowed);
  policies.session = {allow("ec2:*")};
  EXPECT_EQ(decide(ops_session(), policies, get_object()).why, Why::outside_session);
  policies.session->push_back(allow("s3:Get*"));
  EXPECT_TRUE(decide(ops_session(), policies, get_object()).allowed);
  // They grant nothing.
  policies.identity.clear();
  EXPECT_EQ(decide(ops_session(), policies, get_object()).why, Why::no_identity_statement);
}

TEST(Decide, ADenyOfBoundaryOrSessionIsExplicit) {
  Policies policies{.identity = {allow("*")}, .boundary = deny("s3:Get*")};
  EXPECT_EQ(decide(alice(), policies, get_object()).decider->layer, Layer::boundary);
  policies.boundary.reset();
  policies.session = {deny("s3:Get*")};
  EXPECT_EQ(decide(ops_session(), policies, get_object()).decider->layer, Layer::session);
}

TEST(Decide, AFederatedUserWithoutAPolicyHasNothing) {
  const auto kim = Principal::federated_user(alice(), "kim");
  Policies policies{.identity = {allow("*")}, .session = std::vector<NamedPolicy>{}};
  EXPECT_EQ(decide(kim, policies, get_object()).why, Why::outside_session);
  const auto to_kim = bucket_allows("arn:aws:sts::123456789012:federated-user/kim");
  EXPECT_TRUE(decide(kim, policies, get_object(&to_kim)).allowed);
  const auto to_alice = bucket_allows("arn:aws:iam::123456789012:user/alice");
  EXPECT_EQ(decide(kim, policies, get_object(&to_alice)).why, Why::outside_session);
  policies.session = {allow("s3:*")};
  policies.identity.clear();
  EXPECT_EQ(decide(kim, policies, get_object(&to_alice)).why, Why::resource_allows);
  const auto of_root = Principal::federated_user(Principal::root(kAccount), "kim");
  EXPECT_EQ(decide(of_root, policies, get_object()).why, Why::root);
}

// The table of AWS about resource policies and implicit refusals elsewhere, in one account.
TEST(Decide, WhatAResourcePolicyOverridesDependsOnWhomItNames) {
  Policies limited{.boundary = allow("ec2:*"), .session = {{allow("ec2:*")}}};
  const auto why = [&](const Principal& who, std::string_view named) {
    const auto bucket = bucket_allows(named);
    return decide(who, limited, get_object(&bucket)).why;
  };
  EXPECT_EQ(why(ops_session(), "arn:aws:iam::123456789012:role/ops"), Why::outside_boundary);
  EXPECT_EQ(why(ops_session(), "AROAOPS0000000000000"), Why::outside_boundary);
  EXPECT_EQ(why(ops_session(), "arn:aws:sts::123456789012:assumed-role/ops/night"),
            Why::resource_allows);
  EXPECT_EQ(why(ops_session(), "*"), Why::resource_allows);
  EXPECT_EQ(why(ops_session(), kAccount), Why::no_identity_statement);
  limited.session.reset();
  EXPECT_EQ(why(alice(), "arn:aws:iam::123456789012:user/alice"), Why::resource_allows);
  EXPECT_EQ(why(alice(), "AIDAALICE00000000000"), Why::resource_allows);
  EXPECT_EQ(why(alice(), kAccount), Why::no_identity_statement);
  limited.boundary.reset();
  EXPECT_EQ(why(ops_session(), "arn:aws:iam::123456789012:role/ops"), Why::resource_allows);
}

TEST(Decide, AnotherAccountsResourceNeedsBothSides) {
  const auto carol = Principal::user(kOther, "carol", "AIDACAROL00000000000");
  const auto to_carol = bucket_allows("arn:aws:iam::999999999999:user/carol");
  Policies own{.identity = {allow("s3:*")}};
  EXPECT_EQ(decide(carol, own, get_object()).why, Why::no_resource_statement);
  EXPECT_EQ(decide(carol, {}, get_object(&to_carol)).why, Why::no_identity_statement);
  EXPECT_TRUE(decide(carol, own, get_object(&to_carol)).allowed);
  own.boundary = allow("ec2:*");
  EXPECT_EQ(decide(carol, own, get_object(&to_carol)).why, Why::outside_boundary);
}

TEST(Decide, NotPrincipalNeverSparesWhoHasABoundary) {
  const auto bucket = policy(
      R"({"Statement":{"Effect":"Deny","NotPrincipal":{"AWS":["123456789012","arn:aws:iam::123456789012:user/alice"]},
      "Action":"s3:*","Resource":"arn:aws:s3:::photos/*"}})",
      Grammar::bucket);
  Policies policies{.identity = {allow("*")}};
  EXPECT_TRUE(decide(alice(), policies, get_object(&bucket)).allowed);
  policies.boundary = allow("*");
  EXPECT_TRUE(decide(alice(), policies, get_object(&bucket)).denied_explicitly());
}

TEST(Decide, AGrantThatIsNoPolicyCountsLikeOne) {
  const auto carol = Principal::user(kOther, "carol", "AIDACAROL00000000000");
  auto request = get_object();
  request.granted_otherwise = Grant::account;
  EXPECT_FALSE(decide(carol, {}, request).allowed);
  EXPECT_TRUE(decide(carol, {.identity = {allow("s3:*")}}, request).allowed);
  EXPECT_TRUE(decide(Principal::root(kOther), {}, request).allowed);
  EXPECT_FALSE(decide(alice(), {}, request).allowed);
  request.granted_otherwise = Grant::direct;
  EXPECT_TRUE(decide(Principal::anonymous(), {}, request).allowed);
  EXPECT_TRUE(decide(alice(), {}, request).allowed);
}

TEST(Decide, KeysOfThePrincipalComeFromThePrincipalAlone) {
  Facts lies;
  lies.set("aws:username", "root").set("aws:PrincipalTag/team", "admins");
  const auto admins = policy(R"({"Version":"2012-10-17","Statement":[
      {"Effect":"Allow","Action":"s3:*","Resource":"*","Condition":{"StringEquals":{"aws:username":"root"}}},
      {"Effect":"Allow","Action":"s3:*","Resource":"*","Condition":{"StringEquals":{"aws:PrincipalTag/Team":"admins"}}}]})");
  auto request = get_object();
  request.context = &lies;
  auto who = alice();
  EXPECT_FALSE(decide(who, {.identity = {admins}}, request).allowed);
  who.tags = {{"team", "admins"}};
  EXPECT_TRUE(decide(who, {.identity = {admins}}, request).allowed);
}

TEST(Decide, MfaIsKnownOfTemporaryCredentialsOnly) {
  using namespace std::chrono_literals;
  const auto recent =
      policy(R"({"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*",
      "Condition":{"Bool":{"aws:MultiFactorAuthPresent":"true"},"NumericLessThan":{"aws:MultiFactorAuthAge":"3600"}}}})");
  auto request = get_object();
  request.now = common::SysTime(100h);
  auto who = alice();
  EXPECT_FALSE(decide(who, {.identity = {recent}}, request).allowed);
  who.token_issued_at = who.mfa_at = common::SysTime(100h) - 59min;
  EXPECT_TRUE(decide(who, {.identity = {recent}}, request).allowed);
  who.mfa_at = common::SysTime(99h);
  EXPECT_FALSE(decide(who, {.identity = {recent}}, request).allowed);
}

TEST(Decide, TheTimeIsThatOfTheRequest) {
  using namespace std::chrono_literals;
  const auto early = policy(R"({"Statement":[{"Effect":"Allow","Action":"*","Resource":"*",
      "Condition":{"DateLessThan":{"aws:CurrentTime":"1970-01-02"},"NumericLessThan":{"aws:EpochTime":"86400"}}}]})");
  auto request = get_object();
  EXPECT_FALSE(decide(alice(), {.identity = {early}}, request).allowed);
  request.now = common::SysTime(23h);
  EXPECT_TRUE(decide(alice(), {.identity = {early}}, request).allowed);
  request.now = common::SysTime(24h);
  EXPECT_FALSE(decide(alice(), {.identity = {early}}, request).allowed);
}

TEST(Decide, ActionsHaveNoCaseAndNamesHave) {
  Policies policies{.identity = {allow("S3:getOBJECT", "arn:aws:s3:::photos/*")}};
  EXPECT_TRUE(decide(alice(), policies, get_object()).allowed);
  EXPECT_FALSE(
      decide(alice(), policies, {.action = "s3:GetObject", .resource = "arn:aws:s3:::Photos/a"})
          .allowed);
}

TEST(Decide, AsksForAKeyOnceAndOnlyWhenAPolicyLooksAtIt) {
  int asked = 0;
  Facts known;
  known.lazy("aws:SourceIp", [&] {
    ++asked;
    return std::vector<std::string>{"10.0.0.1"};
  });
  const auto local = policy(R"({"Statement":[
      {"Effect":"Allow","Action":"ec2:*","Resource":"*","Condition":{"IpAddress":{"aws:SourceIp":"10.0.0.0/8"}}},
      {"Effect":"Deny","Action":"ec2:Stop*","Resource":"*","Condition":{"NotIpAddress":{"aws:SourceIp":"10.0.0.0/8"}}}]})");
  Policies policies{.identity = {local, local, allow("s3:*")}};
  auto request = get_object();
  request.context = &known;
  EXPECT_TRUE(decide(alice(), policies, request).allowed);
  EXPECT_EQ(asked, 0);
  request.action = "ec2:StopInstances";
  EXPECT_TRUE(decide(alice(), policies, request).allowed);
  EXPECT_EQ(asked, 1);
}

TEST(Decide, RefusesWhatIsMadeToBeSlow) {
  const std::string slow = "*" + std::string(1000, 'a') + "?" + std::string(1000, 'a') + "b*";
  const auto p = policy(
      R"({"Statement":[{"Effect":"Allow","Action":"*","Resource":"*"},{"Effect":"Deny","Action":"*","Resource":"*",
      "Condition":{"StringLike":{"aws:UserAgent":")" +
      slow + R"("}}}]})");
  Facts known;
  known.set("aws:UserAgent", std::string(60'000, 'a'));
  auto request = get_object();
  request.context = &known;
  EXPECT_EQ(decide(alice(), {.identity = {p}}, request).why, Why::too_costly);
  known.set("aws:UserAgent", std::string(3'000, 'a'));
  EXPECT_TRUE(decide(alice(), {.identity = {p}}, request).allowed);
  known.set("aws:UserAgent", std::string(3'000, 'a') + "b");
  EXPECT_TRUE(decide(alice(), {.identity = {p}}, request).denied_explicitly());
}

}  // namespace
}  // namespace angophora::policy::testing
