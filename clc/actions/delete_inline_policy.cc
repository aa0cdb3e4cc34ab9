// DeleteUserPolicy, DeleteGroupPolicy, DeleteRolePolicy and DeleteAccountPolicy: one that is part
// of one.
#include "clc/actions/iam_policies.h"
#include "clc/store/inline_policies.h"

namespace angophora::clc::actions::delete_inline_policy {
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

template <EntityKind kKind>
Task<Reply> handle(Services& s, Caller caller, Request request) {
  const auto change = [caller, request](Tx& tx) -> Result<> {
    TRY(const auto found, find_entity(tx, caller, kKind, request.entity, request.delegate));
    TRY(const bool was_there, InlinePolicies(tx).remove(found.entity, request.policy_name));
    if (was_there) return common::ok();
    return no_such_policy(kKind, request.policy_name);
  };
  co_return co_await change_iam(s, caller, change);
}

}  // namespace

extern const Action DeleteUserPolicy{
    .name = "DeleteUserPolicy",
    .permission = "iam:DeleteUserPolicy",
    .api = Api::iam,
    .run = parse_then<Request, kEntityParams<EntityKind::user>, handle<EntityKind::user>>,
};
extern const Action DeleteGroupPolicy{
    .name = "DeleteGroupPolicy",
    .permission = "iam:DeleteGroupPolicy",
    .api = Api::iam,
    .run = parse_then<Request, kEntityParams<EntityKind::group>, handle<EntityKind::group>>,
};
extern const Action DeleteRolePolicy{
    .name = "DeleteRolePolicy",
    .permission = "iam:DeleteRolePolicy",
    .api = Api::iam,
    .run = parse_then<Request, kEntityParams<EntityKind::role>, handle<EntityKind::role>>,
};
extern const Action DeleteAccountPolicy{
    .name = "DeleteAccountPolicy",
    .permission = "iam:DeleteAccountPolicy",
    .api = Api::iam,
    .administrators_only = true,
    .run = parse_then<Request, kAccountParams, handle<EntityKind::account>>,
};

}  // namespace angophora::clc::actions::delete_inline_policy
