// CreatePolicyVersion: another document for a managed policy, in force at once or later.
#include "clc/actions/iam_policies.h"
#include "clc/store/managed_policies.h"

namespace angophora::clc::actions::create_policy_version {
namespace {

struct Request {
  std::string policy;
  std::string document;
  bool set_default = false;
  std::string delegate;
};

constexpr Param<Request> kParams[] = {
    required<&Request::policy>("PolicyArn"),
    required<&Request::document>("PolicyDocument"),
    optional<&Request::set_default>("SetAsDefault"),
    optional<&Request::delegate>("DelegateAccount"),
};

struct Made {
  ManagedPolicy policy;
  PolicyVersion version;
};

Result<Made> create(Tx& tx, const Caller& caller, const Request& request, common::SysTime now) {
  ManagedPolicies policies(tx);
  Made made;
  TRY(made.policy, find_own_policy(tx, caller, request.policy, request.delegate));
  TRY(const auto versions, policies.versions(made.policy.id));
  if (versions.size() >= kPolicyVersionsMax)
    return Error(IdentityErrc::limit_exceeded,
                 "A managed policy can have up to " + std::to_string(kPolicyVersionsMax) +
                     " versions. Before you create a new version, you must delete an existing "
                     "version.");
  TRY(const auto number, policies.add_version(made.policy, request.document, now));
  if (request.set_default) {
    TRY_VOID(policies.set_default(made.policy.id, number, now));
    made.policy.default_version = number;
  }
  made.version = {number, request.document, now};
  return made;
}

Task<Reply> handle(Services& s, Caller caller, Request request) {
  CO_TRY_VOID(check_document(request.document, policy::managed_rules()));
  const auto now = s.runtime.now();
  const auto change = [caller, request, now](Tx& tx) { return create(tx, caller, request, now); };
  CO_TRY(const auto made, co_await commit(s, caller, change));
  s.changes.identities.notify();
  Reply reply;
  add_version(reply.child("PolicyVersion"), made.policy, made.version, false);
  co_return reply;
}

}  // namespace

extern const Action CreatePolicyVersion{
    .name = "CreatePolicyVersion",
    .permission = "iam:CreatePolicyVersion",
    .api = Api::iam,
    .run = parse_then<Request, kParams, handle>,
};

}  // namespace angophora::clc::actions::create_policy_version
