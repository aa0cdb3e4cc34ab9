// GetPolicy: a managed policy, without its documents.
#include "clc/actions/iam_policies.h"
#include "clc/store/managed_policies.h"

namespace angophora::clc::actions::get_policy {
namespace {

struct Request {
  std::string policy;
  std::string delegate;
};

constexpr Param<Request> kParams[] = {
    required<&Request::policy>("PolicyArn"),
    optional<&Request::delegate>("DelegateAccount"),
};

struct Found {
  ManagedPolicy policy;
  std::int64_t attachments = 0;
};

Task<Reply> handle(Services& s, Caller caller, Request request) {
  const auto find = [caller, request](Tx& tx) -> Result<Found> {
    TRY(const auto account, account_of(tx, caller, request.delegate));
    Found found;
    TRY(found.policy, ManagedPolicies(tx).find(account.id, request.policy));
    TRY(found.attachments, ManagedPolicies(tx).attachments(found.policy.id, account.id));
    return found;
  };
  CO_TRY(const auto found, co_await s.db.read(find));
  Reply reply;
  add_policy(reply.child("Policy"), found.policy, found.attachments);
  co_return reply;
}

}  // namespace

extern const Action GetPolicy{
    .name = "GetPolicy",
    .permission = "iam:GetPolicy",
    .api = Api::iam,
    .run = parse_then<Request, kParams, handle>,
};

}  // namespace angophora::clc::actions::get_policy
