// DeleteSnapshot: its owner no longer wants a snapshot. It is gone at once for all who could see
// it; other snapshots of its volume and volumes that were made of it stay whole.
#include "clc/actions/snapshot_selection.h"
#include "clc/domain/snapshot_errors.h"
#include "clc/store/events.h"
#include "clc/store/snapshots.h"
#include "common/log/log.h"

namespace angophora::clc::actions::delete_snapshot {
namespace {

struct Request {
  SnapshotId snapshot;
};

constexpr Param<Request> kParams[] = {required<&Request::snapshot>("SnapshotId")};

Result<> remove(Tx& tx, const Caller& caller, const SnapshotId& id, common::SysTime now) {
  TRY(const auto snapshot, own_snapshot(tx, caller, id));
  TRY(const bool moved, Snapshots(tx).advance(id, SnapshotEvent::unwant, "", now));
  if (!moved)
    return Error(SnapshotErrc::incorrect_state, "Snapshot '" + id.value + "' is in the '" +
                                                    std::string(to_string(snapshot.state)) +
                                                    "' state.");
  return Events(tx).append(
      {snapshot.account, "snapshot.deleting", id.value, "user=" + caller.user_name}, now);
}

Task<Reply> handle(Services& s, Caller caller, Request request) {
  const auto now = s.runtime.now();
  const auto change = [caller, id = request.snapshot, now](Tx& tx) {
    return remove(tx, caller, id, now);
  };
  CO_TRY_VOID(co_await commit(s, caller, change));
  s.changes.volumes.notify();
  log::info("snapshot.unwanted",
            {{"request_id", caller.request_id}, {"snapshot", request.snapshot}});
  co_return reply_true();
}

}  // namespace

extern const Action DeleteSnapshot{
    .name = "DeleteSnapshot",
    .permission = "ec2:DeleteSnapshot",
    .run = parse_then<Request, kParams, handle>,
};

}  // namespace angophora::clc::actions::delete_snapshot
