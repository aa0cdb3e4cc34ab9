// ListPolicies: the managed policies that the account may attach.
#include "clc/actions/iam_policies.h"
#include "clc/store/managed_policies.h"

namespace angophora::clc::actions::list_policies {
namespace {

enum class Scope { all, common, own };
constexpr auto wire_names(Scope) {
  return std::to_array<std::pair<const char*, Scope>>(
      {{"All", Scope::all}, {"AWS", Scope::common}, {"Local", Scope::own}});
}
enum class Usage { permissions, boundary };
constexpr auto wire_names(Usage) {
  return std::to_array<std::pair<const char*, Usage>>(
      {{"PermissionsPolicy", Usage::permissions}, {"PermissionsBoundary", Usage::boundary}});
}

struct Request {
  Scope scope = Scope::all;
  bool only_attached = false;
  std::string prefix = "/";
  Usage usage = Usage::permissions;
  std::string delegate;
  Paging paging;
};

constexpr Param<Request> kParams[] = {
    optional<&Request::scope>("Scope"),
    optional<&Request::only_attached>("OnlyAttached"),
    optional<&Request::prefix>("PathPrefix"),
    optional<&Request::usage>("PolicyUsageFilter"),
    optional<&Request::delegate>("DelegateAccount"),
    max_results<&Request::paging>("MaxItems"),
    next_token<&Request::paging>("Marker"),
};

// An account has some hundred at most (cloud.policies_max), so that they are read at once.
Result<IamRows> find(Tx& tx, const Caller& caller, const Request& request) {
  TRY(const auto account, account_of(tx, caller, request.delegate));
  IamRows rows;
  if (request.usage == Usage::boundary) return rows;  // nobody has a boundary
  ManagedPolicies policies(tx);
  for (const auto& owner : {AccountId(kCommonPolicies), account.id}) {
    if (request.scope == (owner == account.id ? Scope::common : Scope::own)) continue;
    TRY(const auto found, policies.page(owner, {request.prefix, "", SIZE_MAX / 2}));
    for (const auto& policy : found) {
      TRY(const auto attachments, policies.attachments(policy.id, account.id));
      if (attachments > 0 || !request.only_attached)
        add_policy(rows.emplace_back(arn_of(policy)).element, policy, attachments);
    }
  }
  return rows;
}

Task<Reply> handle(Services& s, Caller caller, Request request) {
  CO_TRY_VOID(check_path_prefix(request.prefix));
  const auto read = [caller, request](Tx& tx, const PageStart&) {
    return find(tx, caller, request);
  };
  co_return co_await list_iam(s, caller, request.paging, "ListPolicies", "Policies", read);
}

}  // namespace

extern const Action ListPolicies{
    .name = "ListPolicies",
    .permission = "iam:ListPolicies",
    .api = Api::iam,
    .run = parse_then<Request, kParams, handle>,
};

}  // namespace angophora::clc::actions::list_policies
