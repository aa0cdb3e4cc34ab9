#include "common/crypto/x509.h"

#include <openssl/x509v3.h>

#include <ctime>

#include "common/base/encoding.h"
#include "common/crypto/digest.h"
#include "common/crypto/openssl.h"

namespace angophora::crypto {
namespace {

using Name = std::unique_ptr<X509_NAME, GiveBack<X509_NAME_free>>;
using Extension = std::unique_ptr<X509_EXTENSION, GiveBack<X509_EXTENSION_free>>;
using Number = std::unique_ptr<BIGNUM, GiveBack<BN_free>>;

std::shared_ptr<X509> shared(X509* certificate) {
  return std::shared_ptr<X509>(certificate, GiveBack<X509_free>());
}

bool set_time(ASN1_TIME* into, common::SysTime time) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
  return ASN1_TIME_set(into, static_cast<std::time_t>(seconds)) != nullptr;
}

common::SysTime to_time(const ASN1_TIME* time) {
  std::tm parts{};
  if (ASN1_TIME_to_tm(time, &parts) != 1) return {};
  using namespace std::chrono;
  const sys_days day =
      year_month_day(year(parts.tm_year + 1900), month(static_cast<unsigned>(parts.tm_mon + 1)),
                     std::chrono::day(static_cast<unsigned>(parts.tm_mday)));
  return day + hours(parts.tm_hour) + minutes(parts.tm_min) + seconds(parts.tm_sec);
}

bool add_name(X509_NAME* name, const char* field, const std::string& value) {
  if (value.empty()) return true;
  return X509_NAME_add_entry_by_txt(name, field, MBSTRING_UTF8, bytes_of(value),
                                    static_cast<int>(value.size()), -1, 0) == 1;
}

bool add_extension(X509* certificate, X509* issuer, int kind, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  const Extension extension{X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str())};
  return extension && X509_add_ext(certificate, extension.get(), -1) == 1;
}

// A name must not bring further names with it.
Result<std::string> alternative_names(const CertificateSubject& subject) {
  std::string names;
  auto add = [&names](const char* kind, const std::string& name) {
    if (name.empty() || name.find_first_of(", \n\r") != std::string::npos) return false;
    names += (names.empty() ? "" : ",") + std::string(kind) + name;
    return true;
  };
  for (const auto& name : subject.dns_names)
    if (!add("DNS:", name)) return Error(Errc::invalid_argument, "bad host name '" + name + "'");
  for (const auto& name : subject.addresses)
    if (!add("IP:", name)) return Error(Errc::invalid_argument, "bad address '" + name + "'");
  return names;
}

}  // namespace

Result<Certificate> Certificate::from_pem(std::string_view pem) {
  const auto bio = reader_of(pem);
  X509* certificate = PEM_read_bio_X509(bio.get(), nullptr, no_password, nullptr);
  if (!certificate) return openssl_error(Errc::corrupt, "reading a certificate");
  return Certificate(shared(certificate));
}

Result<Certificate> Certificate::from_der(std::string_view der) {
  const unsigned char* start = bytes_of(der);
  const unsigned char* const end = start + der.size();
  auto certificate = shared(d2i_X509(nullptr, &start, static_cast<long>(der.size())));
  if (!certificate) return openssl_error(Errc::corrupt, "reading a certificate");
  if (start != end) return Error(Errc::corrupt, "there are bytes after the certificate");
  return Certificate(std::move(certificate));
}

namespace {

// Everything but issuer, the extensions that say what it is good for, and the signature.
Result<std::shared_ptr<X509>> unsigned_certificate(const PrivateKey& key,
                                                   const CertificateSubject& subject) {
  auto made = shared(X509_new());
  const std::string serial = subject.serial.empty() ? std::string(1, '\1') : subject.serial;
  Number number{BN_bin2bn(bytes_of(serial), static_cast<int>(serial.size()), nullptr)};
  if (!made || !number) return openssl_error(Errc::internal, "making a certificate");
  BN_clear_bit(number.get(), static_cast<int>(serial.size() * 8) - 1);  // stays positive
  X509* const c = made.get();
  X509_NAME* const name = X509_get_subject_name(c);
  const bool done = X509_set_version(c, X509_VERSION_3) == 1 &&
                    BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(c)) != nullptr &&
                    set_time(X509_getm_notBefore(c), subject.not_before) &&
                    set_time(X509_getm_notAfter(c), subject.not_after) &&
                    add_name(name, "O", subject.organization) &&
                    add_name(name, "CN", subject.common_name) &&
                    X509_set_pubkey(c, key.handle()) == 1 &&
                    add_extension(c, c, NID_subject_key_identifier, "hash");
  if (!done) return openssl_error(Errc::invalid_argument, "making a certificate");
  return made;
}

}  // namespace

Result<Certificate> Certificate::self_signed(const PrivateKey& key,
                                             const CertificateSubject& subject) {
  TRY(const auto names, alternative_names(subject));
  TRY(auto made, unsigned_certificate(key, subject));
  X509* const c = made.get();
  const bool done = X509_set_issuer_name(c, X509_get_subject_name(c)) == 1 &&
                    add_extension(c, c, NID_basic_constraints, "critical,CA:TRUE") &&
                    (names.empty() || add_extension(c, c, NID_subject_alt_name, names)) &&
                    X509_sign(c, key.handle(), EVP_sha256()) > 0;
  if (!done) return openssl_error(Errc::invalid_argument, "making a certificate");
  return Certificate(std::move(made));
}

Result<Certificate> Certificate::for_tls_server(const PrivateKey& key,
                                                const CertificateSubject& subject,
                                                const PrivateKey& issuer_key,
                                                const Certificate& issuer) {
  TRY(const auto names, alternative_names(subject));
  TRY(auto made, unsigned_certificate(key, subject));
  X509 *const c = made.get(), *const by = issuer.handle();
  const bool done =
      X509_set_issuer_name(c, X509_get_subject_name(by)) == 1 &&
      add_extension(c, by, NID_basic_constraints, "critical,CA:FALSE") &&
      add_extension(c, by, NID_key_usage, "critical,digitalSignature,keyEncipherment") &&
      add_extension(c, by, NID_ext_key_usage, "serverAuth") &&
      add_extension(c, by, NID_authority_key_identifier, "keyid:always") &&
      (names.empty() || add_extension(c, by, NID_subject_alt_name, names)) &&
      X509_sign(c, issuer_key.handle(), EVP_sha256()) > 0;
  if (!done) return openssl_error(Errc::invalid_argument, "making a server's certificate");
  return Certificate(std::move(made));
}

std::string Certificate::pem() const {
  const auto bio = memory_bio();
  PEM_write_bio_X509(bio.get(), certificate_.get());
  return text_of(bio);
}

std::string Certificate::der() const { return der_of(i2d_X509, certificate_.get()); }
std::string Certificate::sha1_thumbprint() const { return sha1(der()); }
std::string Certificate::sha256_thumbprint() const { return sha256(der()); }

PublicKey Certificate::public_key() const {
  EVP_PKEY* key = X509_get_pubkey(certificate_.get());
  ERR_clear_error();
  if (!key) key = EVP_PKEY_new();  // an algorithm nobody knows: a key that verifies nothing
  return PublicKey(std::shared_ptr<EVP_PKEY>(key, GiveBack<EVP_PKEY_free>()));
}

std::string Certificate::subject() const {
  const auto bio = memory_bio();
  X509_NAME_print_ex(bio.get(), X509_get_subject_name(certificate_.get()), 0, XN_FLAG_RFC2253);
  return text_of(bio);
}

std::string Certificate::common_name() const {
  const X509_NAME* name = X509_get_subject_name(certificate_.get());
  const int at = X509_NAME_get_index_by_NID(name, NID_commonName, -1);
  if (at < 0) return {};
  unsigned char* text = nullptr;
  const int size =
      ASN1_STRING_to_UTF8(&text, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, at)));
  if (size < 0) return {};
  std::string common_name(reinterpret_cast<char*>(text), static_cast<std::size_t>(size));
  OPENSSL_free(text);
  return common_name;
}

std::string Certificate::serial_hex() const {
  const ASN1_INTEGER* serial = X509_get0_serialNumber(certificate_.get());
  return common::hex_encode({reinterpret_cast<const char*>(ASN1_STRING_get0_data(serial)),
                             static_cast<std::size_t>(ASN1_STRING_length(serial))});
}

common::SysTime Certificate::not_before() const {
  return to_time(X509_get0_notBefore(certificate_.get()));
}

common::SysTime Certificate::not_after() const {
  return to_time(X509_get0_notAfter(certificate_.get()));
}

bool Certificate::is_self_signed() const {
  const bool self = X509_self_signed(certificate_.get(), 1) == 1;
  ERR_clear_error();
  return self;
}

}  // namespace angophora::crypto
