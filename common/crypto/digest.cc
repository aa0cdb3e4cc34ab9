#include "common/crypto/digest.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <new>
#include <utility>

#include "common/base/encoding.h"

namespace angophora::crypto {
namespace {

const EVP_MD* method(DigestKind kind) {
  switch (kind) {
    case DigestKind::md5:
      return EVP_md5();
    case DigestKind::sha1:
      return EVP_sha1();
    case DigestKind::sha256:
      break;
  }
  return EVP_sha256();
}

std::string hmac(const EVP_MD* kind, std::string_view key, std::string_view bytes) {
  unsigned char out[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  // A null key would mean "the key of before".
  const char* start = key.data() ? key.data() : "";
  HMAC(kind, start, static_cast<int>(key.size()),
       reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), out, &size);
  return std::string(reinterpret_cast<char*>(out), size);
}

}  // namespace

Digest::Digest(DigestKind kind) : kind_(kind), context_(EVP_MD_CTX_new()) {
  if (!context_) throw std::bad_alloc();
  EVP_DigestInit_ex(context_, method(kind_), nullptr);
}

Digest::Digest(const Digest& other) : kind_(other.kind_), context_(EVP_MD_CTX_new()) {
  if (!context_) throw std::bad_alloc();
  EVP_MD_CTX_copy_ex(context_, other.context_);
}

Digest& Digest::operator=(const Digest& other) {
  Digest copy(other);
  return *this = std::move(copy);
}

Digest::Digest(Digest&& other) noexcept
    : kind_(other.kind_), context_(std::exchange(other.context_, nullptr)) {}

Digest& Digest::operator=(Digest&& other) noexcept {
  std::swap(kind_, other.kind_);
  std::swap(context_, other.context_);
  return *this;
}

Digest::~Digest() { EVP_MD_CTX_free(context_); }

Digest& Digest::update(std::string_view bytes) {
  EVP_DigestUpdate(context_, bytes.data(), bytes.size());
  return *this;
}

std::string Digest::finish() {
  unsigned char out[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  EVP_DigestFinal_ex(context_, out, &size);
  EVP_DigestInit_ex(context_, method(kind_), nullptr);
  return std::string(reinterpret_cast<char*>(out), size);
}

std::string Digest::finish_hex() { return common::hex_encode(finish()); }

std::string digest(DigestKind kind, std::string_view bytes) {
  unsigned char out[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  EVP_Digest(bytes.data(), bytes.size(), out, &size, method(kind), nullptr);
  return std::string(reinterpret_cast<char*>(out), size);
}

std::string md5(std::string_view bytes) { return digest(DigestKind::md5, bytes); }
std::string sha1(std::string_view bytes) { return digest(DigestKind::sha1, bytes); }
std::string sha256(std::string_view bytes) { return digest(DigestKind::sha256, bytes); }
std::string sha256_hex(std::string_view bytes) { return common::hex_encode(sha256(bytes)); }

std::string hmac_sha1(std::string_view key, std::string_view bytes) {
  return hmac(EVP_sha1(), key, bytes);
}
std::string hmac_sha256(std::string_view key, std::string_view bytes) {
  return hmac(EVP_sha256(), key, bytes);
}

}  // namespace angophora::crypto
