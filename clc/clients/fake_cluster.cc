#include "clc/clients/fake_cluster.h"

namespace angophora::clc {

using common::Errc;
using common::Error;
using namespace std::chrono_literals;

bool FakeCluster::happens(int percent) {
  return percent > 0 && static_cast<int>(world_.random_below(100)) < percent;
}

void FakeCluster::changed() {
  ++generation_;
  news_.notify();
}

template <class T>
Task<T> FakeCluster::carry(std::string name, std::function<T()> serve) {
  if (faults.delay_max > Duration::zero()) {
    const Duration delay(world_.random_below(static_cast<std::uint64_t>(faults.delay_max.count())));
    co_await runtime_.sleep_for(delay);
  }
  if (is_down) co_return Error(Errc::unavailable, name + ": the cluster cannot be reached");
  if (happens(faults.lose_requests)) {
    co_await runtime_.sleep_for(10s);
    co_return Error(Errc::timed_out, name + ": no answer");
  }
  calls.push_back(name);
  T answer = serve();
  if (happens(faults.repeat)) {
    const Duration later(world_.random_below(5'000'000'000));
    runtime_.call_at(runtime_.steady_now() + later, [serve] { serve(); });
  }
  if (happens(faults.lose_answers)) {
    co_await runtime_.sleep_for(10s);
    co_return Error(Errc::timed_out, name + ": no answer");
  }
  co_return answer;
}

void FakeCluster::restart() {
  boot_id_ = "boot-" + std::to_string(++boot_count_);
  generation_ = 0;
  held_.clear();
  network = {};
  changed();
}

void FakeCluster::set_guest(const InstanceId& id, GuestState state, std::string reason) {
  for (auto& [name, node] : nodes) {
    const auto found = node.guests.find(id);
    if (found == node.guests.end()) continue;
    found->second.state = state;
    found->second.reason = reason;
  }
  changed();
}

int FakeCluster::starts(const InstanceId& id) const {
  const auto found = starts_.find(id);
  return found == starts_.end() ? 0 : found->second;
}

int FakeCluster::living(const InstanceId& id) const {
  int count = 0;
  for (const auto& [name, node] : nodes)
    for (const auto& [guest_id, guest] : node.guests)
      if (guest_id == id && guest.state != GuestState::terminated &&
          guest.state != GuestState::failed)
        ++count;
  return count;
}

Resources FakeCluster::used(const Node& node) const {
  // Every guest takes one of the smallest unit: enough for tests that fill a node.
  Resources sum;
  for (const auto& [id, guest] : node.guests)
    if (guest.state != GuestState::terminated && guest.state != GuestState::failed)
      sum += Resources{1, 1024, 10};
  for (const auto& [id, hold] : held_)
    if (&nodes.at(hold.node) == &node && !node.guests.contains(id) &&
        hold.until > runtime_.steady_now())
      sum += hold.room;
  return sum;
}

Task<std::vector<NodeReservation>> FakeCluster::reserve_nodes(ServiceName,
                                                              std::vector<NodeRequest> requests,
                                                              NodeBooks) {
  std::function<std::vector<NodeReservation>()> serve = [this, requests] {
    std::vector<NodeReservation> answers;
    for (const auto& request : requests) {
      NodeReservation answer{request.id, request.placement_no, NodeName(), "no node has room"};
      held_.erase(request.id);
      bool reluctantly = false;  // to a node that refused it already: rather than none
      for (const auto& [name, node] : nodes) {
        auto left = node.total;
        left -= used(node);
        const bool fits = left.vcpus >= request.resources.vcpus &&
                          left.memory_mib >= request.resources.memory_mib;
        const auto ended = node.ended.find(request.id);
        const bool tried = node.refuses && ended != node.ended.end();
        const bool better = answer.node.empty() || (reluctantly && !tried);
        if (!node.reachable || !fits || !better) continue;
        reluctantly = tried;
        answer.node = name;
        answer.reason.clear();
        held_[request.id] = {name, request.resources, runtime_.steady_now() + 60s};
      }
      answers.push_back(answer);
    }
    return answers;
  };
  return carry<std::vector<NodeReservation>>("ReserveNodes", std::move(serve));
}

Outcome FakeCluster::run_one(const LaunchOrder& order) {
  const auto& instance = order.instance;
  Outcome outcome{instance.id, false, "unavailable", "the node is silent"};
  const auto found = nodes.find(instance.node);
  if (found == nodes.end() || !found->second.reachable) return outcome;
  auto& node = found->second;
  auto& ended = node.ended[instance.id];
  if (node.refuses) {
    ended = std::max(ended, instance.placement_no);
    return {instance.id, false, "limit_exceeded", "the disk is full"};
  }
  if (ended >= instance.placement_no) return {instance.id, false, "stale_placement", "is over"};
  auto& guest = node.guests[instance.id];
  if (guest.placement_no == instance.placement_no) return {instance.id, true, "", ""};
  if (guest.placement_no > instance.placement_no)
    return {instance.id, false, "stale_placement", "a later placement is here"};
  guest = {instance.node, instance.placement_no, GuestState::staging, ""};
  guest.volumes.clear();
  ++starts_[instance.id];
  held_.erase(instance.id);
  if (boots) {
    const auto boot = [this, id = instance.id, name = instance.node, no = instance.placement_no] {
      auto& guests = nodes[name].guests;
      const auto at = guests.find(id);
      if (at == guests.end() || at->second.placement_no != no) return;
      if (at->second.state == GuestState::staging) at->second.state = GuestState::running;
      changed();
    };
    runtime_.call_at(runtime_.steady_now() + boot_time, boot);
  }
  changed();
  return {instance.id, true, "", ""};
}

Task<std::vector<Outcome>> FakeCluster::run_instances(ServiceName,
                                                      std::vector<LaunchOrder> orders) {
  std::function<std::vector<Outcome>()> serve = [this, orders] {
    std::vector<Outcome> outcomes;
    for (const auto& order : orders) outcomes.push_back(run_one(order));
    return outcomes;
  };
  return carry<std::vector<Outcome>>("RunInstances", std::move(serve));
}

Outcome FakeCluster::end_one(const GuestRef& ref) {
  const auto found = nodes.find(ref.node);
  if (found == nodes.end() || !found->second.reachable)
    return {ref.id, false, "unavailable", "the node is silent"};
  auto& node = found->second;
  auto& ended = node.ended[ref.id];
  ended = std::max(ended, ref.placement_no);
  const auto guest = node.guests.find(ref.id);
  if (guest != node.guests.end() && guest->second.placement_no <= ref.placement_no)
    guest->second.state = GuestState::terminated;
  if (guest != node.guests.end()) guest->second.volumes.clear();
  changed();
  return {ref.id, true, "", ""};
}

Task<std::vector<Outcome>> FakeCluster::terminate_instances(ServiceName,
                                                            std::vector<GuestRef> guests) {
  std::function<std::vector<Outcome>()> serve = [this, guests] {
    std::vector<Outcome> outcomes;
    for (const auto& guest : guests) outcomes.push_back(end_one(guest));
    return outcomes;
  };
  return carry<std::vector<Outcome>>("TerminateInstances", std::move(serve));
}

Task<std::vector<Outcome>> FakeCluster::reboot_instances(ServiceName, std::vector<GuestRef> guests,
                                                         std::string) {
  std::function<std::vector<Outcome>()> serve = [guests] {
    std::vector<Outcome> outcomes;
    for (const auto& guest : guests) outcomes.push_back({guest.id, true, "", ""});
    return outcomes;
  };
  return carry<std::vector<Outcome>>("RebootInstances", std::move(serve));
}

Task<Outcome> FakeCluster::attach_volume(ServiceName, VolumeOrder order, std::string device,
                                         StorageAddress) {
  std::function<Outcome()> serve = [this, order, device] { return attach_one(order, device); };
  return carry<Outcome>("AttachVolume", std::move(serve));
}

Task<Outcome> FakeCluster::detach_volume(ServiceName, VolumeOrder order, bool force) {
  std::function<Outcome()> serve = [this, order, force] { return detach_one(order, force); };
  return carry<Outcome>("DetachVolume", std::move(serve));
}

Task<ConsoleOutput> FakeCluster::console_output(ServiceName, GuestRef, std::string) {
  std::function<ConsoleOutput()> serve = [this] { return console; };
  return carry<ConsoleOutput>("GetConsoleOutput", std::move(serve));
}

Task<std::int64_t> FakeCluster::apply_network(ServiceName, NetworkDocument document) {
  std::function<std::int64_t()> serve = [this, document] {
    if (document.version >= network.version) network = document;
    for (auto& [name, node] : nodes)
      if (node.reachable) node.network_version = network.version;
    changed();
    return network.version;
  };
  return carry<std::int64_t>("ApplyNetwork", std::move(serve));
}

ZoneReport FakeCluster::report() const {
  ZoneReport report;
  report.boot_id = boot_id_;
  report.generation = generation_;
  for (const auto& [name, node] : nodes) {
    NodeState state;
    state.name = name;
    state.ready = true;
    state.reachable = node.reachable;
    state.total = node.total;
    state.used = used(node);
    state.guest_vcpus_max = node.total.vcpus;
    state.network_version = node.network_version;
    report.nodes.push_back(state);
    if (!node.reachable) continue;
    for (const auto& [id, guest] : node.guests) {
      report.guests.push_back({id, guest.placement_no, name, guest.state, guest.reason});
      for (const auto& [volume_id, volume] : guest.volumes)
        report.guests.back().volumes.push_back(volume);
    }
  }
  return report;
}

Task<ZoneReport> FakeCluster::describe_zone(ServiceName, std::string known_boot_id,
                                            std::int64_t known_generation, Duration wait) {
  const auto asked_at = runtime_.steady_now();
  if (known_boot_id == boot_id_ && known_generation == generation_ && !is_down)
    co_await news_.wait(runtime_, wait);
  std::function<ZoneReport()> serve = [this] { return report(); };
  CO_TRY(auto answer, co_await carry<ZoneReport>("DescribeZone", std::move(serve)));
  answer.asked_at = asked_at;
  answer.received_at = runtime_.steady_now();
  co_return answer;
}

}  // namespace angophora::clc
