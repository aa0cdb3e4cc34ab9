// GetUserPolicy, GetGroupPolicy, GetRolePolicy and GetAccountPolicy: one policy that is part of
// one.
#include "clc/actions/iam_policies.h"
#include "clc/store/inline_policies.h"

namespace angophora::clc::actions::get_inline_policy {
namespace {

struct Request {
  std::string entity;
  std::string policy_name;
  std::string delegate;
};

template <EntityKind kKind>
constexpr Param<Request> kEntityParams[] = {
    required<&Request::entity>(name_element(kKind)),
    required<&Request::policy_name>("PolicyName"),
    optional<&Request::delegate>("DelegateAccount"),
};
constexpr Param<Request> kAccountParams[] = {
    required<&Request::entity>("AccountName"),
    required<&Request::policy_name>("PolicyName"),
};

struct Found {
  std::string entity;
  std::optional<InlinePolicy> policy;
};

template <EntityKind kKind>
Task<Reply> handle(Services& s, Caller caller, Request request) {
  const auto find = [caller, request](Tx& tx) -> Result<Found> {
    TRY(const auto found, find_entity(tx, caller, kKind, request.entity, request.delegate));
    TRY(auto policy, InlinePolicies(tx).find(found.entity, request.policy_name));
    return Found{found.name, std::move(policy)};
  };
  CO_TRY(const auto found, co_await s.db.read(find));
  if (!found.policy) co_return no_such_policy(kKind, request.policy_name);
  Reply reply;
  reply.add(name_element(kKind), found.entity).add("PolicyName", found.policy->name);
  reply.add("PolicyDocument", document_text(found.policy->document));
  co_return reply;
}

}  // namespace

extern const Action GetUserPolicy{
    .name = "GetUserPolicy",
    .permission = "iam:GetUserPolicy",
    .api = Api::iam,
    .run = parse_then<Request, kEntityParams<EntityKind::user>, handle<EntityKind::user>>,
};
extern const Action GetGroupPolicy{
    .name = "GetGroupPolicy",
    .permission = "iam:GetGroupPolicy",
    .api = Api::iam,
    .run = parse_then<Request, kEntityParams<EntityKind::group>, handle<EntityKind::group>>,
};
extern const Action GetRolePolicy{
    .name = "GetRolePolicy",
    .permission = "iam:GetRolePolicy",
    .api = Api::iam,
    .run = parse_then<Request, kEntityParams<EntityKind::role>, handle<EntityKind::role>>,
};
extern const Action GetAccountPolicy{
    .name = "GetAccountPolicy",
    .permission = "iam:GetAccountPolicy",
    .api = Api::iam,
    .administrators_only = true,
    .run = parse_then<Request, kAccountParams, handle<EntityKind::account>>,
};

}  // namespace angophora::clc::actions::get_inline_policy
