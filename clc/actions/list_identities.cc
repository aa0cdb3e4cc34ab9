// ListUsers, ListGroups, ListRoles, ListInstanceProfiles, ListGroupsForUser and
// ListInstanceProfilesForRole: what the account, a user or a role has, by name.
#include "clc/actions/iam_roles.h"
#include "clc/store/roles.h"
#include "clc/store/user_groups.h"

namespace angophora::clc::actions::list_identities {
namespace {

struct Request {
  std::string prefix = "/";
  std::string of;
  std::string delegate;
  Paging paging;
};

constexpr Param<Request> kParams[] = {
    optional<&Request::prefix>("PathPrefix"),
    optional<&Request::delegate>("DelegateAccount"),
    max_results<&Request::paging>("MaxItems"),
    next_token<&Request::paging>("Marker"),
};
constexpr Param<Request> kUserParams[] = {
    required<&Request::of>("UserName"),
    optional<&Request::delegate>("DelegateAccount"),
    max_results<&Request::paging>("MaxItems"),
    next_token<&Request::paging>("Marker"),
};
constexpr Param<Request> kRoleParams[] = {
    required<&Request::of>("RoleName"),
    optional<&Request::delegate>("DelegateAccount"),
    max_results<&Request::paging>("MaxItems"),
    next_token<&Request::paging>("Marker"),
};

Result<> fill(Tx&, const User& user, Element& item) {
  add_user(item, user);
  return common::ok();
}
Result<> fill(Tx&, const UserGroup& group, Element& item) {
  add_group(item, group);
  return common::ok();
}
Result<> fill(Tx&, const Role& role, Element& item) {
  add_role(item, role);
  return common::ok();
}
Result<> fill(Tx& tx, const InstanceProfile& profile, Element& item) {
  TRY(const auto entry, with_role(tx, profile));
  add_instance_profile(item, entry);
  return common::ok();
}
template <class Row>
Result<IamRows> rows_of(Tx& tx, const Result<std::vector<Row>>& found) {
  if (!found) return found.error();
  IamRows rows;
  for (const auto& one : found.assume_value())
    TRY_VOID(fill(tx, one, rows.emplace_back(one.name).element));
  return rows;
}

using Find = Result<IamRows> (*)(Tx& tx, const Account& account, const Request& request,
                                 const NamePage& page);
template <class Store>
Result<IamRows> all(Tx& tx, const Account& account, const Request&, const NamePage& page) {
  return rows_of(tx, Store(tx).page(account.id, page));
}
Result<IamRows> groups_of_user(Tx& tx, const Account& account, const Request& request,
                               const NamePage&) {
  TRY(const auto user, Users(tx).find(account.id, request.of));
  return rows_of(tx, UserGroups(tx).groups_of(user.id));
}
Result<IamRows> profiles_of_role(Tx& tx, const Account& account, const Request& request,
                                 const NamePage&) {
  TRY(const auto role, Roles(tx).find(account.id, request.of));
  return rows_of(tx, InstanceProfiles(tx).of(role.id));
}

Task<Reply> list(Services& s, Caller caller, Request request, const char* what, Find find) {
  CO_TRY_VOID(check_path_prefix(request.prefix));
  const auto action = std::string("List") + what + " " + request.of;
  const auto rows = [caller, request, find](Tx& tx, const PageStart& start) -> Result<IamRows> {
    TRY(const auto account, account_of(tx, caller, request.delegate));
    // One more than asked for tells whether the list goes on.
    return find(tx, account, request, {request.prefix, start.after, start.limit + 1});
  };
  co_return co_await list_iam(s, caller, request.paging, action, what, rows);
}

constexpr char kUsers[] = "Users", kGroups[] = "Groups", kRoles[] = "Roles",
               kProfiles[] = "InstanceProfiles";
template <const auto& kWhat, auto find>
Task<Reply> handle(Services& s, Caller caller, Request request) {
  return list(s, std::move(caller), std::move(request), kWhat, find);
}

}  // namespace

extern const Action ListUsers{
    .name = "ListUsers",
    .permission = "iam:ListUsers",
    .api = Api::iam,
    .run = parse_then<Request, kParams, handle<kUsers, all<Users>>>,
};
extern const Action ListGroups{
    .name = "ListGroups",
    .permission = "iam:ListGroups",
    .api = Api::iam,
    .run = parse_then<Request, kParams, handle<kGroups, all<UserGroups>>>,
};
extern const Action ListGroupsForUser{
    .name = "ListGroupsForUser",
    .permission = "iam:ListGroupsForUser",
    .api = Api::iam,
    .run = parse_then<Request, kUserParams, handle<kGroups, groups_of_user>>,
};
extern const Action ListRoles{
    .name = "ListRoles",
    .permission = "iam:ListRoles",
    .api = Api::iam,
    .run = parse_then<Request, kParams, handle<kRoles, all<Roles>>>,
};
extern const Action ListInstanceProfiles{
    .name = "ListInstanceProfiles",
    .permission = "iam:ListInstanceProfiles",
    .api = Api::iam,
    .run = parse_then<Request, kParams, handle<kProfiles, all<InstanceProfiles>>>,
};
extern const Action ListInstanceProfilesForRole{
    .name = "ListInstanceProfilesForRole",
    .permission = "iam:ListInstanceProfilesForRole",
    .api = Api::iam,
    .run = parse_then<Request, kRoleParams, handle<kProfiles, profiles_of_role>>,
};

}  // namespace angophora::clc::actions::list_identities
