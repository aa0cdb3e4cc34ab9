#include "clc/clients/fake_cluster.h"

// What the nodes of the fake cluster do with volumes.

namespace angophora::clc {

using State = NodeVolumeState;

FakeCluster::Guest* FakeCluster::find_guest(const GuestRef& ref) {
  const auto node = nodes.find(ref.node);
  if (node == nodes.end()) return nullptr;
  const auto guest = node->second.guests.find(ref.id);
  if (guest == node->second.guests.end()) return nullptr;
  return guest->second.placement_no == ref.placement_no ? &guest->second : nullptr;
}

std::optional<VolumeReport> FakeCluster::volume(const InstanceId& guest_id,
                                                const VolumeId& id) const {
  for (const auto& [name, node] : nodes) {
    const auto guest = node.guests.find(guest_id);
    if (guest == node.guests.end()) continue;
    const auto found = guest->second.volumes.find(id);
    if (found != guest->second.volumes.end()) return found->second;
  }
  return std::nullopt;
}

// The node gets on with it by itself after a while.
void FakeCluster::settle_volume(const VolumeOrder& order) {
  if (!plugs) return;
  runtime_.call_at(runtime_.steady_now() + plug_time, [this, order] {
    auto* guest = find_guest(order.guest);
    const auto found = guest ? guest->volumes.find(order.volume) : decltype(guest->volumes.end()){};
    if (!guest || found == guest->volumes.end() || found->second.epoch != order.epoch) return;
    auto& volume = found->second;
    if (volume.state == State::attaching) {
      const bool opens = !may_open || may_open(order.volume, order.guest.node, order.epoch);
      volume.state = opens ? State::attached : State::failed;
      if (!opens) volume.reason = "the storage controller refused it";
    } else if (volume.state == State::detaching && volume.reason.empty()) {
      volume.state = State::detached;
    }
    changed();
  });
}

Outcome FakeCluster::attach_one(const VolumeOrder& order, const std::string& device) {
  const auto& id = order.guest.id;
  const auto node = nodes.find(order.guest.node);
  if (node == nodes.end() || !node->second.reachable)
    return {id, false, "unavailable", "the node is silent"};
  auto* guest = find_guest(order.guest);
  if (!guest || guest->state != GuestState::running)
    return {id, false, "not_found", "there is no such guest"};
  if (node->second.refuses_volumes) return {id, false, "limit_exceeded", "no port is free"};
  auto& volume = guest->volumes[order.volume];
  if (volume.epoch > order.epoch || (volume.epoch == order.epoch && volume.is_over()))
    return {id, false, "stale_epoch", "a later one is known"};
  if (volume.epoch == order.epoch) return {id, true, "", ""};
  volume = {order.volume, order.epoch, device, State::attaching, ""};
  settle_volume(order);
  changed();
  return {id, true, "", ""};
}

Outcome FakeCluster::detach_one(const VolumeOrder& order, bool force) {
  const auto& id = order.guest.id;
  const auto node = nodes.find(order.guest.node);
  if (node == nodes.end() || !node->second.reachable)
    return {id, false, "unavailable", "the node is silent"};
  auto* guest = find_guest(order.guest);
  const auto found = guest ? guest->volumes.find(order.volume) : decltype(guest->volumes.end()){};
  if (!guest || found == guest->volumes.end() || found->second.epoch < order.epoch)
    return {id, false, "not_found", "the node holds nothing of it"};
  auto& volume = found->second;
  if (volume.epoch > order.epoch) return {id, false, "stale_epoch", "a later one is known"};
  if (volume.is_over()) return {id, true, "", ""};
  volume.state = State::detaching;
  volume.reason = node->second.clings && !force ? "the guest does not let go" : "";
  settle_volume(order);
  changed();
  return {id, true, "", ""};
}

}  // namespace angophora::clc
