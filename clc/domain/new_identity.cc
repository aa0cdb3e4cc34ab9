#include "clc/domain/new_identity.h"

#include "common/crypto/x509.h"

namespace angophora::clc {
namespace {

constexpr int kKeyBits = 2048;
constexpr auto kCertificateLife = std::chrono::hours(24 * 365 * 10);

}  // namespace

Account new_account(common::Runtime& runtime, std::string name) {
  Account account;
  account.id = new_account_id(runtime);
  account.name = name.empty() ? account.id.value : std::move(name);
  account.canonical_id = runtime.random_hex(64);
  account.created_at = runtime.now();
  return account;
}

User new_user(common::Runtime& runtime, const AccountId& account, std::string name,
              std::string path) {
  User user;
  user.id = UserId(new_identity_id(runtime, "AIDA"));
  user.account = account;
  user.name = std::move(name);
  user.path = path.empty() ? "/" : std::move(path);
  user.created_at = runtime.now();
  return user;
}

User new_root(common::Runtime& runtime, const AccountId& account) {
  auto root = new_user(runtime, account, kRootUserName);
  root.is_root = true;
  return root;
}

AccessKey new_access_key(common::Runtime& runtime, const UserId& user) {
  return {new_identity_id(runtime, "AKIA"), user, new_secret(runtime), true, runtime.now()};
}

common::Result<NewCertificate> new_certificate(common::Runtime& runtime, const Account& account,
                                               const User& user) {
  TRY(const auto key, crypto::PrivateKey::generate(kKeyBits));
  crypto::CertificateSubject subject;
  subject.common_name = (user.name + "@" + account.name).substr(0, 64);  // as much as X.509 takes
  subject.not_before = runtime.now() - std::chrono::hours(24);
  subject.not_after = runtime.now() + kCertificateLife;
  subject.serial = runtime.random_bytes(16);
  TRY(const auto certificate, crypto::Certificate::self_signed(key, subject));
  NewCertificate made;
  made.certificate = {new_identity_id(runtime, "ASCA"), user.id, certificate.pem(), true,
                      runtime.now()};
  made.private_key_pem = key.pem();
  return made;
}

}  // namespace angophora::clc
