// AttachVolume: gives a running instance a block device backed by a volume of its zone. The volume
// is claimed in one transaction; the reconcilers do the rest.
#include "clc/actions/instance_selection.h"
#include "clc/actions/volume_selection.h"
#include "clc/actions/volume_xml.h"
#include "clc/domain/volume_errors.h"
#include "clc/store/events.h"
#include "clc/store/volumes.h"
#include "common/base/device_name.h"
#include "common/log/log.h"

namespace angophora::clc::actions::attach_volume {
namespace {

struct Request {
  VolumeId volume;
  InstanceId instance;
  std::string device;
};

constexpr Param<Request> kParams[] = {
    required<&Request::volume>("VolumeId"),
    required<&Request::instance>("InstanceId"),
    required<&Request::device>("Device"),
    refused<Request>("EbsCardIndex", "instances have one card"),
};

Error device_in_use(const std::string& device) {
  return {VolumeErrc::device_in_use, "Invalid value '" + device +
                                         "' for unixDevice. Attachment point " + device +
                                         " is already in use"};
}

// An instance's own disks come first: the root, then the ephemeral one, then swap.
Result<> check_device(const Instance& instance, const std::string& device) {
  const auto letters = common::device_letters(device);
  if (!letters)
    return Error(RequestErrc::invalid_value, "Value (" + device +
                                                 ") for parameter device is invalid. " + device +
                                                 " is not a valid EBS device name.");
  char own = 'a';
  if (instance.ephemeral_gib > 0) ++own;
  if (instance.swap_mib > 0) ++own;
  if (letters->size() == 1 && letters->front() <= own) return device_in_use(device);
  return common::ok();
}

Result<> check_pair(const Volume& volume, const Instance& instance) {
  if (volume.attachment)
    return Error(VolumeErrc::in_use, volume.id.value + " is already attached to an instance");
  if (volume.state != VolumeState::available)
    return Error(VolumeErrc::incorrect_state, "Volume '" + volume.id.value + "' is in the '" +
                                                  std::string(to_string(volume.state)) +
                                                  "' state.");
  if (instance.state != InstanceState::running)
    return Error(VolumeErrc::incorrect_state,
                 "Instance '" + instance.id.value + "' is not 'running'.");
  if (volume.zone != instance.zone)
    return Error(VolumeErrc::zone_mismatch, "The volume '" + volume.id.value +
                                                "' is not in the same availability zone as "
                                                "instance '" +
                                                instance.id.value + "'");
  if (volume.account != instance.account)
    return Error(VolumeErrc::not_found, "The volume '" + volume.id.value +
                                            "' does not belong to the account of instance '" +
                                            instance.id.value + "'");
  return common::ok();
}

Result<Attachment> claim(Tx& tx, const Caller& caller, const Request& request,
                         common::SysTime now) {
  TRY(const auto volume, named_volume(tx, caller, request.volume));
  TRY(const auto instances, named_instances(tx, caller, {request.instance}));
  const auto& instance = instances.front();
  TRY_VOID(check_pair(volume, instance));
  TRY_VOID(check_device(instance, request.device));
  TRY(const auto present, Attachments(tx).count(instance.id));
  if (present >= kAttachmentsPerInstanceMax)
    return Error(VolumeErrc::too_many_attachments, "The instance '" + instance.id.value + "' has " +
                                                       std::to_string(present) +
                                                       " volumes; more cannot be attached");
  Attachment attachment;
  attachment.volume = volume.id;
  attachment.instance = instance.id;
  attachment.node = instance.node;
  attachment.placement_no = instance.placement_no;
  attachment.device = request.device;
  attachment.attached_at = attachment.changed_at = now;
  TRY(attachment.epoch, Attachments(tx).claim(attachment, now));
  TRY_VOID(Events(tx).append({volume.account, "attachment.attaching", volume.id.value,
                              "instance=" + instance.id.value + " device=" + request.device +
                                  " epoch=" + std::to_string(attachment.epoch)},
                             now));
  return attachment;
}

Task<Reply> handle(Services& s, Caller caller, Request request) {
  const auto now = s.runtime.now();
  const auto change = [caller, request, now](Tx& tx) { return claim(tx, caller, request, now); };
  CO_TRY(const auto attachment, co_await commit(s, caller, change));
  s.changes.volumes.notify();
  log::info("attachment.promised", {{"request_id", caller.request_id},
                                    {"volume", attachment.volume},
                                    {"instance", attachment.instance},
                                    {"epoch", attachment.epoch}});
  Reply reply;
  add_attachment(reply, attachment);
  co_return reply;
}

}  // namespace

extern const Action AttachVolume{
    .name = "AttachVolume",
    .permission = "ec2:AttachVolume",
    .run = parse_then<Request, kParams, handle>,
};

}  // namespace angophora::clc::actions::attach_volume
