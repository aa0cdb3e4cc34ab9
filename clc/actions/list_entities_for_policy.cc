// ListEntitiesForPolicy: the users and groups of the account that a managed policy is attached to.
#include "clc/actions/iam_policies.h"
#include "clc/store/managed_policies.h"

namespace angophora::clc::actions {
namespace {

enum class Wanted { users, groups, roles, own, common };
constexpr auto wire_names(Wanted) {
  return std::to_array<std::pair<const char*, Wanted>>({{"User", Wanted::users},
                                                        {"Group", Wanted::groups},
                                                        {"Role", Wanted::roles},
                                                        {"LocalManagedPolicy", Wanted::own},
                                                        {"AWSManagedPolicy", Wanted::common}});
}

struct Request {
  std::string policy;
  std::optional<Wanted> filter;
  std::string delegate;
  Paging paging;
};

constexpr Param<Request> kParams[] = {
    required<&Request::policy>("PolicyArn"),
    optional<&Request::filter>("EntityFilter"),
    optional<&Request::delegate>("DelegateAccount"),
    max_results<&Request::paging>("MaxItems"),
    next_token<&Request::paging>("Marker"),
    refused<Request>("PathPrefix", "list all and choose"),
    refused<Request>("PolicyUsageFilter", "there are no permissions boundaries"),
};

struct Row {
  bool is_group = false;
  std::string name;
  std::string key() const { return (is_group ? "g/" : "u/") + name; }
};

Result<std::vector<Row>> find(Tx& tx, const Caller& caller, const Request& request) {
  TRY(const auto account, account_of(tx, caller, request.delegate));
  ManagedPolicies policies(tx);
  TRY(const auto policy, policies.find(account.id, request.policy));
  std::vector<Row> rows;
  if (!request.filter || *request.filter == Wanted::users) {
    TRY(const auto users, policies.users_of(policy.id, account.id));
    for (const auto& name : users) rows.push_back({false, name});
  }
  if (!request.filter || *request.filter == Wanted::groups) {
    TRY(const auto groups, policies.groups_of(policy.id, account.id));
    for (const auto& name : groups) rows.push_back({true, name});
  }
  return rows;
}

Task<Reply> handle(Services& s, Caller caller, Request request) {
  CO_TRY(const auto page, open_iam_page(s, request.paging, caller, "ListEntitiesForPolicy"));
  const auto read = [caller, request](Tx& tx) { return find(tx, caller, request); };
  CO_TRY(auto rows, co_await s.db.read(read));
  const auto last = cut_page(rows, page, [](const Row& row) { return row.key(); });
  Reply reply;
  Element groups("PolicyGroups"), users("PolicyUsers");
  for (const auto& row : rows)
    (row.is_group ? groups : users)
        .child("member")
        .add(row.is_group ? "GroupName" : "UserName", row.name);
  reply.add(std::move(groups)).add(std::move(users)).child("PolicyRoles");
  close_iam_page(reply, s, caller, "ListEntitiesForPolicy", last);
  co_return reply;
}

}  // namespace

extern const Action ListEntitiesForPolicy{
    .name = "ListEntitiesForPolicy",
    .permission = "iam:ListEntitiesForPolicy",
    .api = Api::iam,
    .run = parse_then<Request, kParams, handle>,
};

}  // namespace angophora::clc::actions
