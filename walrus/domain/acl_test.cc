#include "walrus/domain/acl.h"

#include <gmock/gmock.h>

#include "walrus/domain/s3_errors.h"

namespace angophora::walrus {
namespace {

const Asker kOwner{"owner"}, kOther{"other"}, kNobody{""};

Acl canned(std::string_view name) { return *canned_acl(name, "owner", "bucket-owner"); }

TEST(Acl, PrivateLetsOnlyTheOwnerIn) {
  const auto acl = canned("private");
  EXPECT_TRUE(allows(acl, kOwner, Permission::read));
  EXPECT_TRUE(allows(acl, kOwner, Permission::write_acp));
  EXPECT_FALSE(allows(acl, kOther, Permission::read));
  EXPECT_FALSE(allows(acl, kNobody, Permission::read));
}

TEST(Acl, PublicReadLetsEverybodyReadAndNobodyWrite) {
  const auto acl = canned("public-read");
  EXPECT_TRUE(allows(acl, kNobody, Permission::read));
  EXPECT_FALSE(allows(acl, kNobody, Permission::write));
  EXPECT_FALSE(allows(acl, kOther, Permission::read_acp));
}

TEST(Acl, AuthenticatedReadRefusesAnonymousRequests) {
  const auto acl = canned("authenticated-read");
  EXPECT_TRUE(allows(acl, kOther, Permission::read));
  EXPECT_FALSE(allows(acl, kNobody, Permission::read));
}

TEST(Acl, BundlesAreReadableByTheCloudAloneUnderAwsExecRead) {
  const auto acl = canned("aws-exec-read");
  EXPECT_FALSE(allows(acl, kOther, Permission::read));
  EXPECT_TRUE(allows_image_read(acl, kOther));
  EXPECT_FALSE(allows_image_read(canned("private"), kOther));
  EXPECT_TRUE(allows_image_read(canned("private"), kOwner));
}

TEST(Acl, BucketOwnerGetsWhatTheCannedNameSays) {
  EXPECT_TRUE(allows(canned("bucket-owner-read"), Asker{"bucket-owner"}, Permission::read));
  EXPECT_FALSE(allows(canned("bucket-owner-read"), Asker{"bucket-owner"}, Permission::write_acp));
  EXPECT_TRUE(
      allows(canned("bucket-owner-full-control"), Asker{"bucket-owner"}, Permission::write_acp));
}

TEST(Acl, UnknownCannedNameIsNone) { EXPECT_FALSE(canned_acl("publicread", "o", "b")); }

TEST(Acl, AnEmptyOwnerIsNotAnAnonymousAsker) {
  EXPECT_FALSE(allows(Acl{}, kNobody, Permission::read));
}

TEST(Acl, ReadsGrantHeaders) {
  const auto grants = parse_grant_header(
      "id=\"abc\", uri=\"http://acs.amazonaws.com/groups/global/AllUsers\"", Permission::read);
  ASSERT_TRUE(grants);
  EXPECT_THAT(grants.value(),
              testing::ElementsAre(Grant{false, "abc", Permission::read},
                                   Grant{true, std::string(kAllUsers), Permission::read}));
}

TEST(Acl, RefusesGrantHeadersThatDoNotRead) {
  EXPECT_EQ(parse_grant_header("abc", Permission::read).error().code, S3Errc::invalid_argument);
  EXPECT_EQ(parse_grant_header("uri=\"http://x\"", Permission::read).error().code,
            S3Errc::invalid_argument);
  EXPECT_EQ(parse_grant_header("emailAddress=\"a@b\"", Permission::read).error().code,
            S3Errc::unresolvable_grant_by_email);
}

TEST(Acl, IsTheSameAfterStoring) {
  for (const auto* name : {"private", "public-read-write", "aws-exec-read", "bucket-owner-read"})
    EXPECT_EQ(load_acl(store_acl(canned(name))).value(), canned(name)) << name;
  EXPECT_FALSE(load_acl("owner\nnonsense"));
}

}  // namespace
}  // namespace angophora::walrus
