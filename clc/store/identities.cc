#include "clc/store/identities.h"

#include "clc/store/access_keys.h"
#include "clc/store/accounts.h"
#include "clc/store/identity_changes.h"
#include "clc/store/identity_rows.h"
#include "clc/store/signing_certificates.h"
#include "clc/store/users.h"
#include "common/base/encoding.h"
#include "common/crypto/x509.h"

namespace angophora::clc {
namespace {

constexpr int kUserAt = 5;  // behind a key or a certificate
constexpr int kAccountAt = kUserAt + kUserColumns;
static_assert(kKeyColumns == kUserAt && kCertificateColumns == kUserAt);

}  // namespace

Result<> Identities::insert(const Account& account) { return Accounts(tx_).insert(account); }
Result<> Identities::insert(const User& user) { return Users(tx_).insert(user); }
Result<> Identities::insert(const AccessKey& key) { return AccessKeys(tx_).insert(key); }
Result<> Identities::insert(const UserCertificate& certificate) {
  return SigningCertificates(tx_).insert(certificate);
}

Result<std::optional<Credential>> Identities::find_credential(std::string_view access_key_id) {
  TRY(auto q, tx_.prepare("SELECT " KEY_COLUMNS("k.") ", " USER_COLUMNS("u.") ", " ACCOUNT_COLUMNS(
                  "a.") "FROM access_keys k JOIN users u ON u.user_id = k.user_id "
                        "JOIN accounts a ON a.account_id = u.account_id "
                        "WHERE k.access_key_id = ?1"));
  TRY(const bool found, q.bind(1, access_key_id).step());
  if (!found) return std::optional<Credential>();
  return std::optional<Credential>(
      Credential{read_key(q), read_user(q, kUserAt), read_account(q, kAccountAt)});
}

Result<std::optional<CertificateOwner>> Identities::find_certificate(std::string_view thumbprint) {
  TRY(auto q,
      tx_.prepare("SELECT " CERTIFICATE_COLUMNS("c.") ", " USER_COLUMNS("u.") ", " ACCOUNT_COLUMNS(
          "a.") "FROM certificates c JOIN users u ON u.user_id = c.user_id "
                "JOIN accounts a ON a.account_id = u.account_id WHERE c.thumbprint = ?1 LIMIT 2"));
  q.bind(1, common::hex_encode(thumbprint));
  TRY(const auto owners, all_rows(q, [](Query& row) {
        return CertificateOwner{read_certificate(row), read_user(row, kUserAt),
                                read_account(row, kAccountAt)};
      }));
  return owners.size() == 1 ? std::optional(owners.front()) : std::nullopt;
}

Result<std::vector<UserCertificate>> Identities::active_certificates(const AccountId& account) {
  TRY(auto q, tx_.prepare("SELECT " CERTIFICATE_COLUMNS(
                  "c.") "FROM certificates c "
                        "JOIN users u ON u.user_id = c.user_id "
                        "WHERE u.account_id = ?1 AND c.active = 1 AND u.is_enabled = 1 "
                        "ORDER BY c.certificate_id"));
  return all_rows(q.bind(1, account), [](Query& row) { return read_certificate(row); });
}

Result<std::vector<AccessKey>> Identities::access_keys() {
  TRY(auto q, tx_.prepare("SELECT " KEY_COLUMNS("") "FROM access_keys ORDER BY access_key_id"));
  return all_rows(q, [](Query& row) { return read_key(row); });
}

Result<> Identities::fill_thumbprints() {
  TRY(auto missing, tx_.prepare("SELECT " CERTIFICATE_COLUMNS("") "FROM certificates "
                                                                  "WHERE thumbprint = ''"));
  TRY(const auto rows, all_rows(missing, [](Query& row) { return read_certificate(row); }));
  for (const auto& row : rows) {
    const auto certificate = crypto::Certificate::from_pem(row.pem);
    if (!certificate) continue;
    TRY(auto q, tx_.prepare("UPDATE certificates SET thumbprint = ?2 WHERE certificate_id = ?1"));
    q.bind(1, row.id).bind(2, common::hex_encode(certificate.value().sha1_thumbprint()));
    TRY_VOID(q.run());
  }
  return common::ok();
}

Result<std::int64_t> Identities::version() { return IdentityChanges(tx_).version(); }

}  // namespace angophora::clc
