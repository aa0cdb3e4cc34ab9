#include "walrus/domain/tags.h"

#include <gtest/gtest.h>

#include "walrus/domain/encryption.h"
#include "walrus/domain/s3_errors.h"

namespace angophora::walrus {
namespace {

S3Errc refusal(std::string_view header) {
  const auto tags = parse_tagging_header(header);
  return tags ? S3Errc::none : s3_error_of(tags.error());
}

TEST(Tags, ComeInHeaders) {
  EXPECT_EQ(parse_tagging_header("b=2&a=x%26y&c").value(),
            (Tags{{"a", "x&y"}, {"b", "2"}, {"c", ""}}));
  EXPECT_TRUE(parse_tagging_header("").value().empty());
}

TEST(Tags, AreBounded) {
  EXPECT_EQ(refusal("=v"), S3Errc::invalid_tag);
  EXPECT_EQ(refusal("a=1&a=2"), S3Errc::invalid_tag);
  EXPECT_EQ(refusal(std::string(129, 'n') + "=v"), S3Errc::invalid_tag);
  EXPECT_EQ(refusal("n=" + std::string(257, 'v')), S3Errc::invalid_tag);
  EXPECT_EQ(refusal("a&b&c&d&e&f&g&h&i&j&k"), S3Errc::invalid_tag);
  EXPECT_EQ(refusal("a=%zz"), S3Errc::invalid_argument);
  EXPECT_EQ(refusal("a=%ff"), S3Errc::invalid_argument);
  std::string umlauts;
  for (int i = 0; i < 128; ++i) umlauts += "%C3%A4";
  EXPECT_EQ(refusal(umlauts + "=v"), S3Errc::none) << "characters count, not bytes";
}

TEST(Tags, AreKeptAsTheyAre) {
  const Tags tags = {{"a b", "=&%"}, {"", "\xc3\xa9"}};
  EXPECT_EQ(load_tags(store_tags(tags)).value(), tags);
  EXPECT_EQ(load_tags("%zz").error().code, common::Errc::corrupt);
}

TEST(KeptEncryption, ReadsBack) {
  const Encryption kms{Encryption::Kind::kms, "a key", "", std::string("\0\xff", 2)};
  EXPECT_EQ(load_encryption(store_encryption(kms)).value(), kms);
  const Encryption customer{Encryption::Kind::customer, "", "bWQ1", "sealed"};
  EXPECT_EQ(load_encryption(store_encryption(customer)).value(), customer);
  EXPECT_FALSE(load_encryption(store_encryption(std::nullopt)).value());
  for (const auto* bad : {"kms", "odd a b 00", "kms %zz b 00", "kms a b 0"})
    EXPECT_EQ(load_encryption(bad).error().code, common::Errc::corrupt) << bad;
}

TEST(KeptRetention, ReadsBack) {
  const Retention kept{true, common::SysTime(std::chrono::milliseconds(77))};
  EXPECT_EQ(load_retention(store_retention(kept)).value(), kept);
  EXPECT_FALSE(load_retention("").value());
  EXPECT_FALSE(load_retention("GOVERNANCE"));
}

}  // namespace
}  // namespace angophora::walrus
