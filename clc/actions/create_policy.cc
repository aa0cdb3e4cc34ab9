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
  const IamQuota limit{"PoliciesPerAccount", Quota::policies, QuotaDefaults(s.properties)};
  const auto create = [caller, policy, request, limit](Tx& tx) mutable -> Result<Reply> {
    TRY(const auto account, account_of(tx, caller, request.delegate));
    TRY_VOID(check_quota(tx, account.id, limit));
    policy.account = account.id;
    TRY_VOID(ManagedPolicies(tx).insert(policy, request.document));
    Reply reply;
    add_policy(reply.child("Policy"), policy, 0);
    return reply;
  };
  co_return co_await make_iam(s, caller, create);
}

}  // namespace

extern const Action CreatePolicy{
    .name = "CreatePolicy",
    .permission = "iam:CreatePolicy",
    .api = Api::iam,
    .run = parse_then<Request, kParams, handle>,
};

}  // namespace angophora::clc::actions::create_policy
