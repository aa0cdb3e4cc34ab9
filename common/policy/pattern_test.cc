#include "common/policy/pattern.h"

#include <gtest/gtest.h>

#include <chrono>
#include <map>

namespace angophora::policy {
namespace {

struct Values : Variables {
  std::map<std::string, std::string> known;
  const std::string* value(std::string_view key) override {
    const auto found = known.find(std::string(key));
    return found == known.end() ? nullptr : &found->second;
  }
};

bool like(std::string_view pattern, std::string_view text, Values values = {}) {
  return Pattern::compile(pattern, {.variables = true}).value().matches(text, values);
}

TEST(Patterns, StarIsAnyRunAndQuestionMarkAnyOne) {
  EXPECT_TRUE(like("*", ""));
  EXPECT_TRUE(like("a*", "a"));
  EXPECT_TRUE(like("a*c", "abcabc"));
  EXPECT_FALSE(like("a*c", "abcab"));
  EXPECT_TRUE(like("?", "x"));
  EXPECT_FALSE(like("?", ""));
  EXPECT_TRUE(like("a?c*?", "abcd"));
  EXPECT_FALSE(like("a?c*?", "abc"));
  EXPECT_TRUE(like("*ab*ba*", "xabba"));
  EXPECT_FALSE(like("*ab*ba*", "xaba"));
  EXPECT_TRUE(like("**?**", "x"));
  EXPECT_TRUE(like("*?b", "aab"));
  EXPECT_FALSE(like("*?b", "b"));
}

TEST(Patterns, AQuestionMarkIsACharacterAndNotAByte) {
  EXPECT_TRUE(like("b?r", "b\u00e4r"));
  EXPECT_TRUE(like("*?", "\u20ac"));
  EXPECT_FALSE(like("??", "\u20ac"));
  EXPECT_FALSE(like("*??", "\u20ac"));
  EXPECT_TRUE(like("*\u20ac?r", "x\u20ac\u00e4r"));
  EXPECT_FALSE(like("x*\u20ac?r", "\u20ac\u00e4r"));
  EXPECT_TRUE(like("*?\u20ac?*", "ab\u20acc"));
}

TEST(Patterns, ABackslashIsACharacterLikeOthers) {
  EXPECT_TRUE(like("a\\*", "a\\bc"));
  EXPECT_FALSE(like("a\\*", "a*"));
}

TEST(Patterns, VariablesAreTextAndNotWildcards) {
  Values values;
  values.known["aws:username"] = "a*";
  EXPECT_TRUE(like("home/${aws:username}/*", "home/a*/x", values));
  EXPECT_FALSE(like("home/${aws:username}/*", "home/alice/x", values));
  EXPECT_TRUE(like("home/${AWS:UserName}", "home/a*", values));
}

TEST(Patterns, AVariableWithoutAValueMatchesNothingUnlessItHasADefault) {
  EXPECT_FALSE(like("home/${aws:username}", "home/"));
  EXPECT_FALSE(like("*${aws:username}", "anything"));
  EXPECT_TRUE(like("home/${aws:username, 'guest'}", "home/guest"));
  EXPECT_TRUE(like("home/${aws:username,'a:}b'}", "home/a:}b"));
  EXPECT_TRUE(like("home/${aws:username, ''}", "home/"));
}

TEST(Patterns, SpecialCharactersHaveVariablesOfTheirOwn) {
  EXPECT_TRUE(like("a${*}b", "a*b"));
  EXPECT_FALSE(like("a${*}b", "axb"));
  EXPECT_TRUE(like("a${?}", "a?"));
  EXPECT_TRUE(like("${$}{x}", "${x}"));
  EXPECT_TRUE(like("cost$5", "cost$5"));
}

TEST(Patterns, AValueWithBytesThatMeanWildcardsInsideMatchesNothing) {
  Values values;
  values.known["aws:username"] = "\xff";
  EXPECT_FALSE(like("${aws:username}", "anything", values));
  EXPECT_FALSE(like("${aws:username}", "\xff", values));
  EXPECT_FALSE(like("abc", "\xff"));
}

TEST(Patterns, RefuseVariablesThatCannotBe) {
  for (const auto* text :
       {"${", "${aws:username", "${aws:nonsense}", "${aws:TagKeys}", "${}", "${aws:username, x}",
        "${aws:username, 'x}", "${aws:username, 'x'y}", "${ec2:NoSuchKey, 'x'}"})
    EXPECT_FALSE(Pattern::compile(text, {.variables = true})) << text;
  // Version 2008-10-17 knows no variables: it is text.
  Values none;
  EXPECT_TRUE(Pattern::compile("${aws:username}", {}).value().matches("${aws:username}", none));
}

TEST(Patterns, OfManyStarsAreFast) {
  std::string pattern, text(20'000, 'a');
  for (int i = 0; i < 1000; ++i) pattern += "*a";
  const auto start = std::chrono::steady_clock::now();
  EXPECT_FALSE(like(pattern + "b", text));
  EXPECT_TRUE(like(pattern, text));
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(5));
}

bool arn_like(std::string_view pattern, std::string_view arn) {
  Values none;
  return ArnPattern::compile(pattern, ArnPattern::Use::resource, true)
      .value()
      .matches(ArnPattern::split(arn), none);
}

TEST(ArnPatterns, CompareEachPartByItself) {
  EXPECT_TRUE(arn_like("arn:aws:ec2:*:111111111111:instance/*",
                       "arn:aws:ec2:here:111111111111:instance/i-1"));
  // A star in one part does not reach into the next.
  EXPECT_FALSE(arn_like("arn:aws:ec2:*:*:b", "arn:aws:ec2:here:111111111111:a:b"));
  EXPECT_FALSE(arn_like("arn:aws:s3:::photos", "arn:aws:s3:::photos/x"));
  EXPECT_TRUE(arn_like("arn:aws:s3:::photos/*", "arn:aws:s3:::photos/a/b:c"));
  EXPECT_TRUE(arn_like("arn:aws:s3:*", "arn:aws:s3:::photos/a"));
  EXPECT_TRUE(arn_like("arn:aws:iam::*", "arn:aws:iam::111111111111:user/alice"));
  EXPECT_FALSE(arn_like("arn:aws:iam::*", "arn:aws:s3:::photos"));
}

TEST(ArnPatterns, OfEc2MayLeaveOutRegionAndAccount) {
  EXPECT_TRUE(arn_like("arn:aws:ec2:::instance/i-1", "arn:aws:ec2:here:111111111111:instance/i-1"));
  EXPECT_TRUE(
      arn_like("arn:aws:ec2:here::instance/i-1", "arn:aws:ec2:here:111111111111:instance/i-1"));
  EXPECT_FALSE(
      arn_like("arn:aws:ec2:there::instance/i-1", "arn:aws:ec2:here:111111111111:instance/i-1"));
  // Not so elsewhere: without an account is without an account.
  EXPECT_FALSE(arn_like("arn:aws:iam:::user/alice", "arn:aws:iam::111111111111:user/alice"));
}

TEST(ArnPatterns, OnlyTheStarMatchesARequestWithoutAResource) {
  EXPECT_TRUE(arn_like("*", "*"));
  EXPECT_FALSE(arn_like("arn:aws:ec2:*:*:*", "*"));
}

TEST(ArnPatterns, RefuseWhatIsNoArn) {
  for (const auto* text :
       {"", "photos", "arn:aws:s3", "arn:aws:s3:::", "arn:aws:s3*", "arn:aws:*:*:*:*", "arn:::::x",
        "arn:asw:s3:::x", "ARN:aws:s3:::x", "arn:aws:s3:here::x", "arn:aws:s3::111111111111:x",
        "arn:aws:iam:here:111111111111:user/x", "arn:aws:iam::11111:user/x",
        "arn:aws:${aws:username}:::x", "arn:aws:ec2:${aws:username}::instance/*", "**"})
    EXPECT_FALSE(ArnPattern::compile(text, ArnPattern::Use::resource, true)) << text;
}

}  // namespace
}  // namespace angophora::policy
