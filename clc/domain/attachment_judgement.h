// What to do next about an attachment, by what is wanted of it and what its zone reports. Pure: the
// reconcilers carry it out.
#pragma once

#include <string>

#include "clc/domain/volume.h"
#include "clc/domain/zone_report.h"

namespace angophora::clc {

// What is known of the other side.
struct AttachmentView {
  bool instance_ends = false;            // somebody wants the instance gone
  bool instance_over = false;            // its node has let go of it, or is fenced
  bool node_speaks = false;              // a fresh report has news of the node
  bool guest_reported = false;           // and shows the guest, alive
  const VolumeReport* volume = nullptr;  // and this attachment of it, if any
  bool patience_over = false;            // a forced detach has waited long enough for the node
};

enum class AttachmentStep {
  wait,
  advance,  // move the attachment along its life with `event`
  attach,   // grant it and order the node to attach it; repeating that is safe
  detach,   // order the node to let go
  revoke,   // have the storage controller close it
};

struct AttachmentPlan {
  AttachmentStep step = AttachmentStep::wait;
  AttachmentEvent event = AttachmentEvent::plugged;
  std::string reason = {};
};

AttachmentPlan plan_for(const Attachment& attachment, const AttachmentView& view);

// True when a node holds an attachment that it must let go of: `known` is the volume's present
// attachment, or null.
bool is_stale(const VolumeReport& report, const InstanceId& instance, const Attachment* known);

}  // namespace angophora::clc
