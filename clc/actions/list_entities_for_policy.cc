// ListEntitiesForPolicy: the users, groups and roles of the account that a managed policy is
// attached to.
#include "clc/actions/iam_policies.h"
#include "clc/store/managed_policies.h"

namespace angophora::clc::actions::list_entities_for_policy {
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
  EntityKind kind = EntityKind::user;
  std::string name;
  std::string key() const { return word_of(kind) + ("/" + name); }
};

Result<std::vector<Row>> find(Tx& tx, const Caller& caller, const Request& request) {
  TRY(const auto account, account_of(tx, caller, request.delegate));
  ManagedPolicies policies(tx);
  TRY(const auto policy, policies.find(account.id, request.policy));
  std::vector<Row> rows;
  if (!request.filter || *request.filter == Wanted::users) {
    TRY(const auto users, policies.users_of(policy.id, account.id));
    for (const auto& name : users) rows.push_back({EntityKind::user, name});
  }
  if (!request.filter || *request.filter == Wanted::groups) {
    TRY(const auto groups, policies.groups_of(policy.id, account.id));
    for (const auto& name : groups) rows.push_back({EntityKind::group, name});
  }
  if (!request.filter || *request.filter == Wanted::roles) {
    TRY(const auto roles, policies.roles_of(policy.id, account.id));
    for (const auto& name : roles) rows.push_back({EntityKind::role, name});
  }
  return rows;
}

Task<Reply> handle(Services& s, Caller caller, Request request) {
  CO_TRY(const auto page, open_iam_page(s, request.paging, caller, "ListEntitiesForPolicy"));
  const auto read = [caller, request](Tx& tx) { return find(tx, caller, request); };
  CO_TRY(auto rows, co_await s.db.read(read));
  const auto last = cut_page(rows, page, [](const Row& row) { return row.key(); });
  Reply reply;
  constexpr std::pair<EntityKind, const char*> kLists[] = {{EntityKind::group, "PolicyGroups"},
                                                           {EntityKind::user, "PolicyUsers"},
                                                           {EntityKind::role, "PolicyRoles"}};
  for (const auto& [kind, name] : kLists) {
    auto& list = reply.child(name);
    for (const auto& row : rows)
      if (row.kind == kind) list.child("member").add(name_element(kind), row.name);
  }
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

}  // namespace angophora::clc::actions::list_entities_for_policy
