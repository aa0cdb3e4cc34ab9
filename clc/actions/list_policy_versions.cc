// ListPolicyVersions: the versions of a managed policy, without their documents.
#include "clc/actions/iam_policies.h"
#include "clc/store/managed_policies.h"

namespace angophora::clc::actions::list_policy_versions {
namespace {

struct Request {
  std::string policy;
  std::string delegate;
  Paging paging;
};

constexpr Param<Request> kParams[] = {
    required<&Request::policy>("PolicyArn"),
    optional<&Request::delegate>("DelegateAccount"),
    max_results<&Request::paging>("MaxItems"),
    next_token<&Request::paging>("Marker"),
};

struct Found {
  ManagedPolicy policy;
  std::vector<PolicyVersion> versions;
};

Task<Reply> handle(Services& s, Caller caller, Request request) {
  CO_TRY(const auto page, open_iam_page(s, request.paging, caller, "ListPolicyVersions"));
  const auto find = [caller, request](Tx& tx) -> Result<Found> {
    TRY(const auto account, account_of(tx, caller, request.delegate));
    Found found;
    TRY(found.policy, ManagedPolicies(tx).find(account.id, request.policy));
    TRY(found.versions, ManagedPolicies(tx).versions(found.policy.id));
    return found;
  };
  CO_TRY(auto found, co_await s.db.read(find));
  // Five at most: the digits of their numbers, filled up, sort as the numbers do.
  const auto last = cut_page(found.versions, page, [](const PolicyVersion& one) {
    const auto digits = std::to_string(one.version);
    return std::string(20 - digits.size(), '0') + digits;
  });
  Reply reply;
  reply.list(
      "Versions", found.versions,
      [&](const PolicyVersion& one, Element& item) { add_version(item, found.policy, one, false); },
      "member");
  close_iam_page(reply, s, caller, "ListPolicyVersions", last);
  co_return reply;
}

}  // namespace

extern const Action ListPolicyVersions{
    .name = "ListPolicyVersions",
    .permission = "iam:ListPolicyVersions",
    .api = Api::iam,
    .run = parse_then<Request, kParams, handle>,
};

}  // namespace angophora::clc::actions::list_policy_versions
