#include "clc/domain/attachment_judgement.h"

namespace angophora::clc {
namespace {

using Event = AttachmentEvent;
using Step = AttachmentStep;

AttachmentPlan advance(Event event, std::string reason = {}) {
  return {Step::advance, event, std::move(reason)};
}

AttachmentPlan plan_attaching(const AttachmentView& view) {
  // The order must not meet an instance on its way out; when that is gone, so is this.
  if (view.instance_ends) return {};
  if (!view.volume) return {Step::attach};
  if (view.volume->state == NodeVolumeState::attached) return advance(Event::plugged);
  return {};
}

// A node that has the guest and not the volume has lost it: the same order again gives it back.
AttachmentPlan plan_attached(const AttachmentView& view) {
  const bool lost = view.node_speaks && view.guest_reported && !view.volume;
  if (lost && !view.instance_ends) return {Step::attach};
  return {};
}

AttachmentPlan plan_detaching(const Attachment& attachment, const AttachmentView& view) {
  const auto* volume = view.volume;
  if (attachment.forced) {
    if (!view.node_speaks) return advance(Event::give_up, "the node is silent");
    if (view.patience_over) return advance(Event::give_up, "the node does not let go");
    return {Step::detach};
  }
  if (view.instance_ends) return {};
  const bool on_its_way = volume && volume->state == NodeVolumeState::detaching;
  if (!on_its_way) return {Step::detach};
  if (attachment.state == AttachmentState::detaching && !volume->reason.empty())
    return advance(Event::held, volume->reason);
  return {};
}

}  // namespace

AttachmentPlan plan_for(const Attachment& attachment, const AttachmentView& view) {
  using S = AttachmentState;
  if (attachment.state == S::detached) return {};
  if (attachment.state == S::revoking) return {Step::revoke};
  if (view.instance_over) return advance(Event::give_up, "the instance is over");
  if (view.volume && view.volume->is_over()) return advance(Event::let_go, view.volume->reason);
  if (attachment.state == S::attaching) return plan_attaching(view);
  if (attachment.state == S::attached) return plan_attached(view);
  return plan_detaching(attachment, view);
}

bool is_stale(const VolumeReport& report, const InstanceId& instance, const Attachment* known) {
  if (report.is_over()) return false;
  return !known || known->epoch != report.epoch || known->instance != instance ||
         known->state == AttachmentState::revoking;
}

}  // namespace angophora::clc
