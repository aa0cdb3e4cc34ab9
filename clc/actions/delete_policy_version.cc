// DeletePolicyVersion: a version of a managed policy that is not in force.
#include "clc/actions/iam_policies.h"
#include "clc/store/managed_policies.h"

namespace angophora::clc::actions::delete_policy_version {
namespace {

struct Request {
  std::string policy;
  std::string version;
  std::string delegate;
};

constexpr Param<Request> kParams[] = {
    required<&Request::policy>("PolicyArn"),
    required<&Request::version>("VersionId"),
    optional<&Request::delegate>("DelegateAccount"),
};

Task<Reply> handle(Services& s, Caller caller, Request request) {
  CO_TRY(const auto number, version_number(request.version));
  const auto change = [caller, request, number](Tx& tx) -> Result<> {
    TRY(const auto policy, find_own_policy(tx, caller, request.policy, request.delegate));
    TRY_VOID(ManagedPolicies(tx).version(policy, number));
    if (policy.default_version == number)
      return Error(IdentityErrc::conflict, "Cannot delete the default version of a policy.");
    return ManagedPolicies(tx).remove_version(policy.id, number);
  };
  CO_TRY_VOID(co_await commit(s, caller, change));
  co_return Reply();
}

}  // namespace

extern const Action DeletePolicyVersion{
    .name = "DeletePolicyVersion",
    .permission = "iam:DeletePolicyVersion",
    .api = Api::iam,
    .run = parse_then<Request, kParams, handle>,
};

}  // namespace angophora::clc::actions::delete_policy_version
