#include "common/crypto/digest.h"

#include <gtest/gtest.h>

#include "common/base/encoding.h"
#include "common/crypto/crc.h"

namespace angophora::crypto {
namespace {

using common::hex_encode;

TEST(Digests, KnowThePublishedVectors) {
  EXPECT_EQ(hex_encode(md5("abc")), "900150983cd24fb0d6963f7d28e17f72");
  EXPECT_EQ(hex_encode(sha1("abc")), "a9993e364706816aba3e25717850c26c9cd0d89d");
  EXPECT_EQ(sha256_hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(sha256_hex(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST(Digests, TakeTheirBytesInAnyPieces) {
  Digest d(DigestKind::sha256);
  d.update("a").update("").update("bc");
  EXPECT_EQ(d.finish(), sha256("abc"));
  EXPECT_EQ(d.finish(), sha256("")) << "afresh after finish()";
}

TEST(Digests, ACopyGoesItsOwnWay) {
  Digest d(DigestKind::md5);
  d.update("ab");
  Digest other = d;
  other.update("d");
  EXPECT_EQ(d.update("c").finish(), md5("abc"));
  EXPECT_EQ(other.finish(), md5("abd"));
}

TEST(Hmac, KnowsRfc2202AndRfc4231) {
  EXPECT_EQ(hex_encode(hmac_sha1("Jefe", "what do ya want for nothing?")),
            "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79");
  EXPECT_EQ(hex_encode(hmac_sha256("Jefe", "what do ya want for nothing?")),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  EXPECT_EQ(hex_encode(hmac_sha256("", "")),
            "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
}

TEST(Crc, KnowsTheCheckValues) {
  EXPECT_EQ(crc32("123456789"), 0xCBF43926u);
  EXPECT_EQ(crc32c("123456789"), 0xE3069283u);
  EXPECT_EQ(crc64nvme("123456789"), 0xAE8B14860A799888ull);
}

TEST(Crc, GoesOnFromWhereItWas) {
  const std::string text = "The quick brown fox jumps over the lazy dog";
  for (std::size_t cut = 0; cut <= text.size(); ++cut) {
    const std::string_view head(text.data(), cut), tail(text.data() + cut, text.size() - cut);
    EXPECT_EQ(crc32(tail, crc32(head)), crc32(text));
    EXPECT_EQ(crc32c(tail, crc32c(head)), crc32c(text));
    EXPECT_EQ(crc64nvme(tail, crc64nvme(head)), crc64nvme(text));
  }
}

}  // namespace
}  // namespace angophora::crypto
