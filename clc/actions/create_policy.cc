// CreatePolicy: a policy that can be attached to many users and groups of the account.
#include "clc/actions/iam_policies.h"
#include "clc/store/managed_policies.h"

namespace angophora::clc::actions::create_policy {
namespace {

struct Request {
  std::string name;
  std::string path = "/";
  std::string description;
  std::string document;
  std::string delegate;
};

constexpr std::size_t kDescriptionMax = 1000;

constexpr Param<Request> kParams[] = {
    required<&Request::name>("PolicyName"),
    required<&Request::document>("PolicyDocument"),
    optional<&Request::path>("Path"),
    optional<&Request::description>("Description"),
    optional<&Request::delegate>("DelegateAccount"),
    refused<Request>("Tags", "policies carry no tags"),
};

Task<Reply> handle(Services& s, Caller caller, Request request) {
  CO_TRY_VOID(check_policy_name(request.name));
  CO_TRY_VOID(check_path("Path", request.path));
  if (request.description.size() > kDescriptionMax)
    co_return invalid_value("Description", request.description, "up to 1000 characters");
  CO_TRY_VOID(check_document(request.document, policy::managed_rules()));
  auto policy = new_managed_policy(s.runtime, {}, request.name, request.path);
  policy.description = request.description;
  const auto count_max = s.properties.number("cloud.policies_max");
  const auto create = [caller, policy, request,
                       count_max](Tx& tx) mutable -> Result<ManagedPolicy> {
    TRY(const auto account, account_of(tx, caller, request.delegate));
    ManagedPolicies policies(tx);
    TRY(const auto present, policies.count(account.id));
    if (present >= count_max)
      return Error(IdentityErrc::limit_exceeded,
                   "Cannot exceed quota for PoliciesPerAccount: " + std::to_string(count_max));
    policy.account = account.id;
    TRY_VOID(policies.insert(policy, request.document));
    return policy;
  };
  CO_TRY(policy, co_await commit(s, caller, create));
  s.changes.identities.notify();
  Reply reply;
  add_policy(reply.child("Policy"), policy, 0);
  co_return reply;
}

}  // namespace

extern const Action CreatePolicy{
    .name = "CreatePolicy",
    .permission = "iam:CreatePolicy",
    .api = Api::iam,
    .run = parse_then<Request, kParams, handle>,
};

}  // namespace angophora::clc::actions::create_policy
