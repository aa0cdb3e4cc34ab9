#include "common/base/encoding.h"

#include <gtest/gtest.h>

namespace angophora::common {
namespace {

TEST(Hex, RoundTripsEveryByte) {
  std::string bytes;
  for (int i = 0; i < 256; ++i) bytes.push_back(static_cast<char>(i));
  EXPECT_EQ(hex_decode(hex_encode(bytes)), bytes);
}

TEST(Hex, RefusesOddLengthAndOtherLetters) {
  EXPECT_FALSE(hex_decode("abc"));
  EXPECT_FALSE(hex_decode("zz"));
}

TEST(Base64, KnowsTheVectorsOfRfc4648) {
  const std::pair<const char*, const char*> vectors[] = {{"", ""},
                                                         {"f", "Zg=="},
                                                         {"fo", "Zm8="},
                                                         {"foo", "Zm9v"},
                                                         {"foob", "Zm9vYg=="},
                                                         {"fooba", "Zm9vYmE="},
                                                         {"foobar", "Zm9vYmFy"}};
  for (const auto& [plain, text] : vectors) {
    EXPECT_EQ(base64_encode(plain), text);
    EXPECT_EQ(base64_decode(text), plain);
  }
}

TEST(Base64, SkipsLineEndsThatClientsAdd) {
  EXPECT_EQ(base64_decode("Zm9v\r\nYmFy\r\n"), "foobar");
}

TEST(Base64, RefusesBadPaddingAndAlphabet) {
  for (const char* text : {"Zg", "Zg=", "Zg===", "Z", "Zm9v=", "Zg==Zg==", "Zm9*"})
    EXPECT_FALSE(base64_decode(text)) << text;
}

TEST(Percent, EncodesAsAwsSigns) {
  EXPECT_EQ(percent_encode("a b/~*+é"), "a%20b%2F~%2A%2B%C3%A9");
  EXPECT_EQ(percent_encode("a/b", true), "a/b");
}

TEST(Percent, DecodesAndRefusesBrokenEscapes) {
  EXPECT_EQ(percent_decode("a%20b+c"), "a b+c");
  EXPECT_EQ(percent_decode("a+b", true), "a b");
  EXPECT_FALSE(percent_decode("%2"));
  EXPECT_FALSE(percent_decode("%zz"));
}

TEST(EqualConstantTime, ComparesContentAndLength) {
  EXPECT_TRUE(equal_constant_time("abc", "abc"));
  EXPECT_FALSE(equal_constant_time("abc", "abd"));
  EXPECT_FALSE(equal_constant_time("abc", "ab"));
}

}  // namespace
}  // namespace angophora::common
