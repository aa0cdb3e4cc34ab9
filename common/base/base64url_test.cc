#include "common/base/base64url.h"

#include <gtest/gtest.h>

namespace angophora::common {
namespace {

TEST(Base64Url, HasNeitherPaddingNorWhatAnAddressSpoils) {
  EXPECT_EQ(base64url_encode("\xfb\xff"), "-_8");
  EXPECT_EQ(base64url_encode(""), "");
  for (const std::string bytes : {"", "a", "ab", "abc", "\xff\xfe\xfd\xfc"})
    EXPECT_EQ(base64url_decode(base64url_encode(bytes)), bytes);
}

TEST(Base64Url, RefusesWhatItNeverMakes) {
  EXPECT_FALSE(base64url_decode("a"));
  EXPECT_FALSE(base64url_decode("ab!d"));
}

}  // namespace
}  // namespace angophora::common
