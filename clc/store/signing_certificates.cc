#include "clc/store/signing_certificates.h"

#include "clc/domain/errors.h"
#include "clc/store/identity_changes.h"
#include "clc/store/identity_rows.h"
#include "common/base/encoding.h"
#include "common/crypto/x509.h"

namespace angophora::clc {
namespace {

// As the table has it; "" for a text that is no certificate, which nobody can sign with.
std::string thumbprint_of(const std::string& pem) {
  const auto certificate = crypto::Certificate::from_pem(pem);
  return certificate ? common::hex_encode(certificate.value().sha1_thumbprint()) : "";
}

}  // namespace

Result<> SigningCertificates::insert(const UserCertificate& certificate) {
  TRY(auto q, tx_.prepare("INSERT INTO certificates (certificate_id, user_id, pem, active, "
                          "created_at_ms, thumbprint) VALUES (?1,?2,?3,?4,?5,?6)"));
  q.bind(1, certificate.id).bind(2, certificate.user).bind(3, certificate.pem);
  q.bind(4, certificate.active ? 1 : 0).bind(5, to_ms(certificate.created_at));
  const auto ran = q.bind(6, thumbprint_of(certificate.pem)).run();
  if (!ran && ran.error().code == db::DbErrc::unique)
    return Error(IdentityErrc::exists, "The certificate " + certificate.id + " already exists");
  TRY_VOID(std::move(ran));
  return IdentityChanges(tx_).note(IdentityKind::certificate, certificate.id);
}

Result<std::optional<UserCertificate>> SigningCertificates::find(std::string_view id) {
  TRY(auto q, tx_.prepare("SELECT " CERTIFICATE_COLUMNS("") "FROM certificates "
                                                            "WHERE certificate_id=?1"));
  TRY(const bool found, q.bind(1, id).step());
  return found ? std::optional<UserCertificate>(read_certificate(q)) : std::nullopt;
}

Result<UserCertificate> SigningCertificates::find(const UserId& user, std::string_view id) {
  TRY(auto found, find(id));
  if (!found || found->user != user)
    return Error(IdentityErrc::not_found,
                 "The Certificate with id " + std::string(id) + " cannot be found.");
  return std::move(*found);
}

Result<std::vector<UserCertificate>> SigningCertificates::of(const UserId& user) {
  TRY(auto q, tx_.prepare("SELECT " CERTIFICATE_COLUMNS("") "FROM certificates WHERE user_id=?1 "
                                                            "ORDER BY certificate_id"));
  return all_rows(q.bind(1, user), [](Query& row) { return read_certificate(row); });
}

Result<bool> SigningCertificates::is_known(const UserCertificate& certificate) {
  TRY(auto q, tx_.prepare("SELECT 1 FROM certificates WHERE thumbprint=?1 LIMIT 1"));
  return q.bind(1, thumbprint_of(certificate.pem)).step();
}

Result<> SigningCertificates::set_active(std::string_view id, bool active) {
  TRY(auto q, tx_.prepare("UPDATE certificates SET active=?2 WHERE certificate_id=?1"));
  TRY_VOID(q.bind(1, id).bind(2, active ? 1 : 0).run());
  return IdentityChanges(tx_).note(IdentityKind::certificate, id);
}

Result<> SigningCertificates::remove(std::string_view id) {
  TRY(auto q, tx_.prepare("DELETE FROM certificates WHERE certificate_id=?1"));
  TRY_VOID(q.bind(1, id).run());
  return IdentityChanges(tx_).note(IdentityKind::certificate, id);
}

}  // namespace angophora::clc
