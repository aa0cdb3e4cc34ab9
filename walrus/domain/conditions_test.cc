#include "walrus/domain/conditions.h"

#include <gtest/gtest.h>

#include "walrus/domain/s3_errors.h"

namespace angophora::walrus {
namespace {

std::optional<ByteRange> range(std::string_view header, std::uint64_t size) {
  return parse_range(header, size).value();
}

TEST(Range, TakesFirstLastOpenAndSuffixForms) {
  EXPECT_EQ(range("bytes=0-3", 10), (ByteRange{0, 4}));
  EXPECT_EQ(range("bytes=4-", 10), (ByteRange{4, 6}));
  EXPECT_EQ(range("bytes=-3", 10), (ByteRange{7, 3}));
  EXPECT_EQ(range("bytes=-30", 10), (ByteRange{0, 10}));
  EXPECT_EQ(range("bytes=8-99", 10), (ByteRange{8, 2}));
}

TEST(Range, WhatIsNotUnderstoodMeansTheWholeObject) {
  for (const auto* text : {"", "lines=1-2", "bytes=1-2,4-5", "bytes=x-2", "bytes=5-2", "bytes=3"})
    EXPECT_EQ(range(text, 10), std::nullopt) << text;
}

TEST(Range, OutsideOfTheObjectIsAnError) {
  EXPECT_EQ(parse_range("bytes=10-", 10).error().code, S3Errc::invalid_range);
  EXPECT_EQ(parse_range("bytes=-0", 10).error().code, S3Errc::invalid_range);
  EXPECT_EQ(parse_range("bytes=0-0", 0).error().code, S3Errc::invalid_range);
}

const auto kChanged = *common::parse_iso8601("2026-11-22T02:40:58.700Z");

Verdict judge_one(std::string_view Conditions::*field, std::string_view value) {
  Conditions conditions;
  conditions.*field = value;
  return judge(conditions, "abc", kChanged);
}

TEST(Conditions, IfMatchWantsTheSameEtag) {
  EXPECT_EQ(judge_one(&Conditions::if_match, "\"abc\""), Verdict::proceed);
  EXPECT_EQ(judge_one(&Conditions::if_match, "abc"), Verdict::proceed);
  EXPECT_EQ(judge_one(&Conditions::if_match, "*"), Verdict::proceed);
  EXPECT_EQ(judge_one(&Conditions::if_match, "\"x\", \"y\""), Verdict::failed);
}

TEST(Conditions, IfNoneMatchWantsAnotherEtag) {
  EXPECT_EQ(judge_one(&Conditions::if_none_match, "\"abc\""), Verdict::not_modified);
  EXPECT_EQ(judge_one(&Conditions::if_none_match, "W/\"abc\""), Verdict::not_modified);
  EXPECT_EQ(judge_one(&Conditions::if_none_match, "\"x\""), Verdict::proceed);
}

TEST(Conditions, TimesCountWholeSeconds) {
  const std::string same = "Sun, 22 Nov 2026 02:40:58 GMT";
  const std::string before = "Sun, 22 Nov 2026 02:40:57 GMT";
  EXPECT_EQ(judge_one(&Conditions::if_modified_since, same), Verdict::not_modified);
  EXPECT_EQ(judge_one(&Conditions::if_modified_since, before), Verdict::proceed);
  EXPECT_EQ(judge_one(&Conditions::if_unmodified_since, same), Verdict::proceed);
  EXPECT_EQ(judge_one(&Conditions::if_unmodified_since, before), Verdict::failed);
}

}  // namespace
}  // namespace angophora::walrus
