// GetAccountAuthorizationDetails: every user, group, role and managed policy of the account with
// all that they say, in pages.
#include "clc/actions/iam_roles.h"
#include "clc/store/inline_policies.h"
#include "clc/store/managed_policies.h"
#include "clc/store/roles.h"
#include "clc/store/user_groups.h"
#include "clc/store/users.h"

namespace angophora::clc {

enum class DetailFilter { user, group, role, own_policy, common_policy };
constexpr auto wire_names(DetailFilter) {
  return std::to_array<std::pair<const char*, DetailFilter>>(
      {{"User", DetailFilter::user},
       {"Group", DetailFilter::group},
       {"Role", DetailFilter::role},
       {"LocalManagedPolicy", DetailFilter::own_policy},
       {"AWSManagedPolicy", DetailFilter::common_policy}});
}

namespace actions::get_account_authorization_details {
namespace {

struct Request {
  std::vector<DetailFilter> filters;
  std::string delegate;
  Paging paging;
};

constexpr Param<Request> kParams[] = {
    optional<&Request::filters>("Filter"),
    optional<&Request::delegate>("DelegateAccount"),
    max_results<&Request::paging>("MaxItems"),
    next_token<&Request::paging>("Marker"),
};

struct Row {
  std::string key;  // the kind's place among the kinds, and the name
  DetailFilter kind;
  Element element{"member"};
};

Result<> add_policies(Tx& tx, const PolicyEntity& entity, const char* inline_list, Element& item) {
  auto& parts = item.child(inline_list);
  TRY(const auto documents, InlinePolicies(tx).of(entity));
  for (const auto& one : documents)
    parts.child("member")
        .add("PolicyName", one.name)
        .add("PolicyDocument", document_text(one.document));
  auto& list = item.child("AttachedManagedPolicies");
  TRY(const auto attached, ManagedPolicies(tx).attached_to(entity));
  for (const auto& one : attached)
    list.child("member").add("PolicyName", one.name).add("PolicyArn", arn_of(one));
  return common::ok();
}

Result<> fill(Tx& tx, const AccountId&, const User& user, Element& item) {
  add_user(item, user);
  auto& groups = item.child("GroupList");
  TRY(const auto memberships, UserGroups(tx).groups_of(user.id));
  for (const auto& group : memberships) groups.add("member", group.name);
  return add_policies(tx, entity(user.id), "UserPolicyList", item);
}
Result<> fill(Tx& tx, const AccountId&, const UserGroup& group, Element& item) {
  add_group(item, group);
  return add_policies(tx, entity(group.id), "GroupPolicyList", item);
}
Result<> fill(Tx& tx, const AccountId&, const Role& role, Element& item) {
  add_role(item, role);
  auto& list = item.child("InstanceProfileList");
  TRY(const auto profiles, InstanceProfiles(tx).of(role.id));
  for (const auto& profile : profiles) add_instance_profile(list.child("member"), {profile, role});
  return add_policies(tx, entity(role.id), "RolePolicyList", item);
}
Result<> fill(Tx& tx, const AccountId& account, const ManagedPolicy& policy, Element& item) {
  TRY(const auto attachments, ManagedPolicies(tx).attachments(policy.id, account));
  add_policy(item, policy, attachments);
  auto& list = item.child("PolicyVersionList");
  TRY(const auto versions, ManagedPolicies(tx).versions(policy.id));
  for (const auto& version : versions) add_version(list.child("member"), policy, version, true);
  return common::ok();
}

// Goes through the kinds in their order until there is one row more than the page has room for.
class Collector {
 public:
  Collector(Tx& tx, const Account& account, const Request& request, const PageStart& start)
      : tx_(tx), account_(account), request_(request), start_(start) {}

  Result<std::vector<Row>> collect() {
    TRY_VOID(add<Users>(DetailFilter::user, account_.id));
    TRY_VOID(add<UserGroups>(DetailFilter::group, account_.id));
    TRY_VOID(add<Roles>(DetailFilter::role, account_.id));
    TRY_VOID(add<ManagedPolicies>(DetailFilter::own_policy, account_.id));
    TRY_VOID(add<ManagedPolicies>(DetailFilter::common_policy, AccountId(kCommonPolicies)));
    return std::move(rows_);
  }

 private:
  static std::string key_of(DetailFilter kind, const std::string& name) {
    return std::to_string(static_cast<int>(kind)) + "/" + name;
  }
  template <class Store>
  Result<> add(DetailFilter kind, const AccountId& owner) {
    const auto& wanted = request_.filters;
    if (!wanted.empty() && std::find(wanted.begin(), wanted.end(), kind) == wanted.end())
      return common::ok();
    const auto first = key_of(kind, "");
    const auto& after = start_.after;
    const bool is_past = !after.empty() && after.substr(0, first.size()) > first;
    if (is_past || rows_.size() > start_.limit) return common::ok();
    const auto name = after.starts_with(first) ? after.substr(first.size()) : std::string();
    TRY(const auto found, Store(tx_).page(owner, {"/", name, start_.limit + 1 - rows_.size()}));
    for (const auto& one : found) {
      rows_.push_back({key_of(kind, one.name), kind});
      TRY_VOID(fill(tx_, account_.id, one, rows_.back().element));
    }
    return common::ok();
  }

  Tx& tx_;
  const Account& account_;
  const Request& request_;
  const PageStart& start_;
  std::vector<Row> rows_;
};

const char* list_of(DetailFilter kind) {
  switch (kind) {
    case DetailFilter::user:
      return "UserDetailList";
    case DetailFilter::group:
      return "GroupDetailList";
    case DetailFilter::role:
      return "RoleDetailList";
    default:
      return "Policies";
  }
}

Task<Reply> handle(Services& s, Caller caller, Request request) {
  const std::string action = "GetAccountAuthorizationDetails";
  CO_TRY(const auto page, open_iam_page(s, request.paging, caller, action));
  const auto find = [&](Tx& tx) -> Result<std::vector<Row>> {
    TRY(const auto account, account_of(tx, caller, request.delegate));
    return Collector(tx, account, request, page).collect();
  };
  CO_TRY(auto rows, co_await s.db.read(find));
  const auto last = cut_page(rows, page, [](const Row& row) { return row.key; });
  Reply reply;
  for (const auto* name : {"UserDetailList", "GroupDetailList", "RoleDetailList", "Policies"}) {
    auto& list = reply.child(name);
    for (auto& row : rows)
      if (list_of(row.kind) == std::string_view(name)) list.add(std::move(row.element));
  }
  close_iam_page(reply, s, caller, action, last);
  co_return reply;
}

}  // namespace

extern const Action GetAccountAuthorizationDetails{
    .name = "GetAccountAuthorizationDetails",
    .permission = "iam:GetAccountAuthorizationDetails",
    .api = Api::iam,
    .run = parse_then<Request, kParams, handle>,
};

}  // namespace actions::get_account_authorization_details
}  // namespace angophora::clc
