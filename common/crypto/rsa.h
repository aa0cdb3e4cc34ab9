// RSA keys: make, keep, sign, verify, encrypt, decrypt. A key is a handle: copies are cheap and
// share the key, which never changes. Any thread; operations with a private key take some hundred
// microseconds and generation tens of milliseconds, so both belong on the pool.
//
// Errors: Errc::corrupt for text or bytes that are not such a key, and for what does not decrypt;
// Errc::invalid_argument for sizes that do not fit the key; Errc::internal for the library's.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "common/base/result.h"

struct evp_pkey_st;

namespace angophora::crypto {

using common::Result;

enum class SignatureHash { sha1, sha256 };  // PKCS#1 v1.5 signatures; sha1 for old clients only

class PublicKey {
 public:
  static Result<PublicKey> from_pem(std::string_view pem);  // BEGIN PUBLIC KEY
  static Result<PublicKey> from_der(std::string_view der);  // SubjectPublicKeyInfo
  // From the raw modulus and exponent, big endian, as an ssh-rsa line holds them.
  static Result<PublicKey> from_rsa_numbers(std::string_view modulus, std::string_view exponent);

  std::string pem() const;
  std::string der() const;  // SubjectPublicKeyInfo
  bool is_rsa() const;
  int bits() const;

  // True when `signature` (raw bytes) is one of `data` by this key.
  bool verify(SignatureHash hash, std::string_view data, std::string_view signature) const;
  // OAEP with SHA-256 for both hash and mask.
  Result<std::string> encrypt_oaep(std::string_view plain) const;
  // PKCS#1 v1.5; image bundles ask for it.
  Result<std::string> encrypt_pkcs1v15(std::string_view plain) const;

  explicit PublicKey(std::shared_ptr<evp_pkey_st> key) : key_(std::move(key)) {}
  evp_pkey_st* handle() const { return key_.get(); }

 private:
  std::shared_ptr<evp_pkey_st> key_;
};

class PrivateKey {
 public:
  // Makes a new RSA key; slow.
  static Result<PrivateKey> generate(int bits = 2048);
  // BEGIN PRIVATE KEY (PKCS#8) or BEGIN RSA PRIVATE KEY; never asks for a password.
  static Result<PrivateKey> from_pem(std::string_view pem);
  static Result<PrivateKey> from_der(std::string_view der);  // PKCS#8 or PKCS#1

  std::string pem() const;              // PKCS#8
  std::string traditional_pem() const;  // BEGIN RSA PRIVATE KEY, as EC2 hands out
  std::string pkcs8_der() const;
  PublicKey public_key() const;
  int bits() const;

  Result<std::string> sign(SignatureHash hash, std::string_view data) const;
  Result<std::string> decrypt_oaep(std::string_view cipher) const;
  // Opens PKCS#1 v1.5 to exactly `plain_bytes` bytes. Whatever is wrong with the padding or the
  // length, the answer is `plain_bytes` bytes that look random and are always the same for this
  // key and cipher, found in the same time: no padding oracle. The caller notices when what he
  // opens with them is junk. Only a cipher of another size than the key's fails (invalid_argument).
  Result<std::string> decrypt_pkcs1v15(std::string_view cipher, std::size_t plain_bytes) const;

  explicit PrivateKey(std::shared_ptr<evp_pkey_st> key) : key_(std::move(key)) {}
  evp_pkey_st* handle() const { return key_.get(); }

 private:
  std::shared_ptr<evp_pkey_st> key_;
};

}  // namespace angophora::crypto
