// The bucket and trust policies that AWS' user guides give as examples, with what they are said to
// do.
#include "common/policy/policy_testing.h"

namespace angophora::policy::testing {
namespace {

enum class Who { anonymous, alice, carol_elsewhere, ops, ec2, token, root, root_elsewhere };

Principal principal(Who who) {
  switch (who) {
    case Who::anonymous:
      return Principal::anonymous();
    case Who::alice:
      return alice();
    case Who::carol_elsewhere:
      return Principal::user(kOther, "carol", "AIDACAROL00000000000");
    case Who::ops:
      return ops_session();
    case Who::ec2:
      return Principal::service("ec2.amazonaws.com");
    case Who::token:
      return Principal::web_identity("arn:aws:iam::123456789012:oidc-provider/login.example.com");
    case Who::root:
      return Principal::root(kAccount);
    case Who::root_elsewhere:
      return Principal::root(kOther);
  }
  return {};
}

struct ResourceTry {
  Who who;
  bool own_policies_allow;
  Try tried;
};

struct Example {
  const char* name;
  Grammar grammar;
  const char* json;
  std::vector<ResourceTry> tries;
};

constexpr char kKey[] = "arn:aws:s3:::photos/a.jpg";
constexpr char kRole[] = "arn:aws:iam::123456789012:role/ops";

const std::vector<Example>& examples() {
  static const std::vector<Example> all{
      {"PublicRead",
       Grammar::bucket,
       R"({"Version":"2012-10-17","Statement":[{"Sid":"PublicRead","Effect":"Allow","Principal":"*",
           "Action":["s3:GetObject","s3:GetObjectVersion"],"Resource":["arn:aws:s3:::photos/*"]}]})",
       {{Who::anonymous, false, {"s3:GetObject", kKey, {}, true}},
        {Who::anonymous, false, {"s3:PutObject", kKey, {}, false}},
        {Who::alice, false, {"s3:GetObject", kKey, {}, true}},
        // From another account, that account must agree.
        {Who::carol_elsewhere, false, {"s3:GetObject", kKey, {}, false}},
        {Who::carol_elsewhere, true, {"s3:GetObject", kKey, {}, true}}}},
      {"TlsOnly",
       Grammar::bucket,
       R"({"Version":"2012-10-17","Id":"tls only","Statement":[{"Sid":"TLS only, please","Effect":"Deny","Principal":{"AWS":"*"},
           "Action":"s3:*","Resource":["arn:aws:s3:::photos","arn:aws:s3:::photos/*"],
           "Condition":{"Bool":{"aws:SecureTransport":"false"}}}]})",
       {{Who::alice, true, {"s3:GetObject", kKey, {{"aws:SecureTransport", {"true"}}}, true}},
        {Who::alice, true, {"s3:GetObject", kKey, {{"aws:SecureTransport", {"false"}}}, false}},
        {Who::root, true, {"s3:GetObject", kKey, {{"aws:SecureTransport", {"false"}}}, false}}}},
      {"UploadsThatGiveTheOwnerFullControl",
       Grammar::bucket,
       R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":["arn:aws:iam::999999999999:root"]},
           "Action":"s3:PutObject","Resource":"arn:aws:s3:::photos/*",
           "Condition":{"StringEquals":{"s3:x-amz-acl":"bucket-owner-full-control"}}}]})",
       {{Who::carol_elsewhere,
         true,
         {"s3:PutObject", kKey, {{"s3:x-amz-acl", {"bucket-owner-full-control"}}}, true}},
        {Who::carol_elsewhere, true, {"s3:PutObject", kKey, {}, false}},
        // The account may hand it on, but nobody has.
        {Who::carol_elsewhere,
         false,
         {"s3:PutObject", kKey, {{"s3:x-amz-acl", {"bucket-owner-full-control"}}}, false}},
        {Who::root_elsewhere,
         false,
         {"s3:PutObject", kKey, {{"s3:x-amz-acl", {"bucket-owner-full-control"}}}, true}}}},
      {"TheAccountItselfHandsNothingToItsUsers",
       Grammar::bucket,
       R"({"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"123456789012"},"Action":"s3:*",
           "Resource":"arn:aws:s3:::photos/*"}})",
       {{Who::alice, false, {"s3:GetObject", kKey, {}, false}},
        {Who::alice, true, {"s3:GetObject", kKey, {}, true}},
        {Who::root, false, {"s3:GetObject", kKey, {}, true}}}},
      {"AUserByName",
       Grammar::bucket,
       R"({"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::123456789012:user/alice"},
           "Action":"s3:GetObject","Resource":"arn:aws:s3:::photos/*"}})",
       {{Who::alice, false, {"s3:GetObject", kKey, {}, true}},
        {Who::ops, false, {"s3:GetObject", kKey, {}, false}}}},
      {"FromTheseAddressesOnly",
       Grammar::bucket,
       R"({"Version":"2012-10-17","Id":"S3PolicyId1","Statement":[{"Sid":"IPAllow","Effect":"Deny","Principal":"*","Action":"s3:*",
           "Resource":["arn:aws:s3:::photos","arn:aws:s3:::photos/*"],
           "Condition":{"NotIpAddress":{"aws:SourceIp":["192.0.2.0/24","2001:db8:1234:5678::/64"]}}}]})",
       {{Who::alice, true, {"s3:GetObject", kKey, {{"aws:SourceIp", {"192.0.2.1"}}}, true}},
        {Who::alice,
         true,
         {"s3:GetObject", kKey, {{"aws:SourceIp", {"2001:db8:1234:5678::1"}}}, true}},
        {Who::alice,
         true,
         {"s3:GetObject", kKey, {{"aws:SourceIp", {"2001:db8:1234:5679::1"}}}, false}},
        {Who::alice, true, {"s3:GetObject", kKey, {}, false}}}},
      {"LinksFromOneSiteOnly",
       Grammar::bucket,
       R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":["s3:GetObject"],
           "Resource":"arn:aws:s3:::photos/*","Condition":{"StringLike":{"aws:Referer":["http://www.example.com/*","http://example.com/*"]}}}]})",
       {{Who::anonymous,
         false,
         {"s3:GetObject", kKey, {{"aws:Referer", {"http://example.com/page"}}}, true}},
        {Who::anonymous,
         false,
         {"s3:GetObject", kKey, {{"aws:Referer", {"http://example.org/page"}}}, false}},
        {Who::anonymous, false, {"s3:GetObject", kKey, {}, false}}}},
      {"MfaInTheLastHour",
       Grammar::bucket,
       R"({"Version":"2012-10-17","Statement":[
           {"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"arn:aws:s3:::photos/tax/*","Condition":{"Null":{"aws:MultiFactorAuthAge":true}}},
           {"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"arn:aws:s3:::photos/tax/*","Condition":{"NumericGreaterThan":{"aws:MultiFactorAuthAge":3600}}},
           {"Effect":"Allow","Principal":"*","Action":["s3:GetObject"],"Resource":"arn:aws:s3:::photos/*"}]})",
       {{Who::anonymous, false, {"s3:GetObject", "arn:aws:s3:::photos/tax/1", {}, false}},
        {Who::anonymous, false, {"s3:GetObject", kKey, {}, true}}}},
      {"EncryptedUploadsOnly",
       Grammar::bucket,
       R"({"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":"s3:PutObject","Resource":"arn:aws:s3:::photos/*",
           "Condition":{"StringNotEquals":{"s3:x-amz-server-side-encryption":"AES256"}}}]})",
       {{Who::alice,
         true,
         {"s3:PutObject", kKey, {{"s3:x-amz-server-side-encryption", {"AES256"}}}, true}},
        {Who::alice, true, {"s3:PutObject", kKey, {}, false}}}},
      {"NobodyButAlice",
       Grammar::bucket,
       R"({"Version":"2012-10-17","Statement":[{"Effect":"Deny","NotPrincipal":{"AWS":["arn:aws:iam::123456789012:user/alice","arn:aws:iam::123456789012:root"]},
           "Action":"s3:*","Resource":["arn:aws:s3:::photos","arn:aws:s3:::photos/*"]}]})",
       {{Who::alice, true, {"s3:GetObject", kKey, {}, true}},
        {Who::root, true, {"s3:GetObject", kKey, {}, true}},
        {Who::ops, true, {"s3:GetObject", kKey, {}, false}},
        {Who::anonymous, false, {"s3:GetObject", kKey, {}, false}}}},
      {"NotPrincipalWithoutTheAccountSparesNobody",
       Grammar::bucket,
       R"({"Version":"2012-10-17","Statement":[{"Effect":"Deny","NotPrincipal":{"AWS":["arn:aws:iam::123456789012:user/alice"]},
           "Action":"s3:*","Resource":["arn:aws:s3:::photos/*"]}]})",
       {{Who::alice, true, {"s3:GetObject", kKey, {}, false}}}},
      {"NobodyButTheRoleBySession",
       Grammar::bucket,
       R"({"Version":"2012-10-17","Statement":[{"Effect":"Deny","NotPrincipal":{"AWS":["arn:aws:sts::123456789012:assumed-role/ops/night",
           "arn:aws:iam::123456789012:role/ops","arn:aws:iam::123456789012:root"]},"Action":"s3:*","Resource":["arn:aws:s3:::photos/*"]}]})",
       {{Who::ops, true, {"s3:GetObject", kKey, {}, true}},
        {Who::alice, true, {"s3:GetObject", kKey, {}, false}}}},
      {"NotPrincipalWithoutTheRoleSparesNoSession",
       Grammar::bucket,
       R"({"Version":"2012-10-17","Statement":[{"Effect":"Deny","NotPrincipal":{"AWS":["arn:aws:sts::123456789012:assumed-role/ops/night",
           "arn:aws:iam::123456789012:root"]},"Action":"s3:*","Resource":["arn:aws:s3:::photos/*"]}]})",
       {{Who::ops, true, {"s3:GetObject", kKey, {}, false}}}},
      {"NobodyButAliceByCondition",
       Grammar::bucket,
       R"({"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":["arn:aws:s3:::photos/*"],
           "Condition":{"ArnNotEquals":{"aws:PrincipalArn":"arn:aws:iam::123456789012:user/alice"}}}]})",
       {{Who::alice, true, {"s3:GetObject", kKey, {}, true}},
        {Who::ops, true, {"s3:GetObject", kKey, {}, false}}}},
      {"TrustOfAnotherAccountWithAnExternalId",
       Grammar::trust,
       R"({"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"999999999999"},"Action":"sts:AssumeRole",
           "Condition":{"StringEquals":{"sts:ExternalId":"12345"}}}})",
       {{Who::carol_elsewhere,
         true,
         {"sts:AssumeRole", kRole, {{"sts:ExternalId", {"12345"}}}, true}},
        {Who::carol_elsewhere,
         true,
         {"sts:AssumeRole", kRole, {{"sts:ExternalId", {"54321"}}}, false}},
        {Who::carol_elsewhere, true, {"sts:AssumeRole", kRole, {}, false}},
        {Who::carol_elsewhere,
         false,
         {"sts:AssumeRole", kRole, {{"sts:ExternalId", {"12345"}}}, false}},
        // Alice's own policies are not enough: the role must trust her.
        {Who::alice, true, {"sts:AssumeRole", kRole, {{"sts:ExternalId", {"12345"}}}, false}}}},
      {"TrustOfAUserOfTheSameAccount",
       Grammar::trust,
       R"({"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::123456789012:user/alice"},"Action":"sts:AssumeRole"}})",
       {{Who::alice, false, {"sts:AssumeRole", kRole, {}, true}},
        {Who::ops, true, {"sts:AssumeRole", kRole, {}, false}}}},
      {"TrustOfEc2",
       Grammar::trust,
       R"({"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}})",
       {{Who::ec2, false, {"sts:AssumeRole", kRole, {}, true}},
        {Who::alice, true, {"sts:AssumeRole", kRole, {}, false}}}},
      {"TrustOfAnOpenIdProvider",
       Grammar::trust,
       R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Federated":"arn:aws:iam::123456789012:oidc-provider/login.example.com"},
           "Action":"sts:AssumeRoleWithWebIdentity","Condition":{"StringEquals":{"login.example.com:aud":"sts.amazonaws.com"},
           "StringLike":{"login.example.com:sub":"repo:octo-org/octo-repo:*"}}}]})",
       {{Who::token,
         false,
         {"sts:AssumeRoleWithWebIdentity",
          kRole,
          {{"login.example.com:aud", {"sts.amazonaws.com"}},
           {"login.example.com:sub", {"repo:octo-org/octo-repo:ref:x"}}},
          true}},
        {Who::token,
         false,
         {"sts:AssumeRoleWithWebIdentity",
          kRole,
          {{"login.example.com:aud", {"sts.amazonaws.com"}},
           {"login.example.com:sub", {"repo:evil/octo-repo:x"}}},
          false}},
        {Who::token,
         false,
         {"sts:AssumeRole",
          kRole,
          {{"login.example.com:aud", {"sts.amazonaws.com"}},
           {"login.example.com:sub", {"repo:octo-org/octo-repo:x"}}},
          false}}}},
  };
  return all;
}

class ResourceExample : public ::testing::TestWithParam<Example> {};

TEST_P(ResourceExample, DoesWhatAwsDocuments) {
  const auto& example = GetParam();
  const auto of_resource = policy(example.json, example.grammar);
  for (const auto& [who, own_allow, t] : example.tries) {
    Policies policies;
    if (own_allow) policies.identity = {allow("*")};
    const auto known = facts(t.keys);
    const Request request{.action = t.action,
                          .resource = t.resource,
                          .resource_account = kAccount,
                          .resource_policy = &of_resource,
                          .resource_must_allow = example.grammar == Grammar::trust,
                          .context = &known};
    EXPECT_EQ(decide(principal(who), policies, request).allowed, t.allowed)
        << explain(principal(who), policies, request);
  }
}
INSTANTIATE_TEST_SUITE_P(Aws, ResourceExample, ::testing::ValuesIn(examples()),
                         [](const auto& example) { return std::string(example.param.name); });

}  // namespace
}  // namespace angophora::policy::testing
