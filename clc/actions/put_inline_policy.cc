// PutUserPolicy, PutGroupPolicy, PutRolePolicy and PutAccountPolicy: a policy that is part of the
// one it is put on, in place of one with that name.
#include "clc/actions/iam_policies.h"
#include "clc/actions/quotas.h"
#include "clc/store/inline_policies.h"
#include "clc/store/users.h"
#include "common/policy/limits.h"

namespace angophora::clc::actions::put_inline_policy {
namespace {

struct Request {
  std::string entity;
  std::string policy_name;
  std::string document;
  std::string delegate;
};

template <EntityKind kKind>
constexpr Param<Request> kEntityParams[] = {
    required<&Request::entity>(name_element(kKind)),
    required<&Request::policy_name>("PolicyName"),
    required<&Request::document>("PolicyDocument"),
    optional<&Request::delegate>("DelegateAccount"),
};
constexpr Param<Request> kAccountParams[] = {
    required<&Request::entity>("AccountName"),
    required<&Request::policy_name>("PolicyName"),
    required<&Request::document>("PolicyDocument"),
};

// All inline policies of one together have the room of one.
Result<> check_room(Tx& tx, const NamedEntity& found, const InlinePolicy& policy,
                    const policy::Rules& rules) {
  TRY(const auto others, InlinePolicies(tx).of(found.entity));
  TRY(const auto document, policy::parse(policy.document, rules));
  auto size = document.size();
  for (const auto& other : others) {
    if (other.name == policy.name) continue;
    TRY(const auto parsed, policy::parse(other.document, rules));
    size += parsed.size();
  }
  if (size <= rules.size_max) return common::ok();
  return Error(IdentityErrc::limit_exceeded,
               "Maximum policy size of " + std::to_string(rules.size_max) + " bytes exceeded for " +
                   word_of(found.entity.kind) + " " + found.name);
}

// A quota that would never count is refused: one that the cloud does not keep, not for users, or in
// a statement that does not speak of the action which takes it.
Result<> check_limits(const policy::Document& document, bool of_account) {
  const policy::NamedPolicy policy{"", document};
  for (const auto& key : policy::limited_keys(document)) {
    const auto* kind = find_quota(key);
    if (!kind)
      return Error(policy::PolicyErrc::malformed,
                   "The quota " + key + " is not kept by this cloud");
    if (!of_account && !kind->of_users)
      return Error(policy::PolicyErrc::malformed,
                   "The quota " + key + " counts for accounts only, not for users and groups");
    if (!policy::limit(std::span(&policy, 1), key, kind->action))
      return Error(policy::PolicyErrc::malformed,
                   "The quota " + key + " would never count: its statement must have the Action " +
                       kind->action + " and the Resource *");
  }
  return common::ok();
}

// An account's root has the account's limits and no others.
Result<> check_is_limited(Tx& tx, const NamedEntity& found, const policy::Document& document) {
  if (found.entity.kind != EntityKind::user || document.limits().empty()) return common::ok();
  TRY(const auto user, Users(tx).find(found.account.id, found.name));
  if (!user.is_root) return common::ok();
  return Error(policy::PolicyErrc::malformed,
               "A quota of the root would never count: put it on the account");
}

template <EntityKind kKind>
Task<Reply> handle(Services& s, Caller caller, Request request) {
  CO_TRY_VOID(check_policy_name(request.policy_name));
  const auto rules = inline_rules(kKind);
  CO_TRY(const auto document, policy::parse(request.document, rules));
  CO_TRY_VOID(check_limits(document, kKind == EntityKind::account));
  const auto change = [caller, request, rules, document](Tx& tx) -> Result<> {
    TRY(const auto found, find_entity(tx, caller, kKind, request.entity, request.delegate));
    const InlinePolicy policy{request.policy_name, request.document};
    TRY_VOID(check_room(tx, found, policy, rules));
    TRY_VOID(check_is_limited(tx, found, document));
    return InlinePolicies(tx).put(found.entity, policy);
  };
  co_return co_await change_iam(s, caller, change);
}

}  // namespace

extern const Action PutUserPolicy{
    .name = "PutUserPolicy",
    .permission = "iam:PutUserPolicy",
    .api = Api::iam,
    .run = parse_then<Request, kEntityParams<EntityKind::user>, handle<EntityKind::user>>,
};
extern const Action PutGroupPolicy{
    .name = "PutGroupPolicy",
    .permission = "iam:PutGroupPolicy",
    .api = Api::iam,
    .run = parse_then<Request, kEntityParams<EntityKind::group>, handle<EntityKind::group>>,
};
extern const Action PutRolePolicy{
    .name = "PutRolePolicy",
    .permission = "iam:PutRolePolicy",
    .api = Api::iam,
    .run = parse_then<Request, kEntityParams<EntityKind::role>, handle<EntityKind::role>>,
};
extern const Action PutAccountPolicy{
    .name = "PutAccountPolicy",
    .permission = "iam:PutAccountPolicy",
    .api = Api::iam,
    .administrators_only = true,
    .run = parse_then<Request, kAccountParams, handle<EntityKind::account>>,
};

}  // namespace angophora::clc::actions::put_inline_policy
