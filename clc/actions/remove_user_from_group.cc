// RemoveUserFromGroup: the group's policies are no longer the user's.
#include "clc/actions/iam_policies.h"
#include "clc/store/user_groups.h"

namespace angophora::clc::actions::remove_user_from_group {
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

Result<> remove(Tx& tx, const Caller& caller, const Request& request) {
  TRY(const auto subject, subject_of(tx, caller, request.delegate, request.user));
  TRY(const auto group, UserGroups(tx).find(subject.account.id, request.group));
  TRY(const bool was_in, UserGroups(tx).remove_member(group.id, subject.user.id));
  if (was_in) return common::ok();
  return Error(IdentityErrc::not_found, "The user with name " + request.user +
                                            " is not in the group " + request.group + ".");
}

Task<Reply> handle(Services& s, Caller caller, Request request) {
  const auto change = [caller, request](Tx& tx) { return remove(tx, caller, request); };
  co_return co_await change_iam(s, caller, change);
}

}  // namespace

extern const Action RemoveUserFromGroup{
    .name = "RemoveUserFromGroup",
    .permission = "iam:RemoveUserFromGroup",
    .api = Api::iam,
    .run = parse_then<Request, kParams, handle>,
};

}  // namespace angophora::clc::actions::remove_user_from_group
