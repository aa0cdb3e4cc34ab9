#include "common/crypto/rsa.h"

#include <openssl/core_names.h>
#include <openssl/decoder.h>
#include <openssl/encoder.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>

#include "common/crypto/digest.h"
#include "common/crypto/openssl.h"

namespace angophora::crypto {
namespace {

const EVP_MD* method(SignatureHash hash) {
  return hash == SignatureHash::sha1 ? EVP_sha1() : EVP_sha256();
}

Result<> use_padding(EVP_PKEY_CTX* context, int padding) {
  bool done = EVP_PKEY_CTX_set_rsa_padding(context, padding) == 1;
  if (done && padding == RSA_PKCS1_OAEP_PADDING)
    done = EVP_PKEY_CTX_set_rsa_oaep_md(context, EVP_sha256()) == 1 &&
           EVP_PKEY_CTX_set_rsa_mgf1_md(context, EVP_sha256()) == 1;
  if (!done) return openssl_error(Errc::internal, "choosing an RSA padding");
  return common::ok();
}

Result<std::string> encrypt(EVP_PKEY* key, int padding, std::string_view plain) {
  KeyContext context{EVP_PKEY_CTX_new(key, nullptr)};
  if (!context || EVP_PKEY_encrypt_init(context.get()) != 1)
    return openssl_error(Errc::internal, "starting RSA encryption");
  TRY_VOID(use_padding(context.get(), padding));
  std::string cipher(static_cast<std::size_t>(EVP_PKEY_get_size(key)), '\0');
  std::size_t size = cipher.size();
  if (EVP_PKEY_encrypt(context.get(), bytes_of(cipher), &size, bytes_of(plain), plain.size()) != 1)
    return openssl_error(Errc::invalid_argument, "RSA encryption");
  cipher.resize(size);
  return cipher;
}

Result<std::string> decrypt(EVP_PKEY* key, int padding, std::string_view cipher) {
  KeyContext context{EVP_PKEY_CTX_new(key, nullptr)};
  if (!context || EVP_PKEY_decrypt_init(context.get()) != 1)
    return openssl_error(Errc::internal, "starting RSA decryption");
  TRY_VOID(use_padding(context.get(), padding));
  std::string plain(static_cast<std::size_t>(EVP_PKEY_get_size(key)), '\0');
  std::size_t size = plain.size();
  if (EVP_PKEY_decrypt(context.get(), bytes_of(plain), &size, bytes_of(cipher), cipher.size()) !=
      1) {
    ERR_clear_error();
    return Error(Errc::corrupt, "the RSA cipher does not open with this key");
  }
  plain.resize(size);
  return plain;
}

// `count` bytes that only the holder of the key can tell for this cipher.
std::string substitute(const PrivateKey& key, std::string_view cipher, std::size_t count) {
  const std::string seed = hmac_sha256(sha256(key.pkcs8_der()), cipher);
  std::string out;
  for (char block = 0; out.size() < count; ++block)
    out += hmac_sha256(seed, std::string("substitute") + block);
  out.resize(count);
  return out;
}

// All ones when `value` is zero, without a branch.
unsigned mask_if_zero(unsigned value) { return ((value | (0u - value)) >> 31) - 1u; }

Result<std::shared_ptr<EVP_PKEY>> rsa_only(EVP_PKEY* raw, const char* what) {
  std::shared_ptr<EVP_PKEY> key(raw, GiveBack<EVP_PKEY_free>());
  if (!key) return openssl_error(Errc::corrupt, what);
  if (EVP_PKEY_get_base_id(key.get()) != EVP_PKEY_RSA)
    return Error(Errc::corrupt, std::string(what) + ": not an RSA key");
  return key;
}

}  // namespace

Result<PublicKey> PublicKey::from_pem(std::string_view pem) {
  const auto bio = reader_of(pem);
  EVP_PKEY* key = PEM_read_bio_PUBKEY(bio.get(), nullptr, no_password, nullptr);
  if (!key) return openssl_error(Errc::corrupt, "reading a public key");
  return PublicKey(std::shared_ptr<EVP_PKEY>(key, GiveBack<EVP_PKEY_free>()));
}

Result<PublicKey> PublicKey::from_der(std::string_view der) {
  const unsigned char* start = bytes_of(der);
  EVP_PKEY* key = d2i_PUBKEY(nullptr, &start, static_cast<long>(der.size()));
  if (!key) return openssl_error(Errc::corrupt, "reading a public key");
  return PublicKey(std::shared_ptr<EVP_PKEY>(key, GiveBack<EVP_PKEY_free>()));
}

Result<PublicKey> PublicKey::from_rsa_numbers(std::string_view modulus, std::string_view exponent) {
  using Number = std::unique_ptr<BIGNUM, GiveBack<BN_free>>;
  using Builder = std::unique_ptr<OSSL_PARAM_BLD, GiveBack<OSSL_PARAM_BLD_free>>;
  using Params = std::unique_ptr<OSSL_PARAM, GiveBack<OSSL_PARAM_free>>;
  Number n{BN_bin2bn(bytes_of(modulus), static_cast<int>(modulus.size()), nullptr)};
  Number e{BN_bin2bn(bytes_of(exponent), static_cast<int>(exponent.size()), nullptr)};
  Builder builder{OSSL_PARAM_BLD_new()};
  if (!n || !e || !builder || BN_is_zero(n.get()) || BN_is_zero(e.get()))
    return Error(Errc::corrupt, "the numbers are not an RSA key");
  OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, n.get());
  OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, e.get());
  Params params{OSSL_PARAM_BLD_to_param(builder.get())};
  KeyContext context{EVP_PKEY_CTX_new_from_name(nullptr, "RSA", nullptr)};
  EVP_PKEY* key = nullptr;
  if (!params || !context || EVP_PKEY_fromdata_init(context.get()) != 1 ||
      EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, params.get()) != 1)
    return openssl_error(Errc::corrupt, "the numbers are not an RSA key");
  return PublicKey(std::shared_ptr<EVP_PKEY>(key, GiveBack<EVP_PKEY_free>()));
}

std::string PublicKey::pem() const {
  const auto bio = memory_bio();
  PEM_write_bio_PUBKEY(bio.get(), key_.get());
  return text_of(bio);
}

std::string PublicKey::der() const { return der_of(i2d_PUBKEY, key_.get()); }
bool PublicKey::is_rsa() const { return EVP_PKEY_get_base_id(key_.get()) == EVP_PKEY_RSA; }
int PublicKey::bits() const { return EVP_PKEY_get_bits(key_.get()); }

bool PublicKey::verify(SignatureHash hash, std::string_view data,
                       std::string_view signature) const {
  DigestContext context{EVP_MD_CTX_new()};
  const bool good =
      context && is_rsa() &&
      EVP_DigestVerifyInit(context.get(), nullptr, method(hash), nullptr, key_.get()) == 1 &&
      EVP_DigestVerify(context.get(), bytes_of(signature), signature.size(), bytes_of(data),
                       data.size()) == 1;
  ERR_clear_error();
  return good;
}

Result<std::string> PublicKey::encrypt_oaep(std::string_view plain) const {
  return encrypt(key_.get(), RSA_PKCS1_OAEP_PADDING, plain);
}

Result<std::string> PublicKey::encrypt_pkcs1v15(std::string_view plain) const {
  return encrypt(key_.get(), RSA_PKCS1_PADDING, plain);
}

Result<PrivateKey> PrivateKey::generate(int bits) {
  TRY(auto key, rsa_only(EVP_RSA_gen(static_cast<unsigned>(bits)), "generating an RSA key"));
  return PrivateKey(std::move(key));
}

Result<PrivateKey> PrivateKey::from_pem(std::string_view pem) {
  const auto bio = reader_of(pem);
  EVP_PKEY* raw = PEM_read_bio_PrivateKey(bio.get(), nullptr, no_password, nullptr);
  TRY(auto key, rsa_only(raw, "reading a private key"));
  return PrivateKey(std::move(key));
}

Result<PrivateKey> PrivateKey::from_der(std::string_view der) {
  const unsigned char* start = bytes_of(der);
  EVP_PKEY* raw = d2i_AutoPrivateKey(nullptr, &start, static_cast<long>(der.size()));
  TRY(auto key, rsa_only(raw, "reading a private key"));
  return PrivateKey(std::move(key));
}

std::string PrivateKey::pem() const {
  const auto bio = memory_bio();
  PEM_write_bio_PKCS8PrivateKey(bio.get(), key_.get(), nullptr, nullptr, 0, nullptr, nullptr);
  return text_of(bio);
}

std::string PrivateKey::traditional_pem() const {
  const auto bio = memory_bio();
  PEM_write_bio_PrivateKey_traditional(bio.get(), key_.get(), nullptr, nullptr, 0, nullptr,
                                       nullptr);
  return text_of(bio);
}

std::string PrivateKey::pkcs8_der() const {
  using Pkcs8 = std::unique_ptr<PKCS8_PRIV_KEY_INFO, GiveBack<PKCS8_PRIV_KEY_INFO_free>>;
  const Pkcs8 info{EVP_PKEY2PKCS8(key_.get())};
  return info ? der_of(i2d_PKCS8_PRIV_KEY_INFO, info.get()) : std::string();
}

PublicKey PrivateKey::public_key() const {
  // A key of its own, so that a public handle can never be used to sign.
  return PublicKey::from_der(der_of(i2d_PUBKEY, key_.get())).assume_value();
}

int PrivateKey::bits() const { return EVP_PKEY_get_bits(key_.get()); }

Result<std::string> PrivateKey::sign(SignatureHash hash, std::string_view data) const {
  DigestContext context{EVP_MD_CTX_new()};
  std::string signature(static_cast<std::size_t>(EVP_PKEY_get_size(key_.get())), '\0');
  std::size_t size = signature.size();
  if (!context ||
      EVP_DigestSignInit(context.get(), nullptr, method(hash), nullptr, key_.get()) != 1 ||
      EVP_DigestSign(context.get(), bytes_of(signature), &size, bytes_of(data), data.size()) != 1)
    return openssl_error(Errc::internal, "signing with RSA");
  signature.resize(size);
  return signature;
}

Result<std::string> PrivateKey::decrypt_oaep(std::string_view cipher) const {
  return decrypt(key_.get(), RSA_PKCS1_OAEP_PADDING, cipher);
}

Result<std::string> PrivateKey::decrypt_pkcs1v15(std::string_view cipher,
                                                 std::size_t plain_bytes) const {
  const auto size = static_cast<std::size_t>(EVP_PKEY_get_size(key_.get()));
  if (cipher.size() != size || plain_bytes + 11 > size)
    return Error(Errc::invalid_argument, "the RSA cipher has " + std::to_string(cipher.size()) +
                                             " bytes instead of " + std::to_string(size));
  std::string instead = substitute(*this, cipher, plain_bytes);
  auto block = decrypt(key_.get(), RSA_NO_PADDING, cipher);
  // Only a cipher that is no number below the modulus, which everybody can see, ends here.
  if (!block || block.assume_value().size() != size) return instead;

  // 00 02 <non-zero bytes> 00 <plain_bytes bytes>, judged without a branch on secret bytes.
  const std::string& em = block.assume_value();
  auto at = [&em](std::size_t i) {
    return static_cast<unsigned>(static_cast<unsigned char>(em[i]));
  };
  const std::size_t zero_at = size - plain_bytes - 1;
  unsigned wrong = at(0) | (at(1) ^ 2u) | at(zero_at);
  for (std::size_t i = 2; i < zero_at; ++i) wrong |= mask_if_zero(at(i)) & 1u;
  const unsigned good = mask_if_zero(wrong);
  for (std::size_t i = 0; i < plain_bytes; ++i) {
    const unsigned other = static_cast<unsigned char>(instead[i]);
    instead[i] = static_cast<char>((at(zero_at + 1 + i) & good) | (other & ~good));
  }
  return instead;
}

}  // namespace angophora::crypto
