// DetachUserPolicy, DetachGroupPolicy and DetachRolePolicy: a managed policy counts for one no
// more.
#include "clc/actions/iam_policies.h"
#include "clc/store/managed_policies.h"

namespace angophora::clc::actions::detach_policy {
namespace {

struct Request {
  std::string entity;
  std::string policy;
  std::string delegate;
};

template <EntityKind kKind>
constexpr Param<Request> kEntityParams[] = {
    required<&Request::entity>(name_element(kKind)),
    required<&Request::policy>("PolicyArn"),
    optional<&Request::delegate>("DelegateAccount"),
};

template <EntityKind kKind>
Result<> detach(Tx& tx, const Caller& caller, const Request& request) {
  TRY(const auto found, find_entity(tx, caller, kKind, request.entity, request.delegate));
  ManagedPolicies policies(tx);
  TRY(const auto policy, policies.find(found.account.id, request.policy));
  TRY(const bool was_attached, policies.detach(policy.id, found.entity));
  if (was_attached) return common::ok();
  return Error(IdentityErrc::not_found, "Policy " + request.policy + " was not found attached to " +
                                            word_of(kKind) + " " + found.name + ".");
}

template <EntityKind kKind>
Task<Reply> handle(Services& s, Caller caller, Request request) {
  const auto change = [caller, request](Tx& tx) { return detach<kKind>(tx, caller, request); };
  co_return co_await change_iam(s, caller, change);
}

}  // namespace

extern const Action DetachUserPolicy{
    .name = "DetachUserPolicy",
    .permission = "iam:DetachUserPolicy",
    .api = Api::iam,
    .run = parse_then<Request, kEntityParams<EntityKind::user>, handle<EntityKind::user>>,
};
extern const Action DetachGroupPolicy{
    .name = "DetachGroupPolicy",
    .permission = "iam:DetachGroupPolicy",
    .api = Api::iam,
    .run = parse_then<Request, kEntityParams<EntityKind::group>, handle<EntityKind::group>>,
};
extern const Action DetachRolePolicy{
    .name = "DetachRolePolicy",
    .permission = "iam:DetachRolePolicy",
    .api = Api::iam,
    .run = parse_then<Request, kEntityParams<EntityKind::role>, handle<EntityKind::role>>,
};

}  // namespace angophora::clc::actions::detach_policy
