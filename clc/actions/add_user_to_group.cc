// AddUserToGroup: the user has the group's policies as well.
#include "clc/actions/iam_policies.h"
#include "clc/store/user_groups.h"

namespace angophora::clc::actions::add_user_to_group {
namespace {

struct Request {
  std::string group;
  std::string user;
  std::string delegate;
};

constexpr Param<Request> kParams[] = {
    required<&Request::group>("GroupName"),
    required<&Request::user>("UserName"),
    optional<&Request::delegate>("DelegateAccount"),
};

Result<> add(Tx& tx, const Caller& caller, const Request& request) {
  TRY(const auto subject, subject_of(tx, caller, request.delegate, request.user));
  UserGroups groups(tx);
  TRY(const auto group, groups.find(subject.account.id, request.group));
  TRY(const auto present, groups.groups_of(subject.user.id));
  for (const auto& one : present)
    if (one.id == group.id) return common::ok();
  if (present.size() >= kGroupsPerUserMax)
    return Error(IdentityErrc::limit_exceeded,
                 "Cannot exceed quota for GroupsPerUser: " + std::to_string(kGroupsPerUserMax));
  return groups.add_member(group.id, subject.user.id);
}

Task<Reply> handle(Services& s, Caller caller, Request request) {
  const auto change = [caller, request](Tx& tx) { return add(tx, caller, request); };
  co_return co_await change_iam(s, caller, change);
}

}  // namespace

extern const Action AddUserToGroup{
    .name = "AddUserToGroup",
    .permission = "iam:AddUserToGroup",
    .api = Api::iam,
    .run = parse_then<Request, kParams, handle>,
};

}  // namespace angophora::clc::actions::add_user_to_group
