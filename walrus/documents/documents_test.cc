#include <gmock/gmock.h>

#include "walrus/documents/bucket_access.h"
#include "walrus/documents/cors.h"
#include "walrus/documents/encryption_rule.h"
#include "walrus/documents/object_lock.h"
#include "walrus/documents/policy_status.h"
#include "walrus/documents/tagging.h"
#include "walrus/domain/s3_errors.h"

namespace angophora::walrus {
namespace {

xml::Element document(const std::string& text) { return xml::read(text).value(); }

S3Errc refusal(const Result<>& result) {
  return result ? S3Errc::none : s3_error_of(result.error());
}

std::string cors(const std::string& rules) {
  return "<CORSConfiguration>" + rules + "</CORSConfiguration>";
}
const std::string kRule =
    "<CORSRule><AllowedMethod>GET</AllowedMethod><AllowedOrigin>https://*.example.org"
    "</AllowedOrigin><AllowedHeader>x-amz-*</AllowedHeader><MaxAgeSeconds>7</MaxAgeSeconds>"
    "</CORSRule>";

TEST(Shape, RefusesWhatItDoesNotKnow) {
  EXPECT_TRUE(check_shape(document(cors(kRule)), kCorsShape));
  for (const auto* bad :
       {"<Other/>", "<CORSConfiguration/>", "<CORSConfiguration><Odd/></CORSConfiguration>",
        "<CORSConfiguration><CORSRule/></CORSConfiguration>",
        "<CORSConfiguration><CORSRule><AllowedMethod>PATCH</AllowedMethod>"
        "<AllowedOrigin>*</AllowedOrigin></CORSRule></CORSConfiguration>",
        "<CORSConfiguration><CORSRule><AllowedMethod>GET</AllowedMethod><AllowedOrigin>*"
        "</AllowedOrigin><MaxAgeSeconds>soon</MaxAgeSeconds></CORSRule></CORSConfiguration>"})
    EXPECT_EQ(refusal(check_shape(document(bad), kCorsShape)), S3Errc::malformed_xml) << bad;
}

TEST(Shape, BoundsHowManyThereAre) {
  std::string rules;
  for (int i = 0; i < 100; ++i) rules += kRule;
  EXPECT_TRUE(check_shape(document(cors(rules)), kCorsShape));
  EXPECT_FALSE(check_shape(document(cors(rules + kRule)), kCorsShape));
}

TEST(Shape, KeepsADocumentWithoutItsNameSpace) {
  const auto root = document(
      "<t:Tagging xmlns:t='urn:x'><t:TagSet><t:Tag><t:Key> a </t:Key><t:Value>&lt;</t:Value>"
      "</t:Tag></t:TagSet></t:Tagging>");
  ASSERT_TRUE(check_shape(root, kTaggingShape));
  const auto inner = inner_xml(root, kTaggingShape);
  EXPECT_EQ(inner, "<TagSet><Tag><Key> a </Key><Value>&lt;</Value></Tag></TagSet>");
  EXPECT_EQ(tags_of(from_inner_xml(inner, kTaggingShape).value()), (Tags{{" a ", "<"}}));
  EXPECT_EQ(from_inner_xml("<Odd/>", kTaggingShape).error().code, common::Errc::corrupt);
}

TEST(Cors, AnswersByTheFirstRuleThatFits) {
  const auto root = document(cors(kRule));
  const auto answer = answer_cors(root, {"https://a.example.org", "GET", {"x-amz-date"}});
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->origin, "https://a.example.org");
  EXPECT_EQ(answer->age_max_s, 7);
  EXPECT_FALSE(answer_cors(root, {"https://a.example.com", "GET", {}}));
  EXPECT_FALSE(answer_cors(root, {"https://a.example.org", "PUT", {}}));
  EXPECT_FALSE(answer_cors(root, {"https://a.example.org", "GET", {"x-other"}}));
}

TEST(Cors, HasOneWildcardAtMost) {
  EXPECT_TRUE(check_cors(document(cors(kRule))));
  const auto two = document(cors(
      "<CORSRule><AllowedMethod>GET</AllowedMethod><AllowedOrigin>*.*</AllowedOrigin></CORSRule>"));
  EXPECT_EQ(refusal(check_cors(two)), S3Errc::invalid_request);
}

TEST(BucketTagging, HasEachNameOnce) {
  const auto tag = [](const std::string& name) {
    return "<Tag><Key>" + name + "</Key><Value>v</Value></Tag>";
  };
  const auto tagging = [](const std::string& tags) {
    return document("<Tagging><TagSet>" + tags + "</TagSet></Tagging>");
  };
  EXPECT_TRUE(check_bucket_tagging(tagging(tag("a") + tag("b"))));
  EXPECT_EQ(refusal(check_bucket_tagging(tagging(tag("a") + tag("a")))), S3Errc::invalid_tag);
  EXPECT_EQ(refusal(check_bucket_tagging(tagging(tag(std::string(129, 'n'))))),
            S3Errc::invalid_tag);
}

TEST(ObjectLock, HasDaysOrYears) {
  const auto lock = [](const std::string& period) {
    return document(
        "<ObjectLockConfiguration><ObjectLockEnabled>Enabled</ObjectLockEnabled><Rule>"
        "<DefaultRetention><Mode>GOVERNANCE</Mode>" +
        period + "</DefaultRetention></Rule></ObjectLockConfiguration>");
  };
  const common::SysTime now{};
  const auto kept = default_retention(lock("<Years>1</Years>"), now);
  ASSERT_TRUE(kept);
  EXPECT_EQ(kept->until, now + std::chrono::days(365));
  EXPECT_FALSE(kept->compliance);
  EXPECT_TRUE(check_object_lock(lock("<Days>1</Days>")));
  EXPECT_EQ(refusal(check_object_lock(lock(""))), S3Errc::malformed_xml);
  EXPECT_EQ(refusal(check_object_lock(lock("<Days>1</Days><Years>1</Years>"))),
            S3Errc::malformed_xml);
  EXPECT_EQ(refusal(check_object_lock(lock("<Days>0</Days>"))), S3Errc::invalid_retention_period);
  EXPECT_EQ(refusal(check_object_lock(lock("<Years>-1</Years>"))),
            S3Errc::invalid_retention_period);
}

TEST(BucketAccess, ReadsSwitchesAndOwnership) {
  const auto block = public_access_of(
      document("<PublicAccessBlockConfiguration><IgnorePublicAcls>TRUE</IgnorePublicAcls>"
               "<BlockPublicPolicy>false</BlockPublicPolicy></PublicAccessBlockConfiguration>"));
  EXPECT_TRUE(block.ignore_acls);
  EXPECT_FALSE(block.block_policy || block.block_acls || block.restrict_buckets);
  const auto controls =
      from_inner_xml(ownership_inner_xml("BucketOwnerEnforced"), kOwnershipShape).value();
  EXPECT_EQ(ownership_of(controls), Ownership::bucket_owner_enforced);
  EXPECT_FALSE(from_inner_xml(ownership_inner_xml("Nobody"), kOwnershipShape));
}

TEST(EncryptionRule, HasAKeyOnlyForKms) {
  const auto rule = [](const std::string& text) {
    return document(
        "<ServerSideEncryptionConfiguration><Rule><ApplyServerSideEncryptionByDefault>" + text +
        "</ApplyServerSideEncryptionByDefault></Rule>"
        "</ServerSideEncryptionConfiguration>");
  };
  const auto kms = rule("<SSEAlgorithm>aws:kms</SSEAlgorithm><KMSMasterKeyID>k</KMSMasterKeyID>");
  EXPECT_TRUE(check_encryption(kms));
  EXPECT_EQ(kms_key_of(kms), "k");
  EXPECT_FALSE(check_encryption(
      rule("<SSEAlgorithm>AES256</SSEAlgorithm><KMSMasterKeyID>k</KMSMasterKeyID>")));
  EXPECT_FALSE(check_shape(rule("<SSEAlgorithm>ROT13</SSEAlgorithm>"), kEncryptionShape));
}

std::string statement(const std::string& rest) {
  return R"({"Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"*",)" + rest +
         "}]}";
}

TEST(PolicyStatus, KnowsWhatIsPublic) {
  EXPECT_TRUE(is_public_policy(statement(R"("Principal":"*")")));
  EXPECT_TRUE(is_public_policy(statement(R"("Principal":{"AWS":["1","*"]})")));
  EXPECT_TRUE(is_public_policy(
      statement(R"("Principal":"*","Condition":{"IpAddress":{"aws:SourceIp":"0.0.0.0/0"}})")));
  EXPECT_TRUE(is_public_policy(
      statement(R"("Principal":"*","Condition":{"StringLike":{"aws:UserAgent":"x"}})")));
}

TEST(PolicyStatus, KnowsWhatIsNot) {
  EXPECT_FALSE(is_public_policy(""));
  EXPECT_FALSE(is_public_policy(statement(R"("Principal":{"AWS":"123456789012"})")));
  EXPECT_FALSE(is_public_policy(
      statement(R"("Principal":"*","Condition":{"IpAddress":{"aws:SourceIp":"10.0.0.0/8"}})")));
  EXPECT_FALSE(is_public_policy(
      R"({"Statement":{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"*"}})"));
}

}  // namespace
}  // namespace angophora::walrus
