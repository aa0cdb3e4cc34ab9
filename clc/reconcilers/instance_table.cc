#include "clc/reconcilers/instance_table.h"

#include "clc/store/instances.h"

namespace angophora::clc {

common::Task<> InstanceTable::refresh() {
  const auto since = revision_;
  const auto read = [since](Tx& tx) { return Instances(tx).changed_since(since); };
  CO_TRY(auto changed, co_await db_.read(read));
  for (auto& instance : changed) {
    revision_ = std::max(revision_, instance.revision);
    instance.user_data.clear();
    instance.public_key.clear();
    auto& known = instances_[instance.id];
    if (known.revision >= instance.revision) continue;
    if (known.revision > 0) --counts_[{known.zone, known.state}];
    ++counts_[{instance.zone, instance.state}];
    const bool settled = instance.state == InstanceState::running || !instance.holds_resources();
    if (settled)
      unsettled_.erase(instance.id);
    else
      unsettled_.insert(instance.id);
    known = std::move(instance);
  }
  co_return common::ok();
}

void InstanceTable::forget(const std::vector<InstanceId>& ids) {
  for (const auto& id : ids) {
    if (const auto* known = find(id)) --counts_[{known->zone, known->state}];
    instances_.erase(id);
    unsettled_.erase(id);
  }
}

const Instance* InstanceTable::find(const InstanceId& id) const {
  const auto found = instances_.find(id);
  return found == instances_.end() ? nullptr : &found->second;
}

std::vector<const Instance*> InstanceTable::active_in(const ZoneName& zone) const {
  std::vector<const Instance*> active;
  for (const auto& [id, instance] : instances_)
    if (instance.zone == zone && instance.holds_resources()) active.push_back(&instance);
  return active;
}

std::vector<const Instance*> InstanceTable::unsettled_in(const ZoneName& zone) const {
  std::vector<const Instance*> unsettled;
  for (const auto& id : unsettled_)
    if (const auto* instance = find(id); instance && instance->zone == zone)
      unsettled.push_back(instance);
  return unsettled;
}

}  // namespace angophora::clc
