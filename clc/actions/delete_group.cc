// DeleteGroup: a group without users and policies, with IsRecursive also one that has them.
#include "clc/actions/iam_policies.h"
#include "clc/store/inline_policies.h"
#include "clc/store/managed_policies.h"
#include "clc/store/user_groups.h"

namespace angophora::clc::actions::delete_group {
namespace {

struct Request {
  std::string name;
  bool recursive = false;
  std::string delegate;
};

constexpr Param<Request> kParams[] = {
    required<&Request::name>("GroupName"),
    optional<&Request::recursive>("IsRecursive"),
    optional<&Request::delegate>("DelegateAccount"),
};

Result<> remove(Tx& tx, const Caller& caller, const Request& request) {
  TRY(const auto account, account_of(tx, caller, request.delegate));
  UserGroups groups(tx);
  TRY(const auto group, groups.find(account.id, request.name));
  if (request.recursive) return groups.remove(group.id);
  TRY(const auto users, groups.members(group.id));
  if (!users.empty())
    return Error(IdentityErrc::conflict,
                 "Cannot delete entity, must remove users from group first.");
  TRY_VOID(check_no_policies(tx, entity(group.id)));
  return groups.remove(group.id);
}

Task<Reply> handle(Services& s, Caller caller, Request request) {
  const auto change = [caller, request](Tx& tx) { return remove(tx, caller, request); };
  co_return co_await change_iam(s, caller, change);
}

}  // namespace

extern const Action DeleteGroup{
    .name = "DeleteGroup",
    .permission = "iam:DeleteGroup",
    .api = Api::iam,
    .run = parse_then<Request, kParams, handle>,
};

}  // namespace angophora::clc::actions::delete_group
