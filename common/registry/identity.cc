#include "common/registry/identity.h"

#include <chrono>

namespace angophora::registry {
namespace {

// Pinned, not judged by date: long enough that nobody ever meets the end.
constexpr auto kIdentityLife = std::chrono::hours(24 * 365 * 30);

Result<crypto::Certificate> load_or_make_certificate(const std::string& path,
                                                     const crypto::PrivateKey& key,
                                                     const std::string& common_name,
                                                     common::Runtime& runtime) {
  TRY(const auto kept, read_file(path));
  if (kept) {
    auto certificate = crypto::Certificate::from_pem(*kept);
    if (!certificate) return std::move(certificate.error()).while_doing("reading " + path);
    if (certificate.value().public_key().der() != key.public_key().der())
      return Error(Errc::corrupt, path + " is not the certificate of the key beside it");
    return std::move(certificate).assume_value();
  }
  crypto::CertificateSubject subject;
  subject.common_name = common_name;
  // Good for clocks that are somewhat behind ours.
  subject.not_before = runtime.now() - std::chrono::hours(24);
  subject.not_after = runtime.now() + kIdentityLife;
  subject.serial = runtime.random_bytes(16);
  TRY(auto certificate, crypto::Certificate::self_signed(key, subject));
  TRY_VOID(write_file(path, certificate.pem()));
  return certificate;
}

}  // namespace

Result<crypto::PrivateKey> load_or_make_key(const std::string& path) {
  TRY(const auto kept, read_file(path));
  if (kept) {
    auto key = crypto::PrivateKey::from_pem(*kept);
    if (!key) return std::move(key.error()).while_doing("reading " + path);
    return std::move(key).assume_value();
  }
  TRY(auto key, crypto::PrivateKey::generate());
  TRY_VOID(write_file(path, key.pem()));
  return key;
}

Result<Identity> load_or_make_identity(const std::string& state_dir, const std::string& common_name,
                                       common::Runtime& runtime) {
  const auto folder = state_dir + "/keys";
  TRY_VOID(make_folder(state_dir));
  TRY_VOID(make_folder(folder));
  TRY(auto signing, load_or_make_key(folder + "/signing.key"));
  TRY(auto encryption, load_or_make_key(folder + "/encryption.key"));
  TRY(auto signing_certificate,
      load_or_make_certificate(folder + "/signing.crt", signing, common_name, runtime));
  TRY(auto encryption_certificate,
      load_or_make_certificate(folder + "/encryption.crt", encryption, common_name, runtime));
  return Identity{std::move(signing), std::move(signing_certificate), std::move(encryption),
                  std::move(encryption_certificate)};
}

}  // namespace angophora::registry
