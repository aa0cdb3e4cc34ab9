#include "walrus/clients/identity_book.h"

#include "walrus/domain/s3_errors.h"

namespace angophora::walrus {

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
    const auto owner = identities_->find_key(entry.first);
    return !owner || owner->key.sealed_secret != entry.second.sealed;
  });
}

bool IdentityBook::usable() const {
  return is_complete_ && identities_->version() > 0 && runtime_.now() - checked_ <= age_max_;
}

Task<Credential> IdentityBook::credential(std::string access_key) {
  if (!usable())
    co_return Error(
        S3Errc::service_unavailable,
        "The identities of this cloud are not known here at the moment. Please try again.");
  auto owner = identities_->find_key(access_key);
  if (!owner)
    co_return Error(S3Errc::invalid_access_key_id,
                    "The AWS Access Key Id you provided does not exist in our records.");
  CO_TRY(auto policies, policies_.of(*identities_, owner->account, owner->user));
  Credential credential{std::move(owner->account), std::move(owner->user), {}, std::move(policies)};
  const auto known = opened_.find(access_key);
  if (known != opened_.end()) {
    credential.secret = known->second.secret;
    co_return credential;
  }
  const std::string sealed = owner->key.sealed_secret;
  auto work = [unseal = unseal_, sealed] { return unseal(sealed); };
  CO_TRY(credential.secret, co_await runtime_.run_blocking(std::move(work)));
  opened_[access_key] = {sealed, credential.secret};
  co_return credential;
}

}  // namespace angophora::walrus
