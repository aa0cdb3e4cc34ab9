// GetPolicyVersion: one document of a managed policy.
#include "clc/actions/iam_policies.h"
#include "clc/store/managed_policies.h"

namespace angophora::clc::actions::get_policy_version {
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

struct Found {
  ManagedPolicy policy;
  PolicyVersion version;
};

Task<Reply> handle(Services& s, Caller caller, Request request) {
  CO_TRY(const auto number, version_number(request.version));
  const auto find = [caller, request, number](Tx& tx) -> Result<Found> {
    TRY(const auto account, account_of(tx, caller, request.delegate));
    Found found;
    TRY(found.policy, ManagedPolicies(tx).find(account.id, request.policy));
    TRY(found.version, ManagedPolicies(tx).version(found.policy, number));
    return found;
  };
  CO_TRY(const auto found, co_await s.db.read(find));
  Reply reply;
  add_version(reply.child("PolicyVersion"), found.policy, found.version, true);
  co_return reply;
}

}  // namespace

extern const Action GetPolicyVersion{
    .name = "GetPolicyVersion",
    .permission = "iam:GetPolicyVersion",
    .api = Api::iam,
    .run = parse_then<Request, kParams, handle>,
};

}  // namespace angophora::clc::actions::get_policy_version
