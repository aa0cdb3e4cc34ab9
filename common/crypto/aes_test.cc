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

TEST(AesCtr, BeginsAtAnyByte) {
  const std::string key(32, 'k');
  const auto iv = std::string(15, '\xff') + '\xf0';  // the counter carries over
  std::string whole(1000, '\0');
  for (std::size_t i = 0; i < whole.size(); ++i) whole[i] = static_cast<char>(i);
  auto sealed = whole;
  AesCtr::make(key, iv, 0).value().apply(sealed.data(), sealed.size());
  EXPECT_NE(sealed, whole);
  for (const std::size_t from : {0u, 1u, 15u, 16u, 17u, 300u, 999u}) {
    auto piece = sealed.substr(from);
    AesCtr::make(key, iv, from).value().apply(piece.data(), piece.size());
    EXPECT_EQ(piece, whole.substr(from)) << from;
  }
}

TEST(AesCtr, EncryptsAsPublished) {
  // NIST SP 800-38A, F.5.5.
  const auto hex = [](std::string_view text) { return *common::hex_decode(text); };
  auto block = hex("6bc1bee22e409f96e93d7e117393172a");
  AesCtr::make(hex("603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4"),
               hex("f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff"), 0)
      .value()
      .apply(block.data(), block.size());
  EXPECT_EQ(common::hex_encode(block), "601ec313775789a5b7a7f504bbf3d228");
}

TEST(AesCtr, RefusesKeysOfAnotherSize) {
  EXPECT_FALSE(AesCtr::make("short", std::string(16, 'i'), 0));
  EXPECT_FALSE(AesCtr::make(std::string(32, 'k'), "short", 0));
}

}  // namespace
}  // namespace angophora::crypto
