// SetDefaultPolicyVersion: which document of a managed policy is in force.
#include "clc/actions/iam_policies.h"
#include "clc/store/managed_policies.h"

namespace angophora::clc::actions::set_default_policy_version {
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
  const auto now = s.runtime.now();
  const auto change = [caller, request, number, now](Tx& tx) -> Result<> {
    TRY(const auto policy, find_own_policy(tx, caller, request.policy, request.delegate));
    TRY_VOID(ManagedPolicies(tx).version(policy, number));
    return ManagedPolicies(tx).set_default(policy.id, number, now);
  };
  co_return co_await change_iam(s, caller, change);
}

}  // namespace

extern const Action SetDefaultPolicyVersion{
    .name = "SetDefaultPolicyVersion",
    .permission = "iam:SetDefaultPolicyVersion",
    .api = Api::iam,
    .run = parse_then<Request, kParams, handle>,
};

}  // namespace angophora::clc::actions::set_default_policy_version
