#include "walrus/access/judge.h"

#include <gmock/gmock.h>

#include "common/policy/policy_testing.h"
#include "walrus/domain/s3_errors.h"

namespace angophora::walrus {
namespace {

using policy::testing::allow;
using policy::testing::kAccount;
using policy::testing::kOther;
using policy::testing::policy;

constexpr char kOurs[] = "c-ours";      // canonical id of kAccount
constexpr char kTheirs[] = "c-theirs";  // of kOther

policy::NamedPolicy deny(std::string_view action, std::string_view resource) {
  return policy(R"({"Statement":{"Effect":"Deny","Action":")" + std::string(action) +
                R"(","Resource":")" + std::string(resource) + R"("}})");
}

policy::NamedPolicy of_bucket(std::string_view effect, std::string_view action,
                              std::string_view principal) {
  return policy(R"({"Statement":{"Effect":")" + std::string(effect) + R"(","Principal":)" +
                    std::string(principal) + R"(,"Action":")" + std::string(action) +
                    R"(","Resource":["arn:aws:s3:::photos","arn:aws:s3:::photos/*"]}})",
                policy::Grammar::bucket, "bucket photos");
}

class Judging : public ::testing::Test {
 protected:
  Judging() {
    numbers = std::make_shared<AccountNumbers>(
        AccountNumbers{{kOurs, common::AccountId(kAccount)}, {kTheirs, common::AccountId(kOther)}});
  }
  Requester user(std::vector<policy::NamedPolicy> policies = {}) {
    Requester requester;
    requester.asker = {kOurs};
    requester.principal = policy::testing::alice();
    policy::Policies all;
    all.identity = std::move(policies);
    requester.policies = std::make_shared<policy::Policies>(std::move(all));
    requester.account_numbers = numbers;
    return requester;
  }
  Requester root() {
    auto requester = user();
    requester.principal = policy::Principal::root(kAccount);
    return requester;
  }
  Requester nobody() { return {}; }
  // About an object in the bucket "photos" of `owner`.
  Question object_of(std::string owner, std::string_view action = "s3:GetObject") {
    acl = {owner, {}};
    Question question{.action = action, .bucket = "photos", .key = "cat.jpg"};
    question.owner = question.bucket_owner = std::move(owner);
    question.acl = &acl;
    question.permission = Permission::read;
    return question;
  }
  bool may(const Requester& requester, const Question& question) {
    return judge(requester, question).has_value();
  }

  Acl acl;
  std::shared_ptr<AccountNumbers> numbers;
};

TEST_F(Judging, RootMayAllInItsAccountAndNothingInOthers) {
  EXPECT_TRUE(may(root(), object_of(kOurs)));
  EXPECT_FALSE(may(root(), object_of(kTheirs)));
  EXPECT_FALSE(may(nobody(), object_of(kOurs)));
}

TEST_F(Judging, AUserMayWhatPoliciesAllow) {
  EXPECT_FALSE(may(user(), object_of(kOurs)));
  EXPECT_TRUE(may(user({allow("s3:GetObject", "arn:aws:s3:::photos/*")}), object_of(kOurs)));
  EXPECT_FALSE(may(user({allow("s3:GetObject", "arn:aws:s3:::music/*")}), object_of(kOurs)));
  EXPECT_FALSE(may(user({allow("s3:*"), deny("s3:GetObject", "*")}), object_of(kOurs)));
  EXPECT_FALSE(may(user({allow("s3:PutObject")}), object_of(kOurs)));
}

TEST_F(Judging, AGrantToTheAccountTakesAPolicyOfTheUserAsWell) {
  auto question = object_of(kTheirs);
  acl.grants = {{false, kOurs, Permission::read}};
  EXPECT_FALSE(may(user(), question));
  EXPECT_TRUE(may(user({allow("s3:GetObject")}), question));
  EXPECT_TRUE(may(root(), question));
  question.permission = Permission::write;
  EXPECT_FALSE(may(root(), question));
}

TEST_F(Judging, WhatIsPublicIsToTheAccountsOwnUsersToo) {
  auto question = object_of(kOurs);
  acl.grants = {{true, std::string(kAllUsers), Permission::read}};
  EXPECT_TRUE(may(nobody(), question));
  EXPECT_TRUE(may(user(), question));
  EXPECT_FALSE(may(user({deny("s3:*", "*")}), question));
}

TEST_F(Judging, TheAccountsCeilingHoldsForItsRoot) {
  auto requester = root();
  policy::Policies all;
  all.account = {policy(R"({"Statement":{"Effect":"Deny","Action":"s3:GetObject",)"
                        R"("Resource":"*"}})",
                        policy::Grammar::account)};
  requester.policies = std::make_shared<policy::Policies>(std::move(all));
  EXPECT_FALSE(may(requester, object_of(kOurs)));
  EXPECT_TRUE(may(requester, object_of(kOurs, "s3:GetObjectAcl")));
}

TEST_F(Judging, ABucketsPolicyLetsInAndKeepsOut) {
  const auto open = of_bucket("Allow", "s3:GetObject", R"("*")");
  auto question = object_of(kTheirs);
  question.bucket_policy = &open;
  EXPECT_TRUE(may(nobody(), question));
  EXPECT_TRUE(may(root(), question));
  const auto shut = of_bucket("Deny", "s3:*", R"("*")");
  auto own = object_of(kOurs);
  own.bucket_policy = &shut;
  EXPECT_FALSE(may(root(), own));
}

TEST_F(Judging, TheRootOfTheBucketsAccountCannotLockItselfOutOfThePolicy) {
  const auto shut = of_bucket("Deny", "s3:*", R"("*")");
  Question question{.action = "s3:DeleteBucketPolicy", .bucket = "photos"};
  question.owner = question.bucket_owner = kOurs;
  question.bucket_policy = &shut;
  EXPECT_TRUE(may(root(), question));
  EXPECT_FALSE(may(user({allow("s3:*")}), question));
  question.owner = question.bucket_owner = kTheirs;
  EXPECT_FALSE(may(root(), question));
}

TEST_F(Judging, OfAnothersObjectInTheBucketThePolicyOnlyTakesAway) {
  auto question = object_of(kTheirs);
  question.bucket_owner = kOurs;
  const auto open = of_bucket("Allow", "s3:GetObject", R"("*")");
  question.bucket_policy = &open;
  EXPECT_FALSE(may(nobody(), question));
  acl.grants = {{true, std::string(kAllUsers), Permission::read}};
  EXPECT_TRUE(may(nobody(), question));
  const auto shut = of_bucket("Deny", "s3:GetObject", R"("*")");
  question.bucket_policy = &shut;
  EXPECT_FALSE(may(nobody(), question));
}

TEST_F(Judging, ConditionsSeeRequestResourceAndAccounts) {
  auto requester = user({policy(
      R"({"Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*","Condition":{)"
      R"("StringEquals":{"s3:prefix":"home/","s3:ExistingObjectTag/team":"red",)"
      R"("aws:ResourceAccount":"123456789012"},"Bool":{"aws:SecureTransport":"true"}}}})")});
  requester.facts.set("s3:prefix", "home/").set("aws:SecureTransport", true);
  auto question = object_of(kOurs);
  EXPECT_FALSE(may(requester, question)) << "no tag is known";
  policy::Facts tags;
  tags.tags("s3:ExistingObjectTag/", policy::Tags{{"team", "red"}});
  question.facts = &tags;
  EXPECT_TRUE(may(requester, question));
  requester.facts.set("aws:SecureTransport", false);
  EXPECT_FALSE(may(requester, question));
}

TEST_F(Judging, WhatIsYetToBeMadeHasNoOwner) {
  const Question create{.action = "s3:CreateBucket", .bucket = "new"};
  const Question list{.action = "s3:ListAllMyBuckets"};
  EXPECT_TRUE(may(root(), create));
  EXPECT_FALSE(may(nobody(), create));
  EXPECT_FALSE(may(user(), list));
  EXPECT_TRUE(may(user({allow("s3:ListAllMyBuckets")}), list));
  EXPECT_TRUE(may(user({allow("s3:CreateBucket", "arn:aws:s3:::ne*")}), create));
}

TEST_F(Judging, ARefusalNamesWhoAndWhatToTheAccountAlone) {
  const auto own = judge(user(), object_of(kOurs));
  EXPECT_EQ(own.error().code, S3Errc::access_denied);
  EXPECT_EQ(own.error().message,
            "User: arn:aws:iam::123456789012:user/alice is not authorized to perform: s3:GetObject "
            "on resource: \"arn:aws:s3:::photos/cat.jpg\" because no identity-based policy allows "
            "the s3:GetObject action");
  EXPECT_EQ(judge(user(), object_of(kTheirs)).error().message, "Access Denied");
  EXPECT_EQ(judge(nobody(), object_of(kOurs)).error().message, "Access Denied");
  EXPECT_THAT(judge(user({deny("s3:*", "*")}), object_of(kOurs)).error().message,
              ::testing::HasSubstr("with an explicit deny"));
}

}  // namespace
}  // namespace angophora::walrus
