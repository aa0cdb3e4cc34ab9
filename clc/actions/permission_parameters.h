// Who may use an image or a snapshot, as Modify...Attribute takes it: in the present form
// (LaunchPermission.Add.1.UserId) and in the older one (OperationType, UserId.1, UserGroup.1).
#pragma once

#include "clc/actions/action.h"

namespace angophora::clc {

enum class PermissionOperation { add, remove };
constexpr auto wire_names(PermissionOperation) {
  return std::to_array<std::pair<const char*, PermissionOperation>>(
      {{"add", PermissionOperation::add}, {"remove", PermissionOperation::remove}});
}

// An account, or the group "all".
struct Permission {
  std::string user;
  std::string group;
  static auto params() {
    return std::to_array({
        optional<&Permission::user>("UserId"),
        optional<&Permission::group>("Group"),
        refused<Permission>("OrganizationArn", "there are no organizations"),
        refused<Permission>("OrganizationalUnitArn", "there are no organizations"),
    });
  }
};

struct PermissionChanges {
  std::vector<Permission> add;
  std::vector<Permission> remove;
  static auto params() {
    return std::to_array(
        {optional<&PermissionChanges::add>("Add"), optional<&PermissionChanges::remove>("Remove")});
  }
  bool empty() const { return add.empty() && remove.empty(); }
};

// Brings the older form into the present one.
Result<> take_older_form(const std::optional<PermissionOperation>& operation,
                         const std::vector<std::string>& users,
                         const std::vector<std::string>& groups, PermissionChanges& into);

struct PermissionErrors {
  std::error_code bad_value;
  std::error_code bad_user;
};

// One of `errors` names a group that is not "all" or an account that is no account's number.
Result<> check(const PermissionChanges& changes, const PermissionErrors& errors);
// `errors.bad_value` names an account that nothing can be given to, because there is none.
Result<> check_accounts(Tx& tx, const std::vector<Permission>& added,
                        const PermissionErrors& errors);

}  // namespace angophora::clc
