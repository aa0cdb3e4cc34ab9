// UpdateGroup: another name or path for a group of users.
#include "clc/actions/iam_policies.h"
#include "clc/store/user_groups.h"

namespace angophora::clc::actions::update_group {
namespace {

struct Request {
  std::string name;
  std::string new_name;
  std::string new_path;
  std::string delegate;
};

constexpr Param<Request> kParams[] = {
    required<&Request::name>("GroupName"),
    optional<&Request::new_name>("NewGroupName"),
    optional<&Request::new_path>("NewPath"),
    optional<&Request::delegate>("DelegateAccount"),
};

Task<Reply> handle(Services& s, Caller caller, Request request) {
  if (!request.new_name.empty()) {
    CO_TRY_VOID(check_group_name("NewGroupName", request.new_name));
  }
  if (!request.new_path.empty()) {
    CO_TRY_VOID(check_path("NewPath", request.new_path));
  }
  const auto change = [caller, request](Tx& tx) -> Result<> {
    TRY(const auto account, account_of(tx, caller, request.delegate));
    TRY(auto group, UserGroups(tx).find(account.id, request.name));
    if (!request.new_name.empty()) group.name = request.new_name;
    if (!request.new_path.empty()) group.path = request.new_path;
    return UserGroups(tx).update(group);
  };
  co_return co_await change_iam(s, caller, change);
}

}  // namespace

extern const Action UpdateGroup{
    .name = "UpdateGroup",
    .permission = "iam:UpdateGroup",
    .api = Api::iam,
    .run = parse_then<Request, kParams, handle>,
};

}  // namespace angophora::clc::actions::update_group
