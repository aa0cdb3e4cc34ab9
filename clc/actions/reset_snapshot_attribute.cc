// ResetSnapshotAttribute: nobody but the owner may make volumes of the snapshot any more.
#include "clc/actions/snapshot_selection.h"
#include "clc/store/events.h"
#include "clc/store/snapshots.h"

namespace angophora::clc {

enum class ResettableAttribute { permission };
constexpr auto wire_names(ResettableAttribute) {
  return std::to_array<std::pair<const char*, ResettableAttribute>>(
      {{"createVolumePermission", ResettableAttribute::permission}});
}

namespace actions::reset_snapshot_attribute {
namespace {

struct Request {
  SnapshotId id;
  ResettableAttribute attribute = ResettableAttribute::permission;
};

constexpr Param<Request> kParams[] = {
    required<&Request::id>("SnapshotId"),
    required<&Request::attribute>("Attribute"),
};

Task<Reply> handle(Services& s, Caller caller, Request request) {
  const auto now = s.runtime.now();
  const auto change = [caller, id = request.id, now](Tx& tx) -> Result<> {
    TRY(const auto snapshot, own_snapshot(tx, caller, id));
    TRY_VOID(Snapshots(tx).reset_users(id));
    return Events(tx).append(
        {snapshot.account, "snapshot.modified", id.value, "user=" + caller.user_name}, now);
  };
  CO_TRY_VOID(co_await commit(s, caller, change));
  co_return reply_true();
}

}  // namespace

extern const Action ResetSnapshotAttribute{
    .name = "ResetSnapshotAttribute",
    .permission = "ec2:ResetSnapshotAttribute",
    .run = parse_then<Request, kParams, handle>,
};

}  // namespace actions::reset_snapshot_attribute
}  // namespace angophora::clc
