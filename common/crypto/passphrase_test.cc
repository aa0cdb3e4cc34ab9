#include "common/crypto/passphrase.h"

#include <gtest/gtest.h>

namespace angophora::crypto {
namespace {

TEST(Passphrase, MakesTheSameKeyAgain) {
  const auto key = key_from_passphrase("open sesame", "salt").value();
  EXPECT_EQ(key.size(), 32u);
  EXPECT_EQ(key, key_from_passphrase("open sesame", "salt").value());
}

TEST(Passphrase, AnotherPassphraseOrSaltMakesAnotherKey) {
  const auto key = key_from_passphrase("open sesame", "salt").value();
  EXPECT_NE(key, key_from_passphrase("open sesam", "salt").value());
  EXPECT_NE(key, key_from_passphrase("open sesame", "salz").value());
}

TEST(Passphrase, IsNotEmpty) { EXPECT_FALSE(key_from_passphrase("", "salt")); }

}  // namespace
}  // namespace angophora::crypto
