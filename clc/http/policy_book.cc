#include "clc/http/policy_book.h"

#include "clc/store/identity_changes.h"
#include "clc/store/inline_policies.h"
#include "clc/store/managed_policies.h"
#include "clc/store/user_groups.h"
#include "clc/store/users.h"

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

// Who has the policies: a session has those of its role or user.
struct Holder {
  bool is_role = false;
  std::string id;
};

Holder holder_of(const Caller& caller) {
  if (!caller.session) return {false, caller.user.value};
  const auto& session = caller.session->session;
  return {session.kind == sessions::Session::Kind::role, session.issuer};
}

Result<policy::Policies> load(Tx& tx, const Caller& caller, const Holder& holder) {
  policy::Policies policies;
  TRY_VOID(add_entity(tx, entity(caller.account), caller.account_name, policies.account));
  if (holder.is_role) {
    TRY_VOID(add_entity(tx, entity(RoleId(holder.id)), caller.user_arn, policies.identity));
    return policies;
  }
  const UserId user(holder.id);
  TRY(const auto row, Users(tx).find(user));
  if (caller.is_root || (row && row->is_root)) return policies;
  TRY_VOID(add_entity(tx, entity(user), row ? row->name : caller.user_name, policies.identity));
  TRY(const auto groups, UserGroups(tx).groups_of(user));
  for (const auto& group : groups)
    TRY_VOID(add_entity(tx, entity(group.id), "group " + group.name, policies.identity));
  return policies;
}

// What a session may at most comes with the session.
Result<std::vector<policy::NamedPolicy>> session_policies(Tx& tx,
                                                          const sessions::Session& session) {
  std::vector<policy::NamedPolicy> policies;
  std::size_t number = 0;
  for (const auto& document : session.policies) {
    const InlinePolicy one{std::to_string(++number), document};
    TRY_VOID(add({one}, "session " + session.name, policy::session_rules(), policies));
  }
  for (const auto& id : session.policy_ids) {
    TRY(const auto policy, ManagedPolicies(tx).find(PolicyId(id)));
    if (!policy) continue;  // what is gone allows nothing
    TRY(const auto version, ManagedPolicies(tx).version(*policy, policy->default_version));
    const InlinePolicy one{policy->name, version.document};
    TRY_VOID(add({one}, "session " + session.name, policy::managed_rules(), policies));
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
  TRY(auto loaded, load(tx, caller, holder));
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
