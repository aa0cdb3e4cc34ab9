#include "walrus/domain/identities.h"

namespace angophora::walrus {

Identities::Identities(IdentityList list) {
  IdentityChanges all;
  all.present = std::move(list);
  all.whole = true;
  apply(std::move(all));
}

void Identities::apply(IdentityChanges changes) {
  if (changes.whole) *this = Identities();
  version_ = changes.present.version;
  for (auto& account : changes.present.accounts) put(std::move(account));
  for (auto& user : changes.present.users) users_.insert_or_assign(user.id, std::move(user));
  for (auto& key : changes.present.keys) keys_.insert_or_assign(key.id, std::move(key));
  for (auto& group : changes.present.groups) groups_.insert_or_assign(group.id, std::move(group));
  for (auto& one : changes.present.policies) policies_.insert_or_assign(one.id, std::move(one));
  for (auto& role : changes.present.roles) roles_.insert_or_assign(role.id, std::move(role));
  if (!changes.present.token_keys.empty()) token_keys_ = std::move(changes.present.token_keys);
  for (const auto& id : changes.removed_roles) roles_.erase(id);
  for (const auto& id : changes.removed_groups) groups_.erase(id);
  for (const auto& id : changes.removed_policies) policies_.erase(id);
  for (const auto& id : changes.removed_accounts) remove(id);
  for (const auto& id : changes.removed_users) users_.erase(id);
  for (const auto& id : changes.removed_keys) keys_.erase(id);
}

// Somebody may hold the present ones, and keeps them as they are.
AccountNumbers& Identities::own_canonical_ids() {
  if (canonical_ids_.use_count() > 1)
    canonical_ids_ = std::make_shared<AccountNumbers>(*canonical_ids_);
  return *canonical_ids_;
}

void Identities::put(Account account) {
  remove(account.id);
  own_canonical_ids().insert_or_assign(account.canonical_id, account.id);
  accounts_.insert_or_assign(account.id, std::move(account));
}

void Identities::remove(const common::AccountId& id) {
  const auto found = accounts_.find(id);
  if (found == accounts_.end()) return;
  own_canonical_ids().erase(found->second.canonical_id);
  accounts_.erase(found);
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
  const auto found = canonical_ids_->find(canonical_id);
  return found == canonical_ids_->end() ? nullptr : account(found->second);
}

const UserGroup* Identities::group(const std::string& id) const {
  const auto found = groups_.find(id);
  return found == groups_.end() ? nullptr : &found->second;
}

const Role* Identities::role(const std::string& id) const {
  const auto found = roles_.find(id);
  return found == roles_.end() ? nullptr : &found->second;
}

const User* Identities::user(const common::UserId& id) const {
  const auto found = users_.find(id);
  return found == users_.end() ? nullptr : &found->second;
}

const ManagedPolicy* Identities::policy(const std::string& id) const {
  const auto found = policies_.find(id);
  return found == policies_.end() ? nullptr : &found->second;
}

}  // namespace angophora::walrus
