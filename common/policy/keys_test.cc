#include "common/policy/keys.h"

#include <gtest/gtest.h>

namespace angophora::policy {
namespace {

TEST(Keys, AreThoseOfTheTable) {
  EXPECT_EQ(find_key("aws:username"), KeyKind::single);
  EXPECT_EQ(find_key("aws:tagkeys"), KeyKind::many);
  EXPECT_EQ(find_key("ec2:quota-vminstancenumber"), KeyKind::quota);
  for (const auto* key :
       {"", "aws:", "aws:user", "username", "ec2:", "aws:username/x", "s3:prefix/"})
    EXPECT_EQ(find_key(key), std::nullopt) << key;
}

TEST(Keys, EndInTheNameOfATag) {
  EXPECT_EQ(find_key("aws:requesttag/cost center/2026"), KeyKind::single);
  EXPECT_EQ(find_key("aws:requesttag/"), std::nullopt);
  EXPECT_EQ(find_key("aws:requesttag"), std::nullopt);
}

TEST(Keys, AreClaimsOfIdentityProviders) {
  for (const auto* key : {"accounts.google.com:sub", "login.example.com/realms/x:aud",
                          "127.0.0.1:8443/x:sub", "localhost:8080/auth/realms/demo:app_id"})
    EXPECT_EQ(find_key(key), KeyKind::single) << key;
  EXPECT_EQ(find_key("login.example.com:amr"), KeyKind::many);
  for (const auto* key :
       {"login.example.com:color", "google:sub", "path/login.example.com:sub", "a.b*:sub", ".com"})
    EXPECT_EQ(find_key(key), std::nullopt) << key;
}

TEST(Keys, HaveNeighboursToOffer) {
  EXPECT_EQ(nearest_key("aws:sourceipp"), "aws:SourceIp");
  EXPECT_EQ(nearest_key("kms:viaservice"), "");
  EXPECT_EQ(nearest_key(std::string(10'000, 'a')), "");
}

}  // namespace
}  // namespace angophora::policy
