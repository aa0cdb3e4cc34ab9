// DeleteVolume: its owner no longer wants a volume that nobody has attached. Repeating it is safe
// while the volume's bytes are being removed.
#include "clc/actions/volume_selection.h"
#include "clc/domain/volume_errors.h"
#include "clc/store/events.h"
#include "clc/store/volumes.h"
#include "common/log/log.h"

namespace angophora::clc::actions::delete_volume {
namespace {

struct Request {
  VolumeId volume;
};

constexpr Param<Request> kParams[] = {required<&Request::volume>("VolumeId")};

Result<> remove(Tx& tx, const Caller& caller, const VolumeId& id, common::SysTime now) {
  TRY(const auto volume, named_volume(tx, caller, id));
  if (volume.state == VolumeState::deleting) return common::ok();
  if (volume.attachment)
    return Error(VolumeErrc::in_use, "Volume " + id.value + " is currently attached to " +
                                         volume.attachment->instance.value);
  TRY(const bool moved, Volumes(tx).advance(id, VolumeEvent::unwant, "", now));
  if (!moved)
    return Error(VolumeErrc::incorrect_state, "Volume '" + id.value + "' is in the '" +
                                                  std::string(to_string(volume.state)) +
                                                  "' state.");
  return Events(tx).append(
      {volume.account, "volume.deleting", id.value, "user=" + caller.user_name}, now);
}

Task<Reply> handle(Services& s, Caller caller, Request request) {
  const auto now = s.runtime.now();
  const auto change = [caller, id = request.volume, now](Tx& tx) {
    return remove(tx, caller, id, now);
  };
  CO_TRY_VOID(co_await commit(s, caller, change));
  s.changes.volumes.notify();
  log::info("volume.unwanted", {{"request_id", caller.request_id}, {"volume", request.volume}});
  co_return reply_true();
}

}  // namespace

extern const Action DeleteVolume{
    .name = "DeleteVolume",
    .permission = "ec2:DeleteVolume",
    .run = parse_then<Request, kParams, handle>,
};

}  // namespace angophora::clc::actions::delete_volume
