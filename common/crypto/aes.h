// AES as the cloud uses it: CBC for image bundles (the format asks for it), GCM for our own
// secrets.
//
// Errors: Errc::invalid_argument for a key, IV or nonce of the wrong size; Errc::corrupt for bytes
// that do not decrypt.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "common/base/result.h"

struct evp_cipher_ctx_st;

namespace angophora::crypto {

using common::Result;

// AES-128-CBC with PKCS#7 padding over bytes that come in pieces. Not authenticated: what it
// decrypts must be checked by a digest. One thread at a time.
class AesCbc {
 public:
  // Key and IV are 16 raw bytes each.
  static Result<AesCbc> encryptor(std::string_view key, std::string_view iv);
  static Result<AesCbc> decryptor(std::string_view key, std::string_view iv);

  // Appends what `bytes` yields to `out`.
  Result<> update(std::string_view bytes, std::string& out);
  // Appends the last block; a decryptor checks the padding. The object is used up.
  Result<> finish(std::string& out);

  AesCbc(AesCbc&&) noexcept;
  AesCbc& operator=(AesCbc&&) noexcept;
  ~AesCbc();

 private:
  AesCbc(std::string_view key, std::string_view iv, bool encrypt);
  evp_cipher_ctx_st* context_;
};

// AES-256-CTR: the same operation encrypts and decrypts, and may begin at any byte. Not
// authenticated. A key and IV serve one stream of bytes only. One thread at a time.
class AesCtr {
 public:
  // 32 and 16 raw bytes; `offset` is that of the first byte that comes.
  static Result<AesCtr> make(std::string_view key, std::string_view iv, std::uint64_t offset);
  void apply(char* bytes, std::size_t size);

  AesCtr(AesCtr&&) noexcept;
  AesCtr& operator=(AesCtr&&) noexcept;
  ~AesCtr();

 private:
  AesCtr(std::string_view key, std::string_view iv);
  evp_cipher_ctx_st* context_;
};

inline constexpr std::size_t kGcmKeyBytes = 32;
inline constexpr std::size_t kGcmNonceBytes = 12;

// AES-256-GCM: nonce, ciphertext and tag in one string. `nonce` is 12 bytes that were never used
// with this key before (Runtime::random_bytes). `context` is not stored: open() needs the same
// again, so that a secret sealed for one row cannot be moved to another.
Result<std::string> seal(std::string_view key, std::string_view nonce, std::string_view plain,
                         std::string_view context);
Result<std::string> open(std::string_view key, std::string_view sealed, std::string_view context);

}  // namespace angophora::crypto
