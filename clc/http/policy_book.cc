#include "clc/http/policy_book.h"

#include "clc/store/identity_changes.h"
#include "clc/store/inline_policies.h"
#include "clc/store/managed_policies.h"
#include "clc/store/user_groups.h"

namespace angophora::clc {
namespace {

constexpr std::size_t kKnownMax = 10'000;

// A document that was taken once and is not understood any more lets nobody do anything.
Result<> add(const std::vector<InlinePolicy>& documents, const std::string& owner,
             const policy::Rules& rules, std::vector<policy::NamedPolicy>& into) {
  for (const auto& one : documents) {
    auto parsed = policy::parse(one.document, rules);
    if (!parsed)
      return Error(common::Errc::corrupt,
                   "the policy " + owner + "/" + one.name + ": " + parsed.error().message);
    into.push_back({owner + "/" + one.name, std::move(parsed).assume_value()});
  }
  return common::ok();
}

Result<> add_entity(Tx& tx, const PolicyEntity& entity, const std::string& name,
                    std::vector<policy::NamedPolicy>& into) {
  TRY(const auto parts, InlinePolicies(tx).of(entity));
  TRY_VOID(add(parts, name, inline_rules(entity.kind), into));
  TRY(const auto attached, ManagedPolicies(tx).documents_of(entity));
  return add(attached, name, policy::managed_rules(), into);
}

Result<policy::Policies> load(Tx& tx, const Caller& caller) {
  policy::Policies policies;
  TRY_VOID(add_entity(tx, entity(caller.account), caller.account_name, policies.account));
  if (caller.is_root) return policies;
  TRY_VOID(add_entity(tx, entity(caller.user), caller.user_name, policies.identity));
  TRY(const auto groups, UserGroups(tx).groups_of(caller.user));
  for (const auto& group : groups)
    TRY_VOID(add_entity(tx, entity(group.id), "group " + group.name, policies.identity));
  return policies;
}

}  // namespace

Result<std::shared_ptr<const policy::Policies>> PolicyBook::of(Tx& tx, const Caller& caller) {
  TRY(const auto version, IdentityChanges(tx).version());
  {
    const std::lock_guard lock(mutex_);
    const auto found = known_.find(caller.user);
    if (version == version_ && found != known_.end()) return found->second;
  }
  TRY(auto loaded, load(tx, caller));
  auto policies = std::make_shared<const policy::Policies>(std::move(loaded));
  const std::lock_guard lock(mutex_);
  // A reader that saw an older database than another one keeps what it found to itself.
  if (version < version_) return policies;
  if (version > version_ || known_.size() >= kKnownMax) known_.clear();
  version_ = version;
  known_[caller.user] = policies;
  return policies;
}

}  // namespace angophora::clc
