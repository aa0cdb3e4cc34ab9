#include "clc/actions/permission_parameters.h"

#include <algorithm>

#include "clc/store/accounts.h"

namespace angophora::clc {
namespace {

Result<> check_one(const Permission& permission, const PermissionErrors& errors) {
  if (permission.user.empty() == permission.group.empty())
    return Error(RequestErrc::invalid_combination, "A permission names either a UserId or a Group");
  if (!permission.group.empty() && permission.group != "all")
    return Error(errors.bad_value,
                 "Invalid attribute item value \"" + permission.group + "\" for group: only all");
  const bool digits = std::all_of(permission.user.begin(), permission.user.end(),
                                  [](unsigned char c) { return c >= '0' && c <= '9'; });
  if (!permission.user.empty() && (permission.user.size() != 12 || !digits))
    return Error(errors.bad_user, "Invalid user id: \"" + permission.user + "\"");
  return common::ok();
}

}  // namespace

Result<> take_older_form(const std::optional<PermissionOperation>& operation,
                         const std::vector<std::string>& users,
                         const std::vector<std::string>& groups, PermissionChanges& into) {
  if (users.empty() && groups.empty()) return common::ok();
  if (!operation) return missing_parameter("OperationType");
  auto& list = *operation == PermissionOperation::add ? into.add : into.remove;
  for (const auto& user : users) list.push_back({user, ""});
  for (const auto& group : groups) list.push_back({"", group});
  return common::ok();
}

Result<> check(const PermissionChanges& changes, const PermissionErrors& errors) {
  for (const auto& permission : changes.add) TRY_VOID(check_one(permission, errors));
  for (const auto& permission : changes.remove) TRY_VOID(check_one(permission, errors));
  return common::ok();
}

Result<> check_accounts(Tx& tx, const std::vector<Permission>& added,
                        const PermissionErrors& errors) {
  for (const auto& permission : added) {
    if (permission.user.empty()) continue;
    TRY(const auto account, Accounts(tx).find(AccountId(permission.user)));
    if (!account)
      return Error(errors.bad_value, "Invalid attribute item value \"" + permission.user +
                                         "\" for userId: there is no such account");
  }
  return common::ok();
}

}  // namespace angophora::clc
