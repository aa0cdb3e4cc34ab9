// ModifySnapshotAttribute: who may make volumes of a snapshot. In the present form
// (CreateVolumePermission.Add.1.UserId) and in the old one (Attribute, OperationType, UserId.1).
#include "clc/actions/permission_parameters.h"
#include "clc/actions/snapshot_selection.h"
#include "clc/domain/snapshot_errors.h"
#include "clc/store/events.h"
#include "clc/store/snapshots.h"

namespace angophora::clc::actions::modify_snapshot_attribute {
namespace {

constexpr std::string_view kAttribute = "createVolumePermission";

struct Request {
  SnapshotId id;
  PermissionChanges permissions;
  std::string attribute;
  std::optional<PermissionOperation> operation;
  std::vector<std::string> users;
  std::vector<std::string> groups;
};

constexpr Param<Request> kParams[] = {
    required<&Request::id>("SnapshotId"),
    optional<&Request::permissions>("CreateVolumePermission"),
    optional<&Request::attribute>("Attribute"),
    optional<&Request::operation>("OperationType"),
    optional<&Request::users>("UserId"),
    optional<&Request::groups>("UserGroup"),
};

Result<> apply(Tx& tx, const Request& request) {
  Snapshots snapshots(tx);
  for (const auto& permission : request.permissions.add) {
    if (permission.group == "all")
      TRY_VOID(snapshots.set_public(request.id, true));
    else
      TRY_VOID(snapshots.add_user(request.id, AccountId(permission.user)));
  }
  for (const auto& permission : request.permissions.remove) {
    if (permission.group == "all")
      TRY_VOID(snapshots.set_public(request.id, false));
    else
      TRY_VOID(snapshots.remove_user(request.id, AccountId(permission.user)));
  }
  return common::ok();
}

Task<Reply> handle(Services& s, Caller caller, Request request) {
  if (!request.attribute.empty() && request.attribute != kAttribute)
    co_return invalid_value("Attribute", request.attribute, kAttribute);
  CO_TRY_VOID(
      take_older_form(request.operation, request.users, request.groups, request.permissions));
  const PermissionErrors errors{RequestErrc::invalid_value, SnapshotErrc::bad_user_id};
  CO_TRY_VOID(check(request.permissions, errors));
  if (request.permissions.empty()) co_return missing_parameter("CreateVolumePermission");
  const auto now = s.runtime.now();
  const auto change = [caller, request, now, errors](Tx& tx) -> Result<> {
    TRY(const auto snapshot, own_snapshot(tx, caller, request.id));
    TRY_VOID(check_accounts(tx, request.permissions.add, errors));
    TRY_VOID(apply(tx, request));
    return Events(tx).append(
        {snapshot.account, "snapshot.modified", snapshot.id.value, "user=" + caller.user_name},
        now);
  };
  CO_TRY_VOID(co_await commit(s, caller, change));
  co_return reply_true();
}

}  // namespace

extern const Action ModifySnapshotAttribute{
    .name = "ModifySnapshotAttribute",
    .permission = "ec2:ModifySnapshotAttribute",
    .run = parse_then<Request, kParams, handle>,
};

}  // namespace angophora::clc::actions::modify_snapshot_attribute
