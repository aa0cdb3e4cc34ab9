#include "common/crypto/aes.h"

#include <algorithm>
#include <utility>

#include "common/crypto/openssl.h"

namespace angophora::crypto {
namespace {

constexpr std::size_t kCbcBytes = 16;
constexpr std::size_t kTagBytes = 16;
constexpr std::size_t kStepBytes = 1 << 30;  // OpenSSL counts in int
using CipherContext = std::unique_ptr<EVP_CIPHER_CTX, GiveBack<EVP_CIPHER_CTX_free>>;

Result<> check_size(const char* what, std::string_view bytes, std::size_t wanted) {
  if (bytes.size() == wanted) return common::ok();
  return Error(Errc::invalid_argument, std::string(what) + " has " + std::to_string(bytes.size()) +
                                           " bytes instead of " + std::to_string(wanted));
}

}  // namespace

AesCbc::AesCbc(std::string_view key, std::string_view iv, bool encrypt)
    : context_(EVP_CIPHER_CTX_new()) {
  if (!context_) throw std::bad_alloc();
  EVP_CipherInit_ex(context_, EVP_aes_128_cbc(), nullptr, bytes_of(key), bytes_of(iv), encrypt);
}

AesCbc::AesCbc(AesCbc&& other) noexcept : context_(std::exchange(other.context_, nullptr)) {}

AesCbc& AesCbc::operator=(AesCbc&& other) noexcept {
  std::swap(context_, other.context_);
  return *this;
}

AesCbc::~AesCbc() { EVP_CIPHER_CTX_free(context_); }

Result<AesCbc> AesCbc::encryptor(std::string_view key, std::string_view iv) {
  TRY_VOID(check_size("the AES key", key, kCbcBytes));
  TRY_VOID(check_size("the AES initialisation vector", iv, kCbcBytes));
  return AesCbc(key, iv, true);
}

Result<AesCbc> AesCbc::decryptor(std::string_view key, std::string_view iv) {
  TRY_VOID(check_size("the AES key", key, kCbcBytes));
  TRY_VOID(check_size("the AES initialisation vector", iv, kCbcBytes));
  return AesCbc(key, iv, false);
}

Result<> AesCbc::update(std::string_view bytes, std::string& out) {
  while (!bytes.empty()) {
    const auto step = bytes.substr(0, kStepBytes);
    const std::size_t before = out.size();
    out.resize(before + step.size() + kCbcBytes);
    int made = 0;
    if (EVP_CipherUpdate(context_, bytes_of(out) + before, &made, bytes_of(step),
                         static_cast<int>(step.size())) != 1) {
      out.resize(before);
      return openssl_error(Errc::internal, "AES-CBC");
    }
    out.resize(before + static_cast<std::size_t>(made));
    bytes.remove_prefix(step.size());
  }
  return common::ok();
}

Result<> AesCbc::finish(std::string& out) {
  const std::size_t before = out.size();
  out.resize(before + kCbcBytes);
  int made = 0;
  if (EVP_CipherFinal_ex(context_, bytes_of(out) + before, &made) != 1) {
    out.resize(before);
    return openssl_error(Errc::corrupt, "the encrypted data does not end as AES-CBC must");
  }
  out.resize(before + static_cast<std::size_t>(made));
  return common::ok();
}

Result<std::string> seal(std::string_view key, std::string_view nonce, std::string_view plain,
                         std::string_view context) {
  TRY_VOID(check_size("the sealing key", key, kGcmKeyBytes));
  TRY_VOID(check_size("the nonce", nonce, kGcmNonceBytes));
  if (std::max(plain.size(), context.size()) > kStepBytes)
    return Error(Errc::limit_exceeded, "too much to seal at once");
  CipherContext cipher{EVP_CIPHER_CTX_new()};
  std::string sealed(nonce);
  sealed.resize(kGcmNonceBytes + plain.size() + kTagBytes);
  auto* body = bytes_of(sealed) + kGcmNonceBytes;
  int made = 0, rest = 0;
  const bool done =
      cipher &&
      EVP_EncryptInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr, bytes_of(key),
                         bytes_of(nonce)) == 1 &&
      EVP_EncryptUpdate(cipher.get(), nullptr, &made, bytes_of(context),
                        static_cast<int>(context.size())) == 1 &&
      EVP_EncryptUpdate(cipher.get(), body, &made, bytes_of(plain),
                        static_cast<int>(plain.size())) == 1 &&
      EVP_EncryptFinal_ex(cipher.get(), body + made, &rest) == 1 &&
      EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_GET_TAG, kTagBytes, body + plain.size()) == 1;
  if (!done) return openssl_error(Errc::internal, "sealing a secret");
  return sealed;
}

Result<std::string> open(std::string_view key, std::string_view sealed, std::string_view context) {
  TRY_VOID(check_size("the sealing key", key, kGcmKeyBytes));
  if (sealed.size() < kGcmNonceBytes + kTagBytes || sealed.size() > kStepBytes)
    return Error(Errc::corrupt, "the sealed secret is cut off");
  const auto nonce = sealed.substr(0, kGcmNonceBytes);
  const auto body = sealed.substr(kGcmNonceBytes, sealed.size() - kGcmNonceBytes - kTagBytes);
  std::string tag(sealed.substr(sealed.size() - kTagBytes));
  CipherContext cipher{EVP_CIPHER_CTX_new()};
  std::string plain(body.size(), '\0');
  int made = 0, rest = 0;
  const bool done =
      cipher &&
      EVP_DecryptInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr, bytes_of(key),
                         bytes_of(nonce)) == 1 &&
      EVP_DecryptUpdate(cipher.get(), nullptr, &made, bytes_of(context),
                        static_cast<int>(context.size())) == 1 &&
      EVP_DecryptUpdate(cipher.get(), bytes_of(plain), &made, bytes_of(body),
                        static_cast<int>(body.size())) == 1 &&
      EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_SET_TAG, kTagBytes, tag.data()) == 1 &&
      EVP_DecryptFinal_ex(cipher.get(), bytes_of(plain) + made, &rest) == 1;
  if (!done) return openssl_error(Errc::corrupt, "the sealed secret does not open with this key");
  return plain;
}

AesCtr::AesCtr(std::string_view key, std::string_view iv) : context_(EVP_CIPHER_CTX_new()) {
  if (!context_) throw std::bad_alloc();
  EVP_CipherInit_ex(context_, EVP_aes_256_ctr(), nullptr, bytes_of(key), bytes_of(iv), 1);
}

AesCtr::AesCtr(AesCtr&& other) noexcept : context_(std::exchange(other.context_, nullptr)) {}

AesCtr& AesCtr::operator=(AesCtr&& other) noexcept {
  std::swap(context_, other.context_);
  return *this;
}

AesCtr::~AesCtr() { EVP_CIPHER_CTX_free(context_); }

Result<AesCtr> AesCtr::make(std::string_view key, std::string_view iv, std::uint64_t offset) {
  TRY_VOID(check_size("the AES key", key, kGcmKeyBytes));
  TRY_VOID(check_size("the AES initialisation vector", iv, kCbcBytes));
  // The counter is the IV as a big number; it moves on by one for each block.
  std::string counter(iv);
  auto carry = offset / kCbcBytes;
  for (std::size_t i = kCbcBytes; i-- > 0 && carry;) {
    carry += static_cast<unsigned char>(counter[i]);
    counter[i] = static_cast<char>(carry);
    carry >>= 8;
  }
  AesCtr cipher(key, counter);
  std::string skipped(offset % kCbcBytes, '\0');
  cipher.apply(skipped.data(), skipped.size());
  return cipher;
}

void AesCtr::apply(char* bytes, std::size_t size) {
  auto* at = reinterpret_cast<unsigned char*>(bytes);
  while (size > 0) {
    const auto step = static_cast<int>(std::min(size, kStepBytes));
    int made = 0;
    // Counter mode cannot fail once it has a key.
    EVP_CipherUpdate(context_, at, &made, at, step);
    at += step;
    size -= static_cast<std::size_t>(step);
  }
}

}  // namespace angophora::crypto
