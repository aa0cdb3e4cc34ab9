#include "common/policy/condition.h"

#include <fmt/format.h>

#include "common/policy/policy_testing.h"

namespace angophora::policy::testing {
namespace {

// Whether {op: {key: values}} holds for a request with those values of the key.
bool holds(std::string_view op, std::string_view key, std::string_view values,
           std::vector<std::string> in_request) {
  const auto p = policy(fmt::format(
      R"({{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Action":"*","Resource":"*",
      "Condition":{{"{}":{{"{}":{}}}}}}}}})",
      op, key, values));
  Facts known;
  known.set(key, std::move(in_request));
  return decide(alice(), {.identity = {p}},
                {.action = "s3:GetObject", .resource = "*", .context = &known})
      .allowed;
}
bool text(std::string_view op, std::string_view values, std::vector<std::string> in_request) {
  return holds(op, "aws:TagKeys", values, std::move(in_request));
}

TEST(Conditions, OnAMissingKeyAreFalseUnlessNegatedOrIfExists) {
  for (const auto* op :
       {"StringEquals", "StringLike", "StringEqualsIgnoreCase", "ForAnyValue:StringEquals",
        "ForAnyValue:StringNotEquals", "ForAnyValue:StringNotLike"})
    EXPECT_FALSE(text(op, R"("x")", {})) << op;
  for (const auto* op : {"StringNotEquals", "StringNotLike", "StringNotEqualsIgnoreCase",
                         "ForAllValues:StringEquals", "ForAllValues:StringNotEquals",
                         "StringEqualsIfExists", "StringNotEqualsIfExists",
                         "ForAnyValue:StringEqualsIfExists", "ForAllValues:StringLikeIfExists"})
    EXPECT_TRUE(text(op, R"("x")", {})) << op;
  EXPECT_FALSE(holds("NumericLessThan", "s3:max-keys", "5", {}));
  EXPECT_TRUE(holds("NumericNotEquals", "s3:max-keys", "5", {}));
  EXPECT_TRUE(holds("NumericLessThanIfExists", "s3:max-keys", "5", {}));
  EXPECT_FALSE(holds("Bool", "aws:SecureTransport", "true", {}));
  EXPECT_FALSE(holds("IpAddress", "aws:SourceIp", R"("10.0.0.0/8")", {}));
  EXPECT_TRUE(holds("NotIpAddress", "aws:SourceIp", R"("10.0.0.0/8")", {}));
  EXPECT_TRUE(holds("ArnNotLike", "aws:SourceArn", R"("*")", {}));
  EXPECT_TRUE(holds("DateNotEquals", "ec2:SnapshotTime", R"("2026")", {}));
}

TEST(Conditions, OnASetAskForAllOrAny) {
  const auto* list = R"(["a*","b"])";
  EXPECT_TRUE(text("ForAllValues:StringLike", list, {"ab", "b"}));
  EXPECT_FALSE(text("ForAllValues:StringLike", list, {"ab", "c"}));
  EXPECT_TRUE(text("ForAnyValue:StringLike", list, {"ab", "c"}));
  EXPECT_FALSE(text("ForAnyValue:StringLike", list, {"c", "d"}));
  EXPECT_TRUE(text("ForAllValues:StringNotLike", list, {"c", "d"}));
  EXPECT_FALSE(text("ForAllValues:StringNotLike", list, {"c", "b"}));
  EXPECT_TRUE(text("ForAnyValue:StringNotLike", list, {"c", "b"}));
  EXPECT_FALSE(text("ForAnyValue:StringNotLike", list, {"ab", "b"}));
  // A set of empty texts is an empty set.
  EXPECT_TRUE(text("ForAllValues:StringEquals", list, {""}));
  EXPECT_FALSE(text("ForAnyValue:StringEquals", R"("")", {""}));
  EXPECT_TRUE(text("StringEquals", R"("")", {""}));
  // Without a set operator: any of them; negated: none of them.
  EXPECT_TRUE(text("StringEquals", R"("b")", {"a", "b"}));
  EXPECT_FALSE(text("StringNotEquals", R"("b")", {"a", "b"}));
}

TEST(Conditions, OnTextKnowCaseAndWildcardsByName) {
  EXPECT_FALSE(text("StringEquals", R"("A*")", {"Abc"}));
  EXPECT_TRUE(text("StringEquals", R"("A*")", {"A*"}));
  EXPECT_FALSE(text("StringEquals", R"("abc")", {"Abc"}));
  EXPECT_TRUE(text("StringEqualsIgnoreCase", R"("aBc")", {"Abc"}));
  EXPECT_FALSE(text("StringNotEqualsIgnoreCase", R"("aBc")", {"Abc"}));
  EXPECT_TRUE(text("StringEqualsIgnoreCase", R"("${aws:username}")", {"ALICE"}));
  EXPECT_TRUE(text("StringLike", R"("A?c*")", {"Abc"}));
  EXPECT_FALSE(text("StringNotLike", R"(["x","A*"])", {"Abc"}));
}

TEST(Conditions, OnNumbersDatesAndAddressesReadTheValue) {
  const auto number = [](std::string_view relation, const char* given) {
    return holds("Numeric" + std::string(relation), "s3:max-keys", "[10]", {given});
  };
  EXPECT_TRUE(number("Equals", "10.0"));
  EXPECT_FALSE(number("LessThan", "10"));
  EXPECT_TRUE(number("LessThanEquals", "10"));
  EXPECT_TRUE(number("GreaterThan", "10.01"));
  EXPECT_FALSE(number("GreaterThanEquals", "9"));
  // Text that is no number equals none.
  EXPECT_FALSE(number("Equals", "ten"));
  EXPECT_TRUE(number("NotEquals", "ten"));
  const auto date = [](std::string_view relation, const char* given) {
    return holds("Date" + std::string(relation), "ec2:SnapshotTime", R"("2026-01-01T00:00:00Z")",
                 {given});
  };
  EXPECT_TRUE(date("Equals", "1767225600"));
  EXPECT_TRUE(date("LessThan", "2025-12-31"));
  EXPECT_FALSE(date("LessThan", "2026-01-01T00:00:00+00:00"));
  EXPECT_TRUE(date("GreaterThanEquals", "2026"));
  EXPECT_FALSE(date("GreaterThan", "never"));
  EXPECT_FALSE(holds("NotIpAddress", "aws:SourceIp", R"(["10.0.0.0/8","::1"])", {"::1"}));
  EXPECT_TRUE(holds("NotIpAddress", "aws:SourceIp", R"("10.0.0.0/8")", {"unix"}));
  EXPECT_TRUE(holds("BinaryEquals", "ec2:Attribute", R"("AP8=")", {std::string("\0\xff", 2)}));
  EXPECT_TRUE(holds("Bool", "aws:SecureTransport", "true", {"True"}));
  EXPECT_TRUE(holds("Bool", "aws:SecureTransport", R"("${aws:ViaAWSService, 'true'}")", {"true"}));
}

TEST(Conditions, OnArnsCompareParts) {
  const auto arn = [](std::string_view op, std::string_view pattern, const char* given) {
    return holds(op, "aws:SourceArn", fmt::format("\"{}\"", pattern), {given});
  };
  EXPECT_TRUE(arn("ArnEquals", "arn:aws:s3:::pho*", "arn:aws:s3:::photos"));
  EXPECT_TRUE(arn("ArnLike", "arn:*:s3:*:*:photos", "arn:aws:s3:::photos"));
  EXPECT_FALSE(arn("ArnLike", "arn:aws:iam::*:b", "arn:aws:iam::123456789012:a:b"));
  EXPECT_TRUE(arn("ArnNotEquals", "arn:aws:s3:::photos", "arn:aws:s3:::logs"));
  // Not an ARN: not even "*" fits.
  EXPECT_FALSE(arn("ArnLike", "*", "photos"));
  EXPECT_TRUE(arn("ArnNotLike", "*", "photos"));
  // The leniency for EC2's names is for resources only.
  EXPECT_FALSE(
      arn("ArnLike", "arn:aws:ec2:::instance/*", "arn:aws:ec2:here:123456789012:instance/i-1"));
}

TEST(Conditions, OfNullAskWhetherTheKeyIsThere) {
  EXPECT_TRUE(text("Null", "true", {}));
  EXPECT_FALSE(text("Null", "true", {"x"}));
  EXPECT_FALSE(text("Null", R"("false")", {}));
  EXPECT_TRUE(text("Null", R"("false")", {"x"}));
  EXPECT_TRUE(text("Null", R"("false")", {""}));
}

TEST(Conditions, AllOfOneBlockMustHold) {
  const auto p = policy(
      R"({"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*","Condition":{
      "StringEquals":{"s3:prefix":["a","b"],"s3:delimiter":"/"},"Bool":{"aws:SecureTransport":"true"}}}})");
  const auto may = [&](const Keys& keys) {
    const auto known = facts(keys);
    return decide(alice(), {.identity = {p}},
                  {.action = "s3:ListBucket", .resource = "*", .context = &known})
        .allowed;
  };
  EXPECT_TRUE(
      may({{"s3:prefix", {"b"}}, {"s3:delimiter", {"/"}}, {"aws:SecureTransport", {"true"}}}));
  EXPECT_FALSE(
      may({{"s3:prefix", {"c"}}, {"s3:delimiter", {"/"}}, {"aws:SecureTransport", {"true"}}}));
  EXPECT_FALSE(
      may({{"s3:prefix", {"b"}}, {"s3:delimiter", {"-"}}, {"aws:SecureTransport", {"true"}}}));
  EXPECT_FALSE(
      may({{"s3:prefix", {"b"}}, {"s3:delimiter", {"/"}}, {"aws:SecureTransport", {"false"}}}));
}

}  // namespace
}  // namespace angophora::policy::testing
