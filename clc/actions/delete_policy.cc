// DeletePolicy: a managed policy that is attached to nothing and has one version.
#include "clc/actions/iam_policies.h"
#include "clc/store/managed_policies.h"

namespace angophora::clc::actions::delete_policy {
namespace {

struct Request {
  std::string policy;
  std::string delegate;
};

constexpr Param<Request> kParams[] = {
    required<&Request::policy>("PolicyArn"),
    optional<&Request::delegate>("DelegateAccount"),
};

Result<> remove(Tx& tx, const Caller& caller, const Request& request) {
  ManagedPolicies policies(tx);
  TRY(const auto policy, find_own_policy(tx, caller, request.policy, request.delegate));
  TRY(const auto attachments, policies.attachments(policy.id, policy.account));
  if (attachments > 0)
    return Error(IdentityErrc::conflict, "Cannot delete a policy attached to entities.");
  TRY(const auto versions, policies.versions(policy.id));
  if (versions.size() > 1)
    return Error(IdentityErrc::conflict,
                 "This policy has more than one version. Before you delete a policy, you must "
                 "delete the policy's versions. The default version is deleted with the policy.");
  return policies.remove(policy.id);
}

Task<Reply> handle(Services& s, Caller caller, Request request) {
  const auto change = [caller, request](Tx& tx) { return remove(tx, caller, request); };
  co_return co_await change_iam(s, caller, change);
}

}  // namespace

extern const Action DeletePolicy{
    .name = "DeletePolicy",
    .permission = "iam:DeletePolicy",
    .api = Api::iam,
    .run = parse_then<Request, kParams, handle>,
};

}  // namespace angophora::clc::actions::delete_policy
