// DetachVolume: takes a volume away from its instance, with Force also when the guest or its node
// does not let go. Repeating it is safe while it is under way.
#include "clc/actions/volume_selection.h"
#include "clc/actions/volume_xml.h"
#include "clc/domain/volume_errors.h"
#include "clc/store/events.h"
#include "clc/store/volumes.h"
#include "common/base/device_name.h"
#include "common/log/log.h"

namespace angophora::clc::actions::detach_volume {
namespace {

struct Request {
  VolumeId volume;
  InstanceId instance;
  std::string device;
  bool force = false;
};

constexpr Param<Request> kParams[] = {
    required<&Request::volume>("VolumeId"),
    optional<&Request::instance>("InstanceId"),
    optional<&Request::device>("Device"),
    optional<&Request::force>("Force"),
};

// What the request says beside the volume must be so.
Result<> check(const Volume& volume, const Request& request) {
  if (!volume.attachment)
    return Error(VolumeErrc::incorrect_state, "Volume '" + volume.id.value + "' is in the '" +
                                                  std::string(to_string(volume.state)) +
                                                  "' state.");
  const auto& present = *volume.attachment;
  if (!request.instance.empty() && request.instance != present.instance)
    return Error(VolumeErrc::attachment_not_found, "The volume '" + volume.id.value +
                                                       "' is not attached to instance '" +
                                                       request.instance.value + "'");
  const bool same_device =
      request.device.empty() || request.device == present.device ||
      (common::device_letters(request.device) &&
       common::device_letters(request.device) == common::device_letters(present.device));
  if (!same_device)
    return Error(VolumeErrc::attachment_not_found,
                 "The volume '" + volume.id.value + "' is not attached to instance '" +
                     present.instance.value + "' as device '" + request.device + "'");
  return common::ok();
}

Result<Attachment> let_go(Tx& tx, const Caller& caller, const Request& request,
                          common::SysTime now) {
  TRY(const auto volume, named_volume(tx, caller, request.volume));
  TRY_VOID(check(volume, request));
  const auto epoch = volume.attachment->epoch;
  Attachments attachments(tx);
  TRY(const bool changed, attachments.want_end(volume.id, epoch, request.force, now));
  if (changed)
    TRY_VOID(Events(tx).append({volume.account, "attachment.detaching", volume.id.value,
                                "instance=" + volume.attachment->instance.value +
                                    " user=" + caller.user_name + (request.force ? " force" : "")},
                               now));
  TRY(const auto after, attachments.find(volume.id));
  return after.value_or(*volume.attachment);
}

Task<Reply> handle(Services& s, Caller caller, Request request) {
  const auto now = s.runtime.now();
  const auto change = [caller, request, now](Tx& tx) { return let_go(tx, caller, request, now); };
  CO_TRY(const auto attachment, co_await commit(s, caller, change));
  s.changes.volumes.notify();
  log::info("attachment.unwanted", {{"request_id", caller.request_id},
                                    {"volume", attachment.volume},
                                    {"instance", attachment.instance},
                                    {"force", request.force}});
  Reply reply;
  add_attachment(reply, attachment);
  co_return reply;
}

}  // namespace

extern const Action DetachVolume{
    .name = "DetachVolume",
    .permission = "ec2:DetachVolume",
    .run = parse_then<Request, kParams, handle>,
};

}  // namespace angophora::clc::actions::detach_volume
