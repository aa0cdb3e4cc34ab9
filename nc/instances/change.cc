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
