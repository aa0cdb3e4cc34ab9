// The X.509 certificates that users sign with.
#pragma once

#include <optional>
#include <vector>

#include "clc/domain/identity.h"
#include "clc/store/rows.h"

namespace angophora::clc {

class SigningCertificates {
 public:
  explicit SigningCertificates(Tx& tx) : tx_(tx) {}

  Result<> insert(const UserCertificate& certificate);  // IdentityErrc::exists
  Result<std::optional<UserCertificate>> find(std::string_view id);
  // IdentityErrc::not_found when that user has no such certificate.
  Result<UserCertificate> find(const UserId& user, std::string_view id);
  Result<std::vector<UserCertificate>> of(const UserId& user);  // by id
  // Whether any user has it.
  Result<bool> is_known(const UserCertificate& certificate);
  Result<> set_active(std::string_view id, bool active);
  Result<> remove(std::string_view id);

 private:
  Tx& tx_;
};

}  // namespace angophora::clc
