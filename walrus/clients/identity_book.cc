#include "walrus/clients/identity_book.h"

#include "walrus/domain/s3_errors.h"

namespace angophora::walrus {

namespace {

constexpr char kTokenKey[] = "token key ";

Error unknown_key() {
  return {S3Errc::invalid_access_key_id,
          "The AWS Access Key Id you provided does not exist in our records."};
}

policy::Principal principal_of(const Account& account, const User& user) {
  auto principal = policy::Principal::root(account.id.value);
  if (!user.is_root) {
    // arn:aws:iam::ACCOUNT:user/PATH/NAME
    const auto path_and_name = user.arn.substr(user.arn.find('/') + 1);
    principal = policy::Principal::user(account.id.value, path_and_name, user.id.value);
  }
  principal.canonical_id = account.canonical_id;
  return principal;
}

}  // namespace

IdentityBook::IdentityBook(common::Runtime& runtime, Unseal unseal, std::chrono::seconds age_max)
    : runtime_(runtime),
      unseal_(std::move(unseal)),
      age_max_(age_max),
      identities_(std::make_shared<Identities>()) {}

void IdentityBook::replace(IdentityList list, common::SysTime checked) {
  restore(std::move(list), checked, true);
}

void IdentityBook::restore(IdentityList list, common::SysTime checked, bool is_complete) {
  identities_ = std::make_shared<Identities>(std::move(list));
  checked_ = checked;
  is_complete_ = is_complete;
  forget_changed();
}

// Whoever holds the present ones keeps them as they are.
void IdentityBook::apply(IdentityChanges changes, common::SysTime checked) {
  if (identities_.use_count() > 1) identities_ = std::make_shared<Identities>(*identities_);
  if (!changes.more) checked_ = checked;
  is_complete_ = !changes.more || (is_complete_ && !changes.whole);
  identities_->apply(std::move(changes));
  forget_changed();
}

void IdentityBook::forget_changed() {
  policies_.forget_users();
  std::erase_if(opened_, [this](const auto& entry) {
    if (entry.first.starts_with(kTokenKey)) return false;  // one or two, looked at when used
    const auto owner = identities_->find_key(entry.first);
    return !owner || owner->key.sealed_secret != entry.second.sealed;
  });
}

bool IdentityBook::usable() const {
  return is_complete_ && identities_->version() > 0 && runtime_.now() - checked_ <= age_max_;
}

Task<Credential> IdentityBook::credential(std::string access_key, std::string session_token) {
  if (!usable())
    co_return Error(
        S3Errc::service_unavailable,
        "The identities of this cloud are not known here at the moment. Please try again.");
  if (!session_token.empty())
    co_return co_await of_session(std::move(access_key), std::move(session_token));
  co_return co_await of_key(std::move(access_key));
}

Task<Credential> IdentityBook::of_key(std::string access_key) {
  auto owner = identities_->find_key(access_key);
  if (!owner) co_return unknown_key();
  Credential credential;
  CO_TRY(credential.policies, policies_.of(*identities_, owner->account, owner->user));
  credential.principal = principal_of(owner->account, owner->user);
  credential.account = std::move(owner->account);
  const std::string sealed = owner->key.sealed_secret;
  CO_TRY(credential.secret, co_await opened(access_key, sealed));
  co_return credential;
}

Task<Credential> IdentityBook::of_session(std::string access_key, std::string session_token) {
  std::vector<sessions::TokenKey> keys;
  const auto sealed_keys = identities_->token_keys();
  for (const auto& one : sealed_keys) {
    const std::string name = kTokenKey + one.id, sealed = one.sealed;
    CO_TRY(auto key, co_await opened(name, sealed));
    keys.push_back({one.id, std::move(key)});
  }
  const auto session = sessions::open(session_token, access_key, keys, runtime_.now());
  if (session) co_return of_opened(session.assume_value());
  const bool is_over = session.error().code == make_error_code(sessions::SessionErrc::expired);
  co_return Error(is_over ? S3Errc::expired_token : S3Errc::invalid_token,
                  is_over ? "The provided token has expired."
                          : "The provided token is malformed or otherwise invalid.");
}

// With the identities as they are now, whatever was waited for.
Result<Credential> IdentityBook::of_opened(const sessions::Session& session) {
  const auto* account = identities_->account(common::AccountId(session.account));
  if (!account) return unknown_key();
  Credential credential{*account, {}, session.secret, {}};
  if (session.kind == sessions::Session::Kind::role) {
    const auto* role = identities_->role(session.issuer);
    if (!role || role->account != account->id) return unknown_key();
    TRY(credential.policies, policies_.of(*identities_, *account, *role));
    credential.principal = sessions::principal_of(session, role->arn);
  } else {
    const auto* user = identities_->user(common::UserId(session.issuer));
    if (!user || user->account != account->id || !user->is_enabled) return unknown_key();
    TRY(credential.policies, policies_.of(*identities_, *account, *user));
    credential.principal = sessions::principal_of(session, principal_of(*account, *user));
  }
  credential.principal.canonical_id = account->canonical_id;
  TRY(credential.policies, policies_.limited(*identities_, credential.policies, session));
  return credential;
}

Task<std::string> IdentityBook::opened(std::string name, std::string sealed) {
  const auto known = opened_.find(name);
  if (known != opened_.end() && known->second.sealed == sealed) co_return known->second.secret;
  auto work = [unseal = unseal_, sealed] { return unseal(sealed); };
  CO_TRY(auto secret, co_await runtime_.run_blocking(std::move(work)));
  opened_[name] = {sealed, secret};
  co_return secret;
}

}  // namespace angophora::walrus
