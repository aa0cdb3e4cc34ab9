#include "clc/first_start.h"

#include <boost/json.hpp>

#include "clc/domain/new_identity.h"
#include "clc/domain/secrets.h"
#include "clc/store/accounts.h"
#include "clc/store/identities.h"
#include "clc/store/property_values.h"
#include "clc/store/security_groups.h"
#include "clc/store/users.h"
#include "common/crypto/aes.h"
#include "common/log/log.h"
#include "common/registry/files.h"

namespace angophora::clc {
namespace {

struct Administrator {
  Account account;
  User user;
  AccessKey key;
  UserCertificate certificate;
  std::string private_key_pem;
};

// The present account and user, or nothing.
Result<std::optional<Administrator>> find_administrator(Tx& tx) {
  TRY(const auto account, Accounts(tx).find_by_name(kAdministrationAccount));
  if (!account) return std::optional<Administrator>();
  TRY(const auto user, Users(tx).root_of(account->id));
  return std::optional<Administrator>(Administrator{*account, user, {}, {}, {}});
}

Administrator new_administrator(common::Runtime& runtime) {
  Administrator a;
  a.account = new_account(runtime, kAdministrationAccount);
  a.user = new_root(runtime, a.account.id);
  return a;
}

// Slow: makes a key.
Result<Administrator> with_credentials(Administrator a, common::Runtime& runtime) {
  TRY(auto made, new_certificate(runtime, a.account, a.user));
  a.private_key_pem = std::move(made.private_key_pem);
  a.certificate = std::move(made.certificate);
  a.key = new_access_key(runtime, a.user.id);
  return a;
}

std::string json_of(const Administrator& a) {
  return boost::json::serialize(boost::json::object{
             {"access_key_id", a.key.id},
             {"secret_access_key", a.key.secret},
             {"account_id", a.account.id.value},
             {"account_name", a.account.name},
             {"user_id", a.user.id.value},
             {"user_name", a.user.name},
             {"canonical_id", a.account.canonical_id},
             {"certificate_id", a.certificate.id},
             {"certificate_pem", a.certificate.pem},
             {"private_key_pem", a.private_key_pem},
         }) +
         "\n";
}

Result<bool> names_a_stored_key(Tx& tx, const std::string& file_text) {
  boost::system::error_code failed;
  const auto value = boost::json::parse(file_text, failed);
  if (failed || !value.is_object()) return false;
  const auto* id = value.get_object().if_contains("access_key_id");
  if (!id || !id->is_string()) return false;
  TRY(const auto found, Identities(tx).find_credential(std::string(id->get_string())));
  return found.has_value();
}

Result<> store(Tx& tx, const Administrator& a, bool is_new, Services& s) {
  Identities identities(tx);
  if (is_new) {
    TRY_VOID(identities.insert(a.account));
    TRY_VOID(identities.insert(a.user));
    TRY_VOID(ensure_default_network(tx, s.runtime, a.account.id, s.config.instance_network));
  }
  TRY(const auto kept,
      sealed(*s.keys.masters, a.key, s.runtime.random_bytes(crypto::kGcmNonceBytes)));
  TRY_VOID(identities.insert(kept));
  return identities.insert(a.certificate);
}

}  // namespace

namespace {

Task<std::optional<std::string>> read_file(Services& s, std::string path) {
  auto read = [path = std::move(path)] { return registry::read_file(path); };
  co_return co_await s.runtime.run_blocking(std::move(read));
}

// Gives credentials that were written before they counted their real name, if they do count.
Task<> settle_draft(Services& s, std::string draft, std::string path) {
  CO_TRY(const auto text, co_await read_file(s, draft));
  if (!text) co_return common::ok();
  const auto look = [&text](Tx& tx) { return names_a_stored_key(tx, *text); };
  CO_TRY(const bool counts, co_await s.db.read(look));
  auto finish = [counts, draft, path, &text]() -> Result<> {
    if (counts) TRY_VOID(registry::write_file(path, *text));
    return registry::remove_file(draft);
  };
  co_return co_await s.runtime.run_blocking(std::move(finish));
}

}  // namespace

// The credentials are in a file before they count, and under its real name once they do. They are
// made once: keys that were rotated away stay away.
Task<> ensure_administrator(Services& s) {
  const auto path = s.config.state_dir + "/administrator.json";
  const auto draft = path + ".draft";
  CO_TRY_VOID(co_await settle_draft(s, draft, path));
  CO_TRY(const auto there, co_await read_file(s, path));
  const auto find = [](Tx& tx) { return find_administrator(tx); };
  CO_TRY(const auto present, co_await s.db.read(find));
  if (there && present) co_return common::ok();

  auto base = present ? *present : new_administrator(s.runtime);
  auto make = [base, &s] { return with_credentials(base, s.runtime); };
  CO_TRY(const auto administrator, co_await s.runtime.run_blocking(std::move(make)));
  auto write_file = [draft, json = json_of(administrator)] {
    return registry::write_file(draft, json);
  };
  CO_TRY_VOID(co_await s.runtime.run_blocking(std::move(write_file)));
  const bool is_new = !present.has_value();
  const auto keep = [administrator, is_new, &s](Tx& tx) {
    return store(tx, administrator, is_new, s);
  };
  CO_TRY_VOID(co_await s.db.write(keep));
  CO_TRY_VOID(co_await settle_draft(s, draft, path));
  log::info("administrator.made", {{"account", administrator.account.id}, {"file", path}});
  co_return common::ok();
}

Task<> ensure_thumbprints(Services& s) {
  const auto fill = [](Tx& tx) { return Identities(tx).fill_thumbprints(); };
  CO_TRY_VOID(co_await s.db.write(fill));
  co_return common::ok();
}

Task<> load_properties(Services& s) {
  const auto read = [](Tx& tx) { return PropertyValues(tx).list(); };
  CO_TRY(const auto values, co_await s.db.read(read));
  for (const auto& [name, value] : values)
    if (find_property(name)) s.properties.set(name, value);
  co_return common::ok();
}

}  // namespace angophora::clc
