#include "clc/key_files.h"

#include "clc/actions/master_keys.h"
#include "common/registry/files.h"
#include "common/registry/identity.h"

namespace angophora::clc {
namespace {

using common::Errc;
using common::Error;
using common::Result;

Result<crypto::PrivateKey> make_image_key(const std::string& path) {
  TRY(auto key, crypto::PrivateKey::generate(2048));
  TRY_VOID(registry::write_file(path, key.pem()));
  return key;
}

Result<crypto::Certificate> make_image_certificate(const std::string& path,
                                                   const crypto::PrivateKey& key,
                                                   common::Runtime& runtime) {
  crypto::CertificateSubject subject;
  subject.common_name = "image bundles";
  subject.not_before = runtime.now() - std::chrono::hours(24);
  subject.not_after = runtime.now() + std::chrono::hours(24 * 365 * 30);
  subject.serial = runtime.random_bytes(16);
  TRY(auto certificate, crypto::Certificate::self_signed(key, subject));
  TRY_VOID(registry::write_file(path, certificate.pem()));
  return certificate;
}

// What `parse` makes of a file's text; a failure names the file.
template <class Parse>
auto parse_file(const std::string& path, const std::string& text, Parse parse)
    -> std::invoke_result_t<Parse, std::string_view> {
  auto parsed = parse(text);
  if (!parsed) return std::move(parsed).error().while_doing(path);
  return parsed;
}

// A certificate alone is a mistake: a key made anew would open no image that was bundled for it.
Result<KeyWithCertificate> load_image_key(const std::string& state_dir, common::Runtime& runtime) {
  const auto key_path = state_dir + "/keys/image.key",
             certificate_path = state_dir + "/keys/image.crt";
  TRY(const auto key_text, registry::read_file(key_path));
  TRY(const auto certificate_text, registry::read_file(certificate_path));
  if (certificate_text && !key_text)
    return Error(Errc::corrupt, key_path + " is missing; restore it from a backup");
  TRY(auto key, key_text ? parse_file(key_path, *key_text, crypto::PrivateKey::from_pem)
                         : make_image_key(key_path));
  if (!certificate_text) {
    TRY(auto made, make_image_certificate(certificate_path, key, runtime));
    return KeyWithCertificate{std::move(key), std::move(made)};
  }
  TRY(auto certificate,
      parse_file(certificate_path, *certificate_text, crypto::Certificate::from_pem));
  if (key.public_key().der() != certificate.public_key().der())
    return Error(Errc::corrupt, certificate_path + " is not the certificate of " + key_path);
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
  TRY(auto masters, actions::load_or_make_masters(state_dir, runtime));
  return CloudKeys{{identity.signing_key, identity.signing_certificate},
                   {identity.encryption_key, identity.encryption_certificate},
                   std::move(image),
                   std::move(secret),
                   std::make_shared<crypto::KeyRing>(std::move(masters))};
}

}  // namespace angophora::clc
