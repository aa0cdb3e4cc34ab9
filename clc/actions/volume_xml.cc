#include "clc/actions/volume_xml.h"

#include "clc/actions/tag_parameters.h"

namespace angophora::clc {

void add_volume(Element& item, const Volume& volume) {
  item.add("volumeId", volume.id).add("size", volume.size_gib);
  item.add("snapshotId", volume.snapshot).add("availabilityZone", volume.zone);
  item.add("status", to_string(volume.state)).add("createTime", volume.created_at);
  auto& attachments = item.child("attachmentSet");
  if (volume.attachment) add_attachment(attachments.child("item"), *volume.attachment);
  add_tags(item, volume.tags);
  item.add("volumeType", to_string(volume.type)).add("iops", shown_iops(volume));
  item.add("encrypted", false).add("multiAttachEnabled", false);
}

void add_attachment(Element& item, const Attachment& attachment) {
  item.add("volumeId", attachment.volume).add("instanceId", attachment.instance);
  item.add("device", attachment.device).add("status", shown(attachment.state));
  item.add("attachTime", attachment.attached_at);
  item.add("deleteOnTermination", attachment.delete_on_termination);
}

void add_block_device(Element& item, const Attachment& attachment) {
  item.add("deviceName", attachment.device);
  auto& ebs = item.child("ebs");
  ebs.add("volumeId", attachment.volume).add("status", shown(attachment.state));
  ebs.add("attachTime", attachment.attached_at);
  ebs.add("deleteOnTermination", attachment.delete_on_termination);
}

}  // namespace angophora::clc
