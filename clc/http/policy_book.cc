#include "clc/http/policy_book.h"

#include "clc/store/held_policies.h"
#include "clc/store/identity_changes.h"
#include "clc/store/managed_policies.h"

namespace angophora::clc {
namespace {

constexpr std::size_t kKnownMax = 10'000;

// What a session may at most comes with the session.
Result<std::vector<policy::NamedPolicy>> session_policies(Tx& tx,
                                                          const sessions::Session& session) {
  std::vector<policy::NamedPolicy> policies;
  std::size_t number = 0;
  for (const auto& document : session.policies) {
    const InlinePolicy one{std::to_string(++number), document};
    TRY_VOID(add_documents({one}, "session " + session.name, policy::session_rules(), policies));
  }
  for (const auto& id : session.policy_ids) {
    TRY(const auto policy, ManagedPolicies(tx).find(PolicyId(id)));
    if (!policy) continue;  // what is gone allows nothing
    TRY(const auto version, ManagedPolicies(tx).version(*policy, policy->default_version));
    const InlinePolicy one{policy->name, version.document};
    TRY_VOID(add_documents({one}, "session " + session.name, policy::managed_rules(), policies));
  }
  return policies;
}

}  // namespace

Result<std::shared_ptr<const policy::Policies>> PolicyBook::of(Tx& tx, const Caller& caller) {
  TRY(auto held, of_holder(tx, caller));
  if (!caller.session || !caller.session->session.limited) return held;
  auto limited = *held;
  TRY(limited.session, session_policies(tx, caller.session->session));
  return std::shared_ptr<const policy::Policies>(
      std::make_shared<const policy::Policies>(std::move(limited)));
}

Result<std::shared_ptr<const policy::Policies>> PolicyBook::of_holder(Tx& tx,
                                                                      const Caller& caller) {
  const auto holder = holder_of(caller);
  TRY(const auto version, IdentityChanges(tx).version());
  {
    const std::lock_guard lock(mutex_);
    const auto found = known_.find(holder.id);
    if (version == version_ && found != known_.end()) return found->second;
  }
  TRY(auto loaded, held_policies(tx, caller, holder));
  auto policies = std::make_shared<const policy::Policies>(std::move(loaded));
  const std::lock_guard lock(mutex_);
  // A reader that saw an older database than another one keeps what it found to itself.
  if (version < version_) return policies;
  if (version > version_ || known_.size() >= kKnownMax) known_.clear();
  version_ = version;
  known_[holder.id] = policies;
  return policies;
}

}  // namespace angophora::clc
