#include "common/log/log.h"
#include "nc/instances/live.h"

namespace angophora::nc {

bool Instances::change(Live& live, InstanceEvent event, std::string reason) {
  auto& record = live.record;
  const auto to = next(record.state, event);
  if (!to) return false;
  log::info("instance.state_changed", {{"instance", record.spec.id},
                                       {"from", to_string(record.state)},
                                       {"to", to_string(*to)},
                                       {"reason", reason}});
  record.state = *to;
  record.changed_at = runtime_.now();
  ++record.sequence;
  if (!reason.empty()) record.reason = std::move(reason);
  if (event == InstanceEvent::give_up) record.failing = true;
  live.entered_at = runtime_.steady_now();
  live.tries = 0;
  touch();
  live.generation = generation_;
  live.changed.notify();
  return true;
}

bool Instances::change(Live& live, const VolumeId& id, AttachmentEvent event, std::string reason) {
  auto& attachment = live.record.volumes.at(id);
  const auto to = next(attachment.state, event);
  if (!to) return false;
  log::info("volume.state_changed", {{"volume", id},
                                     {"instance", live.record.spec.id},
                                     {"epoch", attachment.epoch},
                                     {"from", to_string(attachment.state)},
                                     {"to", to_string(*to)},
                                     {"reason", reason}});
  attachment.state = *to;
  if (event == AttachmentEvent::give_up) attachment.failing = true;
  // The reason of a failure stays; what an attachment was waiting for does not.
  if (!attachment.failing || event == AttachmentEvent::give_up) attachment.reason = reason;
  ++live.record.sequence;
  const auto volume = live.volume(id, runtime_.steady_now());
  volume->entered_at = runtime_.steady_now();
  volume->tries = 0;
  touch();
  live.generation = generation_;
  volume->changed.notify();
  return true;
}

void Instances::explain(Live& live, const VolumeId& id, std::string reason) {
  auto& attachment = live.record.volumes.at(id);
  if (attachment.failing || attachment.reason == reason) return;
  attachment.reason = std::move(reason);
  touch();
  live.generation = generation_;
}

void Instances::touch() {
  ++generation_;
  changed_.notify();
}

common::Task<> Instances::persist(LivePtr live) {
  auto record = live->record;
  auto saved = co_await seams_.records.save(std::move(record));
  if (!saved)
    log::error("record.not_saved", {{"instance", live->record.spec.id}, {"reason", saved.error()}});
  co_return saved;
}

}  // namespace angophora::nc
