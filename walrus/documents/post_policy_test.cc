#include "walrus/documents/post_policy.h"

#include <gtest/gtest.h>

#include "walrus/domain/s3_errors.h"

namespace angophora::walrus {
namespace {

const std::string kUntil = R"("expiration":"2030-01-01T00:00:00Z")";

common::Result<PostPolicy> parse(const std::string& conditions) {
  return parse_post_policy("{" + kUntil + ",\"conditions\":[" + conditions + "]}");
}
bool allows(const std::string& conditions, const FormFields& fields) {
  return check_post_policy(parse(conditions).value(), fields, common::SysTime{}).has_value();
}

TEST(PostPolicy, HoldsTheFormToItsConditions) {
  const std::string conditions =
      R"({"bucket":"b"},["starts-with","$key","user/"],["StArTs-WiTh","$Content-Type","text/"])";
  EXPECT_TRUE(
      allows(conditions, {{"bucket", "b"}, {"key", "user/1"}, {"content-type", "text/plain"}}));
  EXPECT_FALSE(
      allows(conditions, {{"bucket", "c"}, {"key", "user/1"}, {"content-type", "text/plain"}}));
  EXPECT_FALSE(
      allows(conditions, {{"bucket", "b"}, {"key", "other"}, {"content-type", "text/plain"}}));
  EXPECT_FALSE(allows(conditions, {{"bucket", "b"}, {"key", "user/1"}})) << "a field is missing";
  EXPECT_FALSE(allows(
      conditions,
      {{"bucket", "b"}, {"key", "user/1"}, {"content-type", "text/plain"}, {"acl", "public-read"}}))
      << "no condition speaks of it";
  EXPECT_TRUE(allows(
      conditions,
      {{"bucket", "b"}, {"key", "user/1"}, {"content-type", "text/plain"}, {"x-ignore-me", "1"}}));
}

TEST(PostPolicy, Expires) {
  const auto policy = parse("").value();
  EXPECT_TRUE(check_post_policy(policy, {}, policy.expiration - std::chrono::seconds(1)));
  EXPECT_FALSE(check_post_policy(policy, {}, policy.expiration));
}

TEST(PostPolicy, ReadsTheRangeOfLengths) {
  EXPECT_EQ(parse(R"(["content-length-range",1,"20"])").value().length_range,
            std::make_pair(std::uint64_t{1}, std::uint64_t{20}));
}

TEST(PostPolicy, RefusesWhatDoesNotRead) {
  for (const std::string bad :
       {"", "[]", "{}", "{\"conditions\":[]}", "{\"EXPIRATION\":\"2030-01-01T00:00:00Z\"}",
        "{\"expiration\":\"2030-01-01 00:00:00\",\"conditions\":[]}",
        "{\"expiration\":1,\"conditions\":[]}"})
    EXPECT_EQ(s3_error_of(parse_post_policy(bad).error()), S3Errc::invalid_policy_document) << bad;
  for (const std::string bad :
       {"{}", "1", R"(["eq","key","x"])", R"(["like","$key","x"])", R"(["eq","$key"])",
        R"(["content-length-range",0])", R"(["content-length-range",-1,0])", R"({"key":1})"})
    EXPECT_FALSE(parse(bad)) << bad;
}

TEST(PostPolicy, IsBounded) {
  std::string deep;
  for (int i = 0; i < 100; ++i) deep += "[";
  EXPECT_FALSE(parse(deep));
  EXPECT_FALSE(parse_post_policy(std::string(100'000, ' ')));
  std::string many = R"({"a":"b"})";
  for (int i = 0; i < 200; ++i) many += R"(,{"a":"b"})";
  EXPECT_FALSE(parse(many));
}

}  // namespace
}  // namespace angophora::walrus
