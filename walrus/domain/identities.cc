#include "walrus/domain/identities.h"

#include <boost/json.hpp>

#include "common/base/encoding.h"

namespace angophora::walrus {
namespace {

namespace json = boost::json;

std::string text_of(const json::value& object, std::string_view name) {
  return std::string(object.at(name).as_string());
}

}  // namespace

Identities::Identities(IdentityList list) : version_(list.version) {
  for (auto& account : list.accounts) {
    canonical_ids_[account.canonical_id] = account.id;
    accounts_[account.id] = std::move(account);
  }
  for (auto& user : list.users) users_[user.id] = std::move(user);
  for (auto& key : list.keys) keys_[key.id] = std::move(key);
}

std::optional<Identities::KeyOwner> Identities::find_key(const std::string& access_key) const {
  const auto key = keys_.find(access_key);
  if (key == keys_.end() || !key->second.active) return std::nullopt;
  const auto user = users_.find(key->second.user);
  if (user == users_.end()) return std::nullopt;
  const auto* owner = account(user->second.account);
  if (!owner) return std::nullopt;
  return KeyOwner{key->second, user->second, *owner};
}

const Account* Identities::account(const common::AccountId& id) const {
  const auto found = accounts_.find(id);
  return found == accounts_.end() ? nullptr : &found->second;
}

const Account* Identities::account_of_canonical_id(const std::string& canonical_id) const {
  const auto found = canonical_ids_.find(canonical_id);
  return found == canonical_ids_.end() ? nullptr : account(found->second);
}

std::string store_identities(const IdentityList& list) {
  json::array accounts, users, keys;
  for (const auto& a : list.accounts)
    accounts.push_back({{"id", a.id.value}, {"name", a.name}, {"canonical_id", a.canonical_id}});
  for (const auto& u : list.users)
    users.push_back(
        {{"id", u.id.value}, {"account", u.account.value}, {"name", u.name}, {"arn", u.arn}});
  for (const auto& k : list.keys)
    keys.push_back({{"id", k.id},
                    {"user", k.user.value},
                    {"sealed_secret", common::base64_encode(k.sealed_secret)},
                    {"active", k.active}});
  json::object document;
  document["version"] = list.version;
  document["accounts"] = std::move(accounts);
  document["users"] = std::move(users);
  document["keys"] = std::move(keys);
  return json::serialize(document);
}

common::Result<IdentityList> load_identities(const std::string& text) {
  try {
    const auto document = json::parse(text);
    IdentityList list;
    list.version = document.at("version").as_int64();
    for (const auto& a : document.at("accounts").as_array())
      list.accounts.push_back(
          {common::AccountId(text_of(a, "id")), text_of(a, "name"), text_of(a, "canonical_id")});
    for (const auto& u : document.at("users").as_array())
      list.users.push_back({common::UserId(text_of(u, "id")),
                            common::AccountId(text_of(u, "account")), text_of(u, "name"),
                            text_of(u, "arn")});
    for (const auto& k : document.at("keys").as_array()) {
      auto sealed = common::base64_decode(text_of(k, "sealed_secret"));
      list.keys.push_back({text_of(k, "id"), common::UserId(text_of(k, "user")),
                           std::move(sealed).value_or(""), k.at("active").as_bool()});
    }
    return list;
  } catch (const std::exception& e) {
    return common::Error(common::Errc::corrupt,
                         std::string("the stored identities do not read: ") + e.what());
  }
}

}  // namespace angophora::walrus
