#include "common/crypto/passphrase.h"

#include "common/crypto/aes.h"
#include "common/crypto/openssl.h"

namespace angophora::crypto {

common::Result<std::string> key_from_passphrase(std::string_view passphrase,
                                                std::string_view salt) {
  if (passphrase.empty()) return Error(Errc::invalid_argument, "the passphrase is empty");
  constexpr std::uint64_t kN = 32768, kR = 8, kP = 1, kMemoryMax = 64u << 20;
  std::string key(kGcmKeyBytes, '\0');
  const int made = EVP_PBE_scrypt(passphrase.data(), passphrase.size(), bytes_of(salt), salt.size(),
                                  kN, kR, kP, kMemoryMax, bytes_of(key), key.size());
  if (made != 1) return openssl_error(Errc::internal, "making a key from a passphrase");
  return key;
}

}  // namespace angophora::crypto
