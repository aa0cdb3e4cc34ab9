// ListQuotas: what an account, or one of its users, has of what is limited, and its limits. A word
// of this cloud's own: AWS has Service Quotas, and Eucalyptus showed limits only as policies.
#include "clc/actions/iam.h"

namespace angophora::clc::actions::list_quotas {
namespace {

struct Request {
  std::string user;
  std::string delegate;
};

constexpr Param<Request> kParams[] = {
    optional<&Request::user>("UserName"),
    optional<&Request::delegate>("DelegateAccount"),
};

Result<> add(Tx& tx, const QuotaKind& kind, const QuotaLimits& limits, const AccountId& account,
             const std::optional<User>& user, Element& list) {
  if (user && !kind.of_users) return common::ok();
  auto& item = list.child("member");
  item.add("QuotaName", kind.name).add("QuotaKey", kind.key);
  std::int64_t used = 0;
  if (user) {
    TRY(used, QuotaUsage(tx).of(kind.quota, user->id));
  } else {
    TRY(used, QuotaUsage(tx).of(kind.quota, account));
  }
  item.add("Usage", used);
  const auto limit = user ? limits.of_user(kind.quota) : limits.of_account(kind.quota);
  if (limit) item.add("Limit", limit->most).add("LimitedBy", limit->source);
  return common::ok();
}

Result<Reply> list(Tx& tx, const Caller& caller, const Request& request,
                   const QuotaDefaults& defaults) {
  TRY(const auto account, account_of(tx, caller, request.delegate));
  std::optional<User> user;
  if (!request.user.empty()) {
    TRY(user, user_of(tx, caller, account, request.user));
  }
  TRY(const auto limits,
      QuotaLimits::load(tx, defaults, account.id, user && !user->is_root ? user->id : UserId()));
  Reply reply;
  auto& members = reply.child("Quotas");
  for (const auto& kind : all_quotas()) TRY_VOID(add(tx, kind, limits, account.id, user, members));
  return reply;
}

Task<Reply> handle(Services& s, Caller caller, Request request) {
  const auto find = [caller, request, defaults = QuotaDefaults(s.properties)](Tx& tx) {
    return list(tx, caller, request, defaults);
  };
  co_return co_await read_iam(s, find);
}

}  // namespace

extern const Action ListQuotas{
    .name = "ListQuotas",
    .permission = "iam:ListQuotas",
    .api = Api::iam,
    .run = parse_then<Request, kParams, handle>,
};

}  // namespace angophora::clc::actions::list_quotas
