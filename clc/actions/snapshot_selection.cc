#include "clc/actions/snapshot_selection.h"

#include <algorithm>

#include "clc/actions/instance_selection.h"
#include "clc/actions/tag_parameters.h"
#include "clc/domain/snapshot_errors.h"
#include "clc/store/snapshots.h"

namespace angophora::clc {
namespace {

Error no_such_snapshot(std::string_view ids) {
  return {SnapshotErrc::not_found, "The snapshot '" + std::string(ids) + "' does not exist."};
}

}  // namespace

Result<> check_snapshot_id(const SnapshotId& id) {
  if (is_well_formed_id(id.value, "snap")) return common::ok();
  return Error(
      SnapshotErrc::malformed_id,
      "Value (" + id.value + ") for parameter snapshotId is invalid. Expected: 'snap-...'.");
}

Result<Snapshot> visible_snapshot(Tx& tx, const Caller& caller, const SnapshotId& id) {
  TRY_VOID(check_snapshot_id(id));
  TRY(auto snapshot, Snapshots(tx).find(id));
  if (!snapshot || !(snapshot->visible_to(caller.account) || caller.cloud_administrator))
    return no_such_snapshot(id.value);
  return std::move(*snapshot);
}

Result<Snapshot> completed_snapshot(Tx& tx, const Caller& caller, const SnapshotId& id) {
  TRY(auto snapshot, visible_snapshot(tx, caller, id));
  if (snapshot.state != SnapshotState::completed)
    return Error(SnapshotErrc::incorrect_state, "Snapshot '" + id.value + "' is in the '" +
                                                    std::string(to_string(snapshot.state)) +
                                                    "' state.");
  return snapshot;
}

Result<Snapshot> own_snapshot(Tx& tx, const Caller& caller, const SnapshotId& id) {
  TRY(auto snapshot, visible_snapshot(tx, caller, id));
  if (snapshot.account != caller.account && !caller.cloud_administrator)
    return Error(SnapshotErrc::not_permitted, "Not authorized for snapshot " + id.value);
  return snapshot;
}

Task<std::vector<Snapshot>> select_snapshots(Services& s, Caller caller,
                                             std::vector<SnapshotId> ids) {
  const bool verbose = std::erase(ids, SnapshotId(kVerbose)) > 0;
  const bool everything = verbose && caller.cloud_administrator;
  for (const auto& id : ids) CO_TRY_VOID(check_snapshot_id(id));
  const auto list = [account = caller.account, everything](Tx& tx) {
    return everything ? Snapshots(tx).all() : Snapshots(tx).visible_to(account);
  };
  CO_TRY(auto snapshots, co_await s.db.read(list));
  for (auto& snapshot : snapshots)
    if (snapshot.account != caller.account && !everything) snapshot.tags.clear();
  if (ids.empty()) co_return snapshots;
  for (const auto& id : ids)
    if (std::none_of(snapshots.begin(), snapshots.end(),
                     [&](const Snapshot& snapshot) { return snapshot.id == id; }))
      co_return no_such_snapshot(id.value);
  std::erase_if(snapshots, [&](const Snapshot& snapshot) {
    return std::find(ids.begin(), ids.end(), snapshot.id) == ids.end();
  });
  co_return snapshots;
}

void add_snapshot(Element& item, const Snapshot& snapshot) {
  item.add("snapshotId", snapshot.id).add("volumeId", snapshot.volume);
  item.add("status", to_string(snapshot.state));
  if (!snapshot.reason.empty()) item.add("statusMessage", snapshot.reason);
  item.add("startTime", snapshot.started_at);
  item.add("progress", std::to_string(snapshot.progress) + "%");
  item.add("ownerId", snapshot.account).add("volumeSize", snapshot.size_gib);
  item.add("description", snapshot.description).add("encrypted", false);
  add_tags(item, snapshot.tags);
  item.add("storageTier", "standard");
}

}  // namespace angophora::clc
