// CreateGroup: a group of users, who have its policies.
#include "clc/actions/iam_policies.h"
#include "clc/store/user_groups.h"

namespace angophora::clc::actions::create_group {
namespace {

struct Request {
  std::string name;
  std::string path = "/";
  std::string delegate;
};

constexpr Param<Request> kParams[] = {
    required<&Request::name>("GroupName"),
    optional<&Request::path>("Path"),
    optional<&Request::delegate>("DelegateAccount"),
};

Task<Reply> handle(Services& s, Caller caller, Request request) {
  CO_TRY_VOID(check_group_name("GroupName", request.name));
  CO_TRY_VOID(check_path("Path", request.path));
  auto group = new_user_group(s.runtime, {}, request.name, request.path);
  const auto count_max = s.properties.number("cloud.user_groups_max");
  const auto create = [caller, group, delegate = request.delegate,
                       count_max](Tx& tx) mutable -> Result<UserGroup> {
    TRY(const auto account, account_of(tx, caller, delegate));
    UserGroups groups(tx);
    TRY(const auto present, groups.count(account.id));
    if (present >= count_max)
      return Error(IdentityErrc::limit_exceeded,
                   "Cannot exceed quota for GroupsPerAccount: " + std::to_string(count_max));
    group.account = account.id;
    TRY_VOID(groups.insert(group));
    return group;
  };
  CO_TRY(group, co_await commit(s, caller, create));
  s.changes.identities.notify();
  Reply reply;
  add_group(reply.child("Group"), group);
  co_return reply;
}

}  // namespace

extern const Action CreateGroup{
    .name = "CreateGroup",
    .permission = "iam:CreateGroup",
    .api = Api::iam,
    .run = parse_then<Request, kParams, handle>,
};

}  // namespace angophora::clc::actions::create_group
