// AttachUserPolicy, AttachGroupPolicy and AttachRolePolicy: a managed policy counts for one.
#include "clc/actions/iam_policies.h"
#include "clc/store/managed_policies.h"

namespace angophora::clc::actions::attach_policy {
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
Result<> attach(Tx& tx, const Caller& caller, const Request& request) {
  TRY(const auto found, find_entity(tx, caller, kKind, request.entity, request.delegate));
  ManagedPolicies policies(tx);
  TRY(const auto policy, policies.find(found.account.id, request.policy));
  TRY(const auto attached, policies.attached_to(found.entity));
  for (const auto& one : attached)
    if (one.id == policy.id) return common::ok();
  if (attached.size() >= kAttachedPoliciesMax)
    return Error(IdentityErrc::limit_exceeded, std::string("Cannot exceed quota for PoliciesPer") +
                                                   (kKind == EntityKind::user    ? "User: "
                                                    : kKind == EntityKind::group ? "Group: "
                                                                                 : "Role: ") +
                                                   std::to_string(kAttachedPoliciesMax));
  return policies.attach(policy, found.account.id, found.entity);
}

template <EntityKind kKind>
Task<Reply> handle(Services& s, Caller caller, Request request) {
  const auto change = [caller, request](Tx& tx) { return attach<kKind>(tx, caller, request); };
  co_return co_await change_iam(s, caller, change);
}

}  // namespace

extern const Action AttachUserPolicy{
    .name = "AttachUserPolicy",
    .permission = "iam:AttachUserPolicy",
    .api = Api::iam,
    .run = parse_then<Request, kEntityParams<EntityKind::user>, handle<EntityKind::user>>,
};
extern const Action AttachGroupPolicy{
    .name = "AttachGroupPolicy",
    .permission = "iam:AttachGroupPolicy",
    .api = Api::iam,
    .run = parse_then<Request, kEntityParams<EntityKind::group>, handle<EntityKind::group>>,
};
extern const Action AttachRolePolicy{
    .name = "AttachRolePolicy",
    .permission = "iam:AttachRolePolicy",
    .api = Api::iam,
    .run = parse_then<Request, kEntityParams<EntityKind::role>, handle<EntityKind::role>>,
};

}  // namespace angophora::clc::actions::attach_policy
