// Keys, certificates and signatures that users and components send. The first byte chooses.
#include "common/crypto/cms.h"
#include "common/crypto/key_pair.h"
#include "common/crypto/x509.h"
#include "tests/fuzz/fuzz.h"

namespace {

using namespace angophora::crypto;
using angophora::fuzz::require;

void fuzz_ssh_key(std::string_view text) {
  const auto key = parse_ssh_public_key(text);
  if (!key) {
    require(!key.error().message.empty());
    return;
  }
  const auto& read = key.value();
  require(read.line().find_first_of("\r\n") == std::string::npos);
  const auto again = parse_ssh_public_key(read.line());
  require(again && again.value().blob == read.blob && again.value().type == read.type);
  (void)imported_key_fingerprint(read);
}

void use(const Certificate& certificate) {
  require(certificate.sha1_thumbprint().size() == 20);
  const auto again = Certificate::from_der(certificate.der());
  require(again && again.value().sha256_thumbprint() == certificate.sha256_thumbprint());
  (void)certificate.common_name();
  (void)certificate.subject();
  (void)certificate.not_after();
  (void)certificate.is_self_signed();
  (void)certificate.public_key().verify(SignatureHash::sha256, "bytes", "signature");
  (void)certificate.public_key().encrypt_oaep("secret");
}

void fuzz_certificate_pem(std::string_view text) {
  if (const auto certificate = Certificate::from_pem(text)) use(certificate.assume_value());
}

void fuzz_certificate_der(std::string_view bytes) {
  if (const auto certificate = Certificate::from_der(bytes)) use(certificate.assume_value());
}

void fuzz_public_key(std::string_view text) {
  for (const auto& key : {PublicKey::from_pem(text), PublicKey::from_der(text)})
    if (key) (void)key.value().verify(SignatureHash::sha256, "bytes", "signature");
}

void fuzz_cms(std::string_view bytes) {
  static const auto signer = [] {
    const auto key = PrivateKey::generate(2048).value();
    CertificateSubject subject;
    subject.common_name = "signer";
    subject.not_after = angophora::common::SysTime(std::chrono::hours(24 * 365 * 100));
    subject.serial = "1";
    return Certificate::self_signed(key, subject).value();
  }();
  require(!cms_verify(bytes, signer));
  require(!cms_verify(bytes, signer, "data"));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  angophora::fuzz::choose(
      data, size,
      {fuzz_ssh_key, fuzz_certificate_pem, fuzz_certificate_der, fuzz_public_key, fuzz_cms});
  return 0;
}
