#include "clc/domain/snapshot_errors.h"
#include "clc/domain/volume_errors.h"
#include "tests/sim/users.h"

// What the users do with snapshots.

namespace angophora::sim {

using clc::SnapshotErrc;
using clc::VolumeErrc;
using common::Error;

namespace {

constexpr std::size_t kSnapshotsMax = 10;
constexpr std::size_t kVolumesMax = 16;

// Somebody may have deleted it meanwhile, or it is still on its way.
bool may_not_be_used(const Error& error) {
  return error.code == SnapshotErrc::not_found || error.code == SnapshotErrc::incorrect_state;
}
bool may_not_be_taken(const Error& error) {
  return error.code == VolumeErrc::not_found || error.code == VolumeErrc::incorrect_state;
}

}  // namespace

void Users::live_with_snapshots() {
  if (!busy_) return;
  switch (world_.random_below(5)) {
    case 0:
    case 1:
      create_snapshot();
      break;
    case 2:
    case 3:
      create_volume_from_snapshot();
      break;
    default:
      delete_snapshot();
      break;
  }
  const auto us = std::chrono::duration_cast<std::chrono::microseconds>(snapshot_pause_).count();
  const auto pause = world_.random_below(2 * static_cast<std::uint64_t>(us));
  world_.call_at(world_.steady_now() + std::chrono::microseconds(pause),
                 [this] { live_with_snapshots(); });
}

// EC2 has no token for it: a wish whose answer is lost may have made one that nobody knows of.
void Users::create_snapshot() {
  const auto volume = pick_volume();
  if (volume.empty() || snapshots_.size() >= kSnapshotsMax) return;
  const auto account = volumes_[volume].account;
  auto wish = wishes_.action(account, "CreateSnapshot", {{"VolumeId", volume.value}});
  wish->granted = [this, account](const clc::Reply& reply) {
    const SnapshotId id(reply.find("snapshotId").value_or(""));
    if (!snapshots_.emplace(id, SnapshotPromise{account, false}).second)
      cloud_.trace.violate(id.value + " is promised twice");
    cloud_.trace.note("user has " + id.value);
  };
  wish->denied = [this, volume](const Error& error) {
    if (!may_not_be_taken(error))
      cloud_.trace.violate("CreateSnapshot of " + volume.value + " is refused: " + error.message);
  };
  wishes_.pursue(std::move(wish));
}

SnapshotId Users::pick_snapshot() {
  std::vector<SnapshotId> all;
  for (const auto& [id, promise] : snapshots_)
    if (!promise.end_asked) all.push_back(id);
  return all.empty() ? SnapshotId() : all[world_.random_below(all.size())];
}

void Users::create_volume_from_snapshot() {
  const auto id = pick_snapshot();
  if (!id.empty() && volumes_.size() < kVolumesMax) create_volume_of(id);
}

void Users::copy_all_snapshots() {
  for (const auto& [id, promise] : snapshots_)
    if (!promise.end_asked) create_volume_of(id);
}

void Users::create_volume_of(const SnapshotId& id) {
  const auto account = snapshots_[id].account;
  auto wish = wishes_.action(account, "CreateVolume",
                             {{"AvailabilityZone", "zone-a"},
                              {"SnapshotId", id.value},
                              {"ClientToken", "copy-" + std::to_string(next_token_++)}});
  wish->granted = [this, account, id](const clc::Reply& reply) {
    const VolumeId volume(reply.find("volumeId").value_or(""));
    if (!volumes_.emplace(volume, VolumePromise{account, false}).second)
      cloud_.trace.violate(volume.value + " is promised twice");
    cloud_.trace.note("user has " + volume.value + " of " + id.value);
  };
  wish->denied = [this, id](const Error& error) {
    if (!may_not_be_used(error))
      cloud_.trace.violate("CreateVolume of " + id.value + " is refused: " + error.message);
    if (error.code == SnapshotErrc::not_found && !snapshots_[id].end_asked)
      cloud_.trace.violate(id.value + " was promised and is lost");
  };
  wishes_.pursue(std::move(wish));
}

void Users::delete_snapshot() {
  if (world_.random_below(2) == 0) return;
  const auto id = pick_snapshot();
  if (id.empty()) return;
  snapshots_[id].end_asked = true;
  auto wish = wishes_.action(snapshots_[id].account, "DeleteSnapshot", {{"SnapshotId", id.value}});
  wish->granted = [this, id](const clc::Reply&) { cloud_.trace.note("user ended " + id.value); };
  wish->denied = [this, id](const Error& error) {
    // An earlier attempt whose answer was lost.
    if (error.code != SnapshotErrc::not_found)
      cloud_.trace.violate("DeleteSnapshot of " + id.value + " is refused: " + error.message);
  };
  wishes_.pursue(std::move(wish));
}

}  // namespace angophora::sim
