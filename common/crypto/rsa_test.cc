#include "common/crypto/rsa.h"

#include <gtest/gtest.h>

#include <openssl/rsa.h>

#include "common/crypto/openssl.h"

namespace angophora::crypto {
namespace {

const PrivateKey& key() {
  static const PrivateKey made = PrivateKey::generate().assume_value();
  return made;
}

// The raw RSA operation on a block of our own making.
std::string encrypt_raw(const PublicKey& to, const std::string& block) {
  KeyContext context{EVP_PKEY_CTX_new(to.handle(), nullptr)};
  EVP_PKEY_encrypt_init(context.get());
  EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_NO_PADDING);
  std::string cipher(256, '\0');
  std::size_t size = cipher.size();
  EVP_PKEY_encrypt(context.get(), bytes_of(cipher), &size, bytes_of(block), block.size());
  return cipher;
}

TEST(Rsa, VerifiesWhatItSignedAndNothingElse) {
  for (const auto hash : {SignatureHash::sha1, SignatureHash::sha256}) {
    auto signature = key().sign(hash, "text").assume_value();
    EXPECT_TRUE(key().public_key().verify(hash, "text", signature));
    EXPECT_FALSE(key().public_key().verify(hash, "texT", signature));
    signature[5] = static_cast<char>(signature[5] ^ 1);
    EXPECT_FALSE(key().public_key().verify(hash, "text", signature));
    EXPECT_FALSE(key().public_key().verify(hash, "text", ""));
  }
  const auto sha1_signature = key().sign(SignatureHash::sha1, "text").assume_value();
  EXPECT_FALSE(key().public_key().verify(SignatureHash::sha256, "text", sha1_signature));
}

TEST(Rsa, TravelsAsPemAndDer) {
  const auto again = PrivateKey::from_pem(key().pem()).assume_value();
  EXPECT_EQ(again.pkcs8_der(), key().pkcs8_der());
  EXPECT_TRUE(key().pem().starts_with("-----BEGIN PRIVATE KEY-----"));
  EXPECT_TRUE(key().traditional_pem().starts_with("-----BEGIN RSA PRIVATE KEY-----"));
  EXPECT_EQ(PrivateKey::from_pem(key().traditional_pem()).assume_value().pkcs8_der(),
            key().pkcs8_der());
  EXPECT_EQ(PrivateKey::from_der(key().pkcs8_der()).assume_value().pem(), key().pem());
  const auto pub = PublicKey::from_pem(key().public_key().pem()).assume_value();
  EXPECT_EQ(pub.der(), key().public_key().der());
  EXPECT_EQ(PublicKey::from_der(pub.der()).assume_value().bits(), 2048);
}

TEST(Rsa, RefusesWhatIsNoKey) {
  EXPECT_FALSE(PrivateKey::from_pem(""));
  EXPECT_FALSE(
      PrivateKey::from_pem("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"));
  EXPECT_FALSE(PublicKey::from_pem(key().pem()));
  EXPECT_FALSE(PublicKey::from_der("junk"));
}

TEST(Rsa, OpensOaepButNotAlteredOaep) {
  auto cipher = key().public_key().encrypt_oaep("the key of an image").assume_value();
  EXPECT_EQ(key().decrypt_oaep(cipher).assume_value(), "the key of an image");
  cipher[9] = static_cast<char>(cipher[9] ^ 1);
  EXPECT_EQ(key().decrypt_oaep(cipher).assume_error().code, Errc::corrupt);
  EXPECT_FALSE(key().public_key().encrypt_oaep(std::string(300, 'x')));
}

TEST(RsaPkcs1, OpensWhatIsRight) {
  const std::string secret(32, 's');
  const auto cipher = key().public_key().encrypt_pkcs1v15(secret).assume_value();
  EXPECT_EQ(key().decrypt_pkcs1v15(cipher, 32).assume_value(), secret);
}

TEST(RsaPkcs1, AnswersJunkOfTheSameSizeWhateverIsWrong) {
  const std::string secret(32, 's');
  std::string good =
      std::string("\0\2", 2) + std::string(256 - 2 - 1 - 32, 'p') + std::string(1, '\0') + secret;
  ASSERT_EQ(key().decrypt_pkcs1v15(encrypt_raw(key().public_key(), good), 32).assume_value(),
            secret);
  std::vector<std::string> wrong(5, good);
  wrong[0][0] = 1;           // not below the first byte
  wrong[1][1] = 1;           // a block of a signature
  wrong[2][40] = 0;          // the padding ends early: a longer secret
  wrong[3][256 - 33] = 'x';  // the padding ends late or never
  wrong[4][2] = 0;           // no padding at all
  for (const auto& block : wrong) {
    const auto cipher = encrypt_raw(key().public_key(), block);
    const auto plain = key().decrypt_pkcs1v15(cipher, 32).assume_value();
    EXPECT_EQ(plain.size(), 32u);
    EXPECT_NE(plain, secret);
    EXPECT_EQ(plain, key().decrypt_pkcs1v15(cipher, 32).assume_value()) << "always the same";
  }
}

TEST(RsaPkcs1, TellsOnlyAboutTheSizeOfTheCipher) {
  EXPECT_EQ(key().decrypt_pkcs1v15("short", 32).assume_error().code, Errc::invalid_argument);
  EXPECT_EQ(key().decrypt_pkcs1v15(std::string(256, '\xff'), 32).assume_value().size(), 32u);
}

}  // namespace
}  // namespace angophora::crypto
