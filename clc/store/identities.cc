#include "clc/store/identities.h"

#include "clc/domain/errors.h"
#include "clc/store/counters.h"
#include "common/base/encoding.h"
#include "common/crypto/x509.h"

namespace angophora::clc {
namespace {

Account read_account(Query& q, int at = 0) {
  return {AccountId(q.text(at)), q.text(at + 1), q.text(at + 2), from_ms(q.integer(at + 3))};
}
User read_user(Query& q, int at = 0) {
  return {UserId(q.text(at)), AccountId(q.text(at + 1)), q.text(at + 2), q.text(at + 3),
          from_ms(q.integer(at + 4))};
}
AccessKey read_key(Query& q, int at = 0) {
  return {q.text(at), UserId(q.text(at + 1)), q.text(at + 2), q.integer(at + 3) != 0,
          from_ms(q.integer(at + 4))};
}
UserCertificate read_certificate(Query& q, int at = 0) {
  return {q.text(at), UserId(q.text(at + 1)), q.text(at + 2), q.integer(at + 3) != 0,
          from_ms(q.integer(at + 4))};
}

// As the table has it; "" for a text that is no certificate, which nobody can sign with.
std::string thumbprint_of(const std::string& pem) {
  const auto certificate = crypto::Certificate::from_pem(pem);
  return certificate ? common::hex_encode(certificate.value().sha1_thumbprint()) : "";
}

}  // namespace

Result<> Identities::changed(Result<std::int64_t> ran, std::string what) {
  if (!ran && ran.error().code == db::DbErrc::unique)
    return Error(IdentityErrc::exists, what + " already exists");
  TRY_VOID(std::move(ran));
  TRY_VOID(Counters(tx_).raise(kIdentitiesVersion));
  return common::ok();
}

Result<> Identities::insert(const Account& account) {
  TRY(auto q, tx_.prepare("INSERT INTO accounts (account_id, name, canonical_id, created_at_ms) "
                          "VALUES (?1,?2,?3,?4)"));
  q.bind(1, account.id).bind(2, account.name).bind(3, account.canonical_id);
  q.bind(4, to_ms(account.created_at));
  return changed(q.run(), "account " + account.name);
}

Result<> Identities::insert(const User& user) {
  TRY(auto q, tx_.prepare("INSERT INTO users (user_id, account_id, name, path, created_at_ms) "
                          "VALUES (?1,?2,?3,?4,?5)"));
  q.bind(1, user.id).bind(2, user.account).bind(3, user.name).bind(4, user.path);
  q.bind(5, to_ms(user.created_at));
  return changed(q.run(), "user " + user.name);
}

Result<> Identities::insert(const AccessKey& key) {
  TRY(auto q, tx_.prepare("INSERT INTO access_keys (access_key_id, user_id, secret, active, "
                          "created_at_ms) VALUES (?1,?2,?3,?4,?5)"));
  q.bind(1, key.id).bind(2, key.user).bind(3, key.secret).bind(4, key.active ? 1 : 0);
  q.bind(5, to_ms(key.created_at));
  return changed(q.run(), "access key " + key.id);
}

Result<> Identities::insert(const UserCertificate& certificate) {
  TRY(auto q, tx_.prepare("INSERT INTO certificates (certificate_id, user_id, pem, active, "
                          "created_at_ms, thumbprint) VALUES (?1,?2,?3,?4,?5,?6)"));
  q.bind(1, certificate.id).bind(2, certificate.user).bind(3, certificate.pem);
  q.bind(4, certificate.active ? 1 : 0).bind(5, to_ms(certificate.created_at));
  q.bind(6, thumbprint_of(certificate.pem));
  return changed(q.run(), "certificate " + certificate.id);
}

Result<std::optional<Credential>> Identities::find_credential(std::string_view access_key_id) {
  TRY(auto q,
      tx_.prepare("SELECT k.access_key_id, k.user_id, k.secret, k.active, k.created_at_ms, "
                  "u.user_id, u.account_id, u.name, u.path, u.created_at_ms, "
                  "a.account_id, a.name, a.canonical_id, a.created_at_ms "
                  "FROM access_keys k JOIN users u ON u.user_id = k.user_id "
                  "JOIN accounts a ON a.account_id = u.account_id WHERE k.access_key_id = ?1"));
  q.bind(1, access_key_id);
  TRY(const bool found, q.step());
  if (!found) return std::optional<Credential>();
  return std::optional<Credential>(
      Credential{read_key(q, 0), read_user(q, 5), read_account(q, 10)});
}

Result<std::optional<CertificateOwner>> Identities::find_certificate(std::string_view thumbprint) {
  TRY(auto q,
      tx_.prepare(
          "SELECT c.certificate_id, c.user_id, c.pem, c.active, c.created_at_ms, "
          "u.user_id, u.account_id, u.name, u.path, u.created_at_ms, "
          "a.account_id, a.name, a.canonical_id, a.created_at_ms "
          "FROM certificates c JOIN users u ON u.user_id = c.user_id "
          "JOIN accounts a ON a.account_id = u.account_id WHERE c.thumbprint = ?1 LIMIT 2"));
  q.bind(1, common::hex_encode(thumbprint));
  TRY(const auto owners, all_rows(q, [](Query& row) {
        return CertificateOwner{read_certificate(row, 0), read_user(row, 5), read_account(row, 10)};
      }));
  return owners.size() == 1 ? std::optional(owners.front()) : std::nullopt;
}

Result<std::optional<Account>> Identities::find_account(const AccountId& id) {
  TRY(auto q, tx_.prepare("SELECT account_id, name, canonical_id, created_at_ms FROM accounts "
                          "WHERE account_id = ?1"));
  q.bind(1, id);
  TRY(const bool found, q.step());
  return found ? std::optional<Account>(read_account(q)) : std::nullopt;
}

Result<std::optional<Account>> Identities::find_account_by_name(std::string_view name) {
  TRY(auto q, tx_.prepare("SELECT account_id, name, canonical_id, created_at_ms FROM accounts "
                          "WHERE name = ?1"));
  q.bind(1, name);
  TRY(const bool found, q.step());
  return found ? std::optional<Account>(read_account(q)) : std::nullopt;
}

Result<std::vector<UserCertificate>> Identities::active_certificates(const AccountId& account) {
  TRY(auto q, tx_.prepare("SELECT c.certificate_id, c.user_id, c.pem, c.active, c.created_at_ms "
                          "FROM certificates c JOIN users u ON u.user_id = c.user_id "
                          "WHERE u.account_id = ?1 AND c.active = 1 ORDER BY c.certificate_id"));
  q.bind(1, account);
  return all_rows(q, [](Query& row) { return read_certificate(row); });
}

Result<std::vector<Account>> Identities::accounts() {
  TRY(auto q, tx_.prepare("SELECT account_id, name, canonical_id, created_at_ms FROM accounts "
                          "ORDER BY account_id"));
  return all_rows(q, [](Query& row) { return read_account(row); });
}

Result<std::vector<User>> Identities::users() {
  TRY(auto q, tx_.prepare("SELECT user_id, account_id, name, path, created_at_ms FROM users "
                          "ORDER BY user_id"));
  return all_rows(q, [](Query& row) { return read_user(row); });
}

Result<std::vector<AccessKey>> Identities::access_keys() {
  TRY(auto q, tx_.prepare("SELECT access_key_id, user_id, secret, active, created_at_ms "
                          "FROM access_keys ORDER BY access_key_id"));
  return all_rows(q, [](Query& row) { return read_key(row); });
}

Result<std::vector<UserCertificate>> Identities::certificates() {
  TRY(auto q, tx_.prepare("SELECT certificate_id, user_id, pem, active, created_at_ms "
                          "FROM certificates ORDER BY certificate_id"));
  return all_rows(q, [](Query& row) { return read_certificate(row); });
}

Result<> Identities::fill_thumbprints() {
  TRY(auto missing, tx_.prepare("SELECT certificate_id, user_id, pem, active, created_at_ms "
                                "FROM certificates WHERE thumbprint = ''"));
  TRY(const auto rows, all_rows(missing, [](Query& row) { return read_certificate(row); }));
  for (const auto& row : rows) {
    TRY(auto q, tx_.prepare("UPDATE certificates SET thumbprint = ?2 WHERE certificate_id = ?1"));
    TRY_VOID(q.bind(1, row.id).bind(2, thumbprint_of(row.pem)).run());
  }
  return common::ok();
}

Result<std::int64_t> Identities::version() { return Counters(tx_).value(kIdentitiesVersion); }

}  // namespace angophora::clc
