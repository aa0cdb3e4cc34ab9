#include "walrus/domain/names.h"

#include <gtest/gtest.h>

#include "walrus/domain/s3_errors.h"

namespace angophora::walrus {
namespace {

TEST(BucketName, FollowsAmazonsRules) {
  for (const auto* good :
       {"abc", "a-b", "my.bucket", "1ab", "x23456789012345678901234567890123456789"})
    EXPECT_TRUE(is_bucket_name(good)) << good;
  for (const auto* bad : {"", "ab", "Abc", "a_b", "-ab", "ab-", "a..b", "a.-b", "a-.b", ".ab",
                          "ab.", "192.168.5.4", "a/b"})
    EXPECT_FALSE(is_bucket_name(bad)) << bad;
  EXPECT_TRUE(is_bucket_name(std::string(63, 'a')));
  EXPECT_FALSE(is_bucket_name(std::string(64, 'a')));
}

TEST(ParseTarget, ReadsPathStyle) {
  EXPECT_EQ(parse_target("h:8776", "/", "").value(), (Target{"", ""}));
  EXPECT_EQ(parse_target("h:8776", "/b", "").value(), (Target{"b", ""}));
  EXPECT_EQ(parse_target("h:8776", "/b/", "").value(), (Target{"b", ""}));
  EXPECT_EQ(parse_target("h:8776", "/b/k%20e/y//", "").value(), (Target{"b", "k e/y//"}));
  EXPECT_EQ(parse_target("h:8776", "/b//k", "").value(), (Target{"b", "/k"}));
}

TEST(ParseTarget, ReadsVirtualHostStyle) {
  EXPECT_EQ(parse_target("b.s3.test:8776", "/k/l", "s3.test").value(), (Target{"b", "k/l"}));
  EXPECT_EQ(parse_target("my.b.S3.test", "/", "s3.test").value(), (Target{"my.b", ""}));
  EXPECT_EQ(parse_target("s3.test", "/b/k", "s3.test").value(), (Target{"b", "k"}));
  EXPECT_EQ(parse_target("xs3.test", "/b/k", "s3.test").value(), (Target{"b", "k"}));
}

TEST(ParseTarget, RefusesBrokenEscapesAndBytesThatAreNotUtf8) {
  EXPECT_EQ(parse_target("h", "/b/%zz", "").error().code, S3Errc::invalid_uri);
  EXPECT_EQ(parse_target("h", "/b/%ff", "").error().code, S3Errc::invalid_uri);
}

TEST(CopySource, ReadsAllFormsThatClientsSend) {
  EXPECT_EQ(parse_copy_source("/b/k").value(), (CopySource{"b", "k", ""}));
  EXPECT_EQ(parse_copy_source("b/k%20x?versionId=null").value(), (CopySource{"b", "k x", "null"}));
  EXPECT_EQ(parse_copy_source("b%2Fk").value(), (CopySource{"b", "k", ""}));
  EXPECT_EQ(parse_copy_source("b/k?x").value(), (CopySource{"b", "k?x", ""}));
  EXPECT_EQ(parse_copy_source("b").error().code, S3Errc::invalid_argument);
  EXPECT_EQ(parse_copy_source("b/k?versionId=7").value(), (CopySource{"b", "k", "7"}));
  EXPECT_EQ(parse_copy_source("b/k?versionId=").error().code, S3Errc::invalid_argument);
}

}  // namespace
}  // namespace angophora::walrus
