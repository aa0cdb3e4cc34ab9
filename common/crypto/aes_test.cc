#include "common/crypto/aes.h"

#include <gtest/gtest.h>

#include "common/base/encoding.h"

namespace angophora::crypto {
namespace {

using common::Errc;

std::string bytes(const char* hex) { return *common::hex_decode(hex); }
const std::string kKey = bytes("2b7e151628aed2a6abf7158809cf4f3c");
const std::string kIv = bytes("000102030405060708090a0b0c0d0e0f");

TEST(AesCbc, KnowsTheVectorOfSp80038a) {
  std::string cipher;
  auto aes = AesCbc::encryptor(kKey, kIv).assume_value();
  ASSERT_TRUE(aes.update(bytes("6bc1bee22e409f96e93d7e117393172a"), cipher));
  EXPECT_EQ(common::hex_encode(cipher), "7649abac8119b246cee98e9b12e9197d");
  ASSERT_TRUE(aes.finish(cipher));
  EXPECT_EQ(cipher.size(), 32u) << "a whole block of padding follows a whole block";
}

TEST(AesCbc, DecryptsInPiecesOfAnySize) {
  std::string plain;
  for (int i = 0; i < 1000; ++i) plain += static_cast<char>(i * 7);
  std::string cipher;
  auto encryptor = AesCbc::encryptor(kKey, kIv).assume_value();
  ASSERT_TRUE(encryptor.update(plain, cipher));
  ASSERT_TRUE(encryptor.finish(cipher));
  for (std::size_t step : {1u, 7u, 16u, 17u, 999u}) {
    std::string back;
    auto decryptor = AesCbc::decryptor(kKey, kIv).assume_value();
    for (std::size_t at = 0; at < cipher.size(); at += step)
      ASSERT_TRUE(decryptor.update(std::string_view(cipher).substr(at, step), back));
    ASSERT_TRUE(decryptor.finish(back));
    EXPECT_EQ(back, plain);
  }
}

TEST(AesCbc, RefusesACutOffCipherAndAWrongKey) {
  std::string cipher, back;
  auto encryptor = AesCbc::encryptor(kKey, kIv).assume_value();
  ASSERT_TRUE(encryptor.update("some text", cipher));
  ASSERT_TRUE(encryptor.finish(cipher));
  auto cut = AesCbc::decryptor(kKey, kIv).assume_value();
  ASSERT_TRUE(cut.update(std::string_view(cipher).substr(0, 10), back));
  EXPECT_EQ(cut.finish(back).assume_error().code, Errc::corrupt);
  EXPECT_FALSE(AesCbc::decryptor("short", kIv));
  EXPECT_FALSE(AesCbc::decryptor(kKey, "short"));
}

TEST(Seal, OpensWithTheSameKeyAndContextOnly) {
  const std::string key(kGcmKeyBytes, 'k'), nonce(kGcmNonceBytes, 'n');
  const auto sealed = seal(key, nonce, "the secret", "row 7").assume_value();
  EXPECT_EQ(open(key, sealed, "row 7").assume_value(), "the secret");
  EXPECT_EQ(open(key, sealed, "row 8").assume_error().code, Errc::corrupt);
  EXPECT_EQ(open(std::string(kGcmKeyBytes, 'x'), sealed, "row 7").assume_error().code,
            Errc::corrupt);
}

TEST(Seal, NoticesEveryAlteredByte) {
  const std::string key(kGcmKeyBytes, 'k'), nonce(kGcmNonceBytes, 'n');
  const auto sealed = seal(key, nonce, "the secret", "").assume_value();
  for (std::size_t i = 0; i < sealed.size(); ++i) {
    auto altered = sealed;
    altered[i] = static_cast<char>(altered[i] ^ 1);
    EXPECT_FALSE(open(key, altered, "")) << i;
  }
  for (std::size_t size = 0; size < sealed.size(); ++size)
    EXPECT_FALSE(open(key, sealed.substr(0, size), ""));
}

TEST(Seal, HoldsAnEmptySecret) {
  const std::string key(kGcmKeyBytes, 'k'), nonce(kGcmNonceBytes, 'n');
  EXPECT_EQ(open(key, seal(key, nonce, "", "").assume_value(), "").assume_value(), "");
}

}  // namespace
}  // namespace angophora::crypto
