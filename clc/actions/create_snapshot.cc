// CreateSnapshot: promises what a volume holds now, also while an instance writes to it. The zone's
// storage controller takes it at once and brings it to the object store in the background.
#include "clc/actions/quotas.h"
#include "clc/actions/snapshot_selection.h"
#include "clc/actions/tag_parameters.h"
#include "clc/actions/volume_selection.h"
#include "clc/domain/snapshot_errors.h"
#include "clc/domain/volume_errors.h"
#include "clc/store/events.h"
#include "clc/store/snapshots.h"
#include "common/log/log.h"

namespace angophora::clc::actions::create_snapshot {
namespace {

constexpr std::size_t kDescriptionCharsMax = 255;

struct Request {
  VolumeId volume;
  std::string description;
  std::vector<TagSpecification> tags;
};

constexpr Param<Request> kParams[] = {
    required<&Request::volume>("VolumeId"),
    optional<&Request::description>("Description"),
    optional<&Request::tags>("TagSpecification"),
    refused<Request>("OutpostArn", "there are no outposts"),
    refused<Request>("Location", "there are no local zones"),
};

Result<Snapshot> create(Tx& tx, const Caller& caller, Snapshot wanted, const Quotas& quotas) {
  TRY(const auto volume, named_volume(tx, caller, wanted.volume));
  if (volume.account != caller.account)
    return Error(VolumeErrc::not_found, "The volume '" + volume.id.value + "' does not exist.");
  if (volume.state != VolumeState::available && volume.state != VolumeState::in_use)
    return Error(VolumeErrc::incorrect_state, "Volume '" + volume.id.value + "' is in the '" +
                                                  std::string(to_string(volume.state)) +
                                                  "' state.");
  TRY_VOID(quotas.admit(tx, {{Quota::snapshots}}));
  wanted.zone = volume.zone;
  wanted.size_gib = volume.size_gib;
  TRY_VOID(Snapshots(tx).insert(wanted));
  TRY_VOID(quotas.made(tx, Quota::snapshots, wanted.id.value));
  TRY_VOID(Events(tx).append(
      {wanted.account, "snapshot.pending", wanted.id.value, "volume=" + volume.id.value},
      wanted.started_at));
  return wanted;
}

Task<Reply> handle(Services& s, Caller caller, Request request) {
  if (request.description.size() > kDescriptionCharsMax)
    co_return invalid_value("Description", request.description, "at most 255 characters");
  Snapshot wanted;
  CO_TRY(wanted.tags, tags_for("snapshot", request.tags));
  wanted.id = new_id<SnapshotId>(s.runtime, "snap");
  wanted.account = caller.account;
  wanted.volume = request.volume;
  wanted.description = request.description;
  wanted.started_at = wanted.changed_at = s.runtime.now();
  const Quotas quotas(s, caller);
  const auto change = [caller, wanted, quotas](Tx& tx) {
    return create(tx, caller, wanted, quotas);
  };
  CO_TRY(const auto snapshot, co_await commit(s, caller, change));
  s.changes.volumes.notify();
  log::info("snapshot.promised", {{"request_id", caller.request_id},
                                  {"snapshot", snapshot.id},
                                  {"volume", snapshot.volume},
                                  {"account", snapshot.account}});
  Reply reply;
  add_snapshot(reply, snapshot);
  co_return reply;
}

}  // namespace

extern const Action CreateSnapshot{
    .name = "CreateSnapshot",
    .permission = "ec2:CreateSnapshot",
    .run = parse_then<Request, kParams, handle>,
};

}  // namespace angophora::clc::actions::create_snapshot
