// Who is behind an access key or a certificate. The single kinds have repositories of their own
// (accounts.h, users.h, access_keys.h, signing_certificates.h); each change of one gets a version,
// which Walrus' copy follows (identity_changes.h).
#pragma once

#include <optional>
#include <vector>

#include "clc/domain/identity.h"
#include "clc/store/rows.h"

namespace angophora::clc {

// What the front door needs to know of an access key.
struct Credential {
  AccessKey key;
  User user;
  Account account;
};

// What the front door needs to know of a certificate.
struct CertificateOwner {
  UserCertificate certificate;
  User user;
  Account account;
};

class Identities {
 public:
  explicit Identities(Tx& tx) : tx_(tx) {}

  // IdentityErrc::exists for a name or id that is taken.
  Result<> insert(const Account& account);
  Result<> insert(const User& user);
  Result<> insert(const AccessKey& key);
  Result<> insert(const UserCertificate& certificate);

  // Nothing when the key is not there; an inactive one is returned as such.
  Result<std::optional<Credential>> find_credential(std::string_view access_key_id);
  // By the raw SHA-1 of the certificate. Nothing when nobody has it, or several users have; an
  // inactive one is returned as such.
  Result<std::optional<CertificateOwner>> find_certificate(std::string_view thumbprint);
  // Of all enabled users of the account, active ones only.
  Result<std::vector<UserCertificate>> active_certificates(const AccountId& account);

  Result<std::vector<AccessKey>> access_keys();
  Result<std::int64_t> version();
  // Gives those certificates a thumbprint that were kept before there were any.
  Result<> fill_thumbprints();

 private:
  Tx& tx_;
};

}  // namespace angophora::clc
