// One line in each service: how EC2, S3, IAM and STS ask.
#include "common/policy/policy_testing.h"

namespace angophora::policy::testing {
namespace {

TEST(Ec2, AsksWithTheInstancesTags) {
  const auto own = policy(
      R"({"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"ec2:TerminateInstances",
      "Resource":"arn:aws:ec2:::instance/*","Condition":{"StringEquals":{"ec2:ResourceTag/Owner":"${aws:username}"}}}})");
  const Policies policies{.identity = {own}};
  int reads = 0;
  const auto may = [&](std::string_view region, std::string_view account,
                       const Tags& tags_of_instance) {
    Facts known;
    known.set("aws:SourceIp", "10.0.0.1").tags("ec2:ResourceTag/", [&] {
      ++reads;
      return tags_of_instance;
    });
    return decide(alice(), policies,
                  {.action = "ec2:TerminateInstances",
                   .resource = ec2_arn(region, account, "instance", "i-1"),
                   .resource_account = std::string(account),
                   .context = &known})
        .allowed;
  };
  EXPECT_TRUE(may("here", kAccount, {{"Name", "x"}, {"owner", "alice"}}));
  EXPECT_FALSE(may("here", kAccount, {{"Owner", "bob"}}));
  EXPECT_FALSE(may("here", kAccount, {}));
  EXPECT_FALSE(may("here", kOther, {{"Owner", "alice"}}));  // somebody else's instance
  EXPECT_EQ(reads, 4);
}

TEST(Ec2, AsksForEachResourceOfALaunch) {
  const auto small = policy(R"({"Version":"2012-10-17","Statement":[
      {"Effect":"Allow","Action":"ec2:RunInstances","Resource":["arn:aws:ec2:here::image/emi-1","arn:aws:ec2:here:123456789012:security-group/*"]},
      {"Effect":"Allow","Action":"ec2:RunInstances","Resource":"arn:aws:ec2:here:123456789012:instance/*",
       "Condition":{"StringEquals":{"ec2:InstanceType":"m1.small"}}}]})");
  const Policies policies{.identity = {small}};
  Facts known;
  known.set("ec2:InstanceType", "m1.small");
  const auto may = [&](std::string resource, std::string owner) {
    return decide(alice(), policies,
                  {.action = "ec2:RunInstances",
                   .resource = std::move(resource),
                   .resource_account = std::move(owner),
                   .context = &known})
        .allowed;
  };
  EXPECT_TRUE(may(ec2_arn("here", "", "image", "emi-1"), ""));  // a public image: anybody's
  EXPECT_FALSE(may(ec2_arn("here", "", "image", "emi-2"), ""));
  EXPECT_TRUE(may(ec2_arn("here", kAccount, "instance", "*"), kAccount));
  known.set("ec2:InstanceType", "m1.large");
  EXPECT_FALSE(may(ec2_arn("here", kAccount, "instance", "*"), kAccount));
}

TEST(S3, AsksWithTheBucketsPolicyAndItsAcl) {
  const auto bucket = policy(
      R"({"Version":"2012-10-17","Statement":{"Effect":"Deny","Principal":"*","Action":"s3:DeleteObject","Resource":"arn:aws:s3:::photos/*"}})",
      Grammar::bucket);
  const auto may = [&](const Principal& who, const Policies& policies, std::string_view action,
                       Grant acl) {
    return decide(who, policies,
                  {.action = action,
                   .resource = s3_arn("photos", "a.jpg"),
                   .resource_account = kAccount,
                   .resource_policy = &bucket,
                   .granted_otherwise = acl})
        .allowed;
  };
  EXPECT_TRUE(may(Principal::anonymous(), {}, "s3:GetObject", Grant::direct));  // public-read
  EXPECT_FALSE(may(Principal::anonymous(), {}, "s3:GetObject", Grant::none));
  EXPECT_FALSE(may(Principal::anonymous(), {}, "s3:DeleteObject", Grant::direct));
  EXPECT_TRUE(may(alice(), {.identity = {allow("s3:*")}}, "s3:PutObject", Grant::none));
  EXPECT_FALSE(may(alice(), {.identity = {allow("s3:*")}}, "s3:DeleteObject", Grant::none));
  EXPECT_EQ(s3_arn("photos"), "arn:aws:s3:::photos");
}

TEST(Iam, AsksWithTheNameOfTheUser) {
  const auto division = allow("iam:GetUser", "arn:aws:iam::123456789012:user/division/*");
  const auto may = [&](std::string_view path, std::string_view name) {
    return decide(alice(), {.identity = {division}},
                  {.action = "iam:GetUser",
                   .resource = iam_arn(kAccount, "user", path, name),
                   .resource_account = kAccount})
        .allowed;
  };
  EXPECT_TRUE(may("/division/", "bob"));
  EXPECT_FALSE(may("/", "bob"));
  EXPECT_EQ(iam_arn(kAccount, "user", "/", "bob"), "arn:aws:iam::123456789012:user/bob");
  EXPECT_EQ(iam_arn(kAccount, "user", "", "bob"), "arn:aws:iam::123456789012:user/bob");
  // A list has no resource: only "*" allows it.
  EXPECT_FALSE(
      decide(alice(), {.identity = {division}}, {.action = "iam:ListUsers", .resource = "*"})
          .allowed);
  EXPECT_TRUE(decide(alice(), {.identity = {allow("iam:List*")}},
                     {.action = "iam:ListUsers", .resource = "*"})
                  .allowed);
}

TEST(Sts, AsksWithTheTrustPolicyOfTheRole) {
  const auto trust = policy(
      R"({"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"123456789012"},
      "Action":"sts:AssumeRole","Condition":{"StringLike":{"sts:RoleSessionName":"${aws:username}"}}}})",
      Grammar::trust, "role ops");
  const auto may = [&](const Policies& policies, std::string session) {
    Facts known;
    known.set("sts:RoleSessionName", std::move(session));
    return decide(alice(), policies,
                  {.action = "sts:AssumeRole",
                   .resource = iam_arn(kAccount, "role", "/", "ops"),
                   .resource_account = kAccount,
                   .resource_policy = &trust,
                   .resource_must_allow = true,
                   .context = &known})
        .allowed;
  };
  EXPECT_TRUE(may({.identity = {allow("sts:AssumeRole")}}, "alice"));
  EXPECT_FALSE(may({.identity = {allow("sts:AssumeRole")}}, "bob"));
  EXPECT_FALSE(may({}, "alice"));
}

TEST(Explain, TellsTheDecisionAndAboutEachStatement) {
  const auto bucket = policy(
      R"({"Statement":{"Sid":"Carol only","Effect":"Allow","Principal":{"AWS":"999999999999"},"Action":"s3:*","Resource":"arn:aws:s3:::photos/*"}})",
      Grammar::bucket, "bucket photos");
  const auto own = policy(R"({"Version":"2012-10-17","Statement":[
      {"Sid":"Read","Effect":"Allow","Action":"s3:GetObject","Resource":"*"},
      {"Effect":"Deny","Action":"*","Resource":"*","Condition":{"NotIpAddress":{"aws:SourceIp":"10.0.0.0/8"}}},
      {"Effect":"Allow","Action":"ec2:*","Resource":"*"},
      {"Effect":"Allow","Action":"*","Resource":"arn:aws:s3:::logs"},
      {"Effect":"Deny","Action":"*","Resource":"*","Condition":{"Bool":{"aws:MultiFactorAuthPresent":"false"}}}]})",
                          Grammar::identity, "alice/own");
  Facts known;
  known.set("aws:SourceIp", "10.9.9.9\x1b[2J");
  Request request{.action = "s3:GetObject",
                  .resource = s3_arn("photos", "a"),
                  .resource_account = kAccount,
                  .resource_policy = &bucket,
                  .context = &known};
  EXPECT_EQ(explain(alice(), {.identity = {own}}, request),
            "arn:aws:iam::123456789012:user/alice s3:GetObject on arn:aws:s3:::photos/a\n"
            "refused: a Deny statement applies: statement 2 of identity policy alice/own\n"
            "resource policy bucket photos\n"
            "  statement 1 (Carol only), Allow: does not apply: it is for other principals\n"
            "identity policy alice/own\n"
            "  statement 1 (Read), Allow: applies\n"
            "  statement 2, Deny: applies\n"
            "  statement 3, Allow: does not apply: it is for other actions\n"
            "  statement 4, Allow: does not apply: it is for other resources\n"
            "  statement 5, Deny: does not apply: its condition Bool on aws:multifactorauthpresent "
            "does not hold: "
            "the request does not have it\n");
  known.set("aws:SourceIp", "10.9.9.9");
  const auto text = explain(alice(), {.identity = {own}}, request);
  EXPECT_NE(text.find("allowed: the identity's policies allow it: statement 1 (Read) of identity "
                      "policy alice/own"),
            std::string::npos)
      << text;
  EXPECT_NE(
      text.find(
          "its condition NotIpAddress on aws:sourceip does not hold: the request has 10.9.9.9\n"),
      std::string::npos)
      << text;
}

TEST(Explain, SaysWhomAResourcePolicyMeans) {
  const auto bucket = policy(
      R"({"Statement":{"Effect":"Allow","Principal":{"AWS":"123456789012"},"Action":"s3:*","Resource":"arn:aws:s3:::photos/*"}})",
      Grammar::bucket, "bucket photos");
  const Request request{.action = "s3:GetObject",
                        .resource = s3_arn("photos", "a"),
                        .resource_account = kAccount,
                        .resource_policy = &bucket};
  const auto text = explain(alice(), {}, request);
  EXPECT_NE(text.find("refused: no policy of the identity allows it\n"), std::string::npos) << text;
  EXPECT_NE(text.find("statement 1, Allow: applies, to the account\n"), std::string::npos) << text;
}

}  // namespace
}  // namespace angophora::policy::testing
