#include "clc/key_files.h"

#include "common/registry/files.h"
#include "common/registry/identity.h"

namespace angophora::clc {
namespace {

using common::Errc;
using common::Error;
using common::Result;

Result<KeyWithCertificate> make_image_key(const std::string& base, common::Runtime& runtime) {
  TRY(auto key, crypto::PrivateKey::generate(2048));
  crypto::CertificateSubject subject;
  subject.common_name = "image bundles";
  subject.not_before = runtime.now() - std::chrono::hours(24);
  subject.not_after = runtime.now() + std::chrono::hours(24 * 365 * 30);
  subject.serial = runtime.random_bytes(16);
  TRY(auto certificate, crypto::Certificate::self_signed(key, subject));
  TRY_VOID(registry::write_file(base + ".key", key.pem()));
  TRY_VOID(registry::write_file(base + ".crt", certificate.pem()));
  return KeyWithCertificate{std::move(key), std::move(certificate)};
}

Result<KeyWithCertificate> load_image_key(const std::string& state_dir, common::Runtime& runtime) {
  const auto base = state_dir + "/keys/image";
  TRY(const auto key_text, registry::read_file(base + ".key"));
  TRY(const auto certificate_text, registry::read_file(base + ".crt"));
  if (!key_text && !certificate_text) return make_image_key(base, runtime);
  if (!key_text || !certificate_text)
    return Error(Errc::corrupt, "one of " + base + ".key and .crt is missing; restore it");
  TRY(auto key, crypto::PrivateKey::from_pem(*key_text));
  TRY(auto certificate, crypto::Certificate::from_pem(*certificate_text));
  if (key.public_key().der() != certificate.public_key().der())
    return Error(Errc::corrupt, base + ".crt is not the certificate of " + base + ".key");
  return KeyWithCertificate{std::move(key), std::move(certificate)};
}

Result<std::string> load_secret(const std::string& state_dir, common::Runtime& runtime) {
  const auto path = state_dir + "/keys/secret";
  TRY(auto present, registry::read_file(path));
  if (present && present->size() == 32) return std::move(*present);
  auto secret = runtime.random_bytes(32);
  TRY_VOID(registry::write_file(path, secret));
  return secret;
}

}  // namespace

Result<CloudKeys> load_or_make_keys(const std::string& state_dir, common::Runtime& runtime) {
  TRY_VOID(registry::make_folder(state_dir));
  TRY(auto identity, registry::load_or_make_identity(state_dir, "cloud controller", runtime));
  TRY(auto image, load_image_key(state_dir, runtime));
  TRY(auto secret, load_secret(state_dir, runtime));
  return CloudKeys{{identity.signing_key, identity.signing_certificate},
                   {identity.encryption_key, identity.encryption_certificate},
                   std::move(image),
                   std::move(secret)};
}

}  // namespace angophora::clc
