#include "cc/testing/fake_node.h"

namespace angophora::cc {

using common::Errc;
using common::Error;
using common::Task;
using soap::Caller;

FakeNode::FakeNode(common::Runtime& runtime, soap::LocalNetwork& network, std::string node_name)
    : name(std::move(node_name)), runtime_(runtime) {
  const auto cluster = {soap::Role::cluster};
  using namespace soap::node;
  dispatcher_.serve<DescribeNode>(cluster, [this](Caller, auto r) { return describe(r); });
  dispatcher_.serve<RunInstances>(cluster, [this](Caller, auto r) { return run(r); });
  dispatcher_.serve<TerminateInstances>(cluster, [this](Caller, auto r) { return terminate(r); });
  dispatcher_.serve<RebootInstances>(cluster, [this](Caller, auto r) { return reboot(r); });
  dispatcher_.serve<GetConsoleOutput>(cluster, [this](Caller, auto r) { return console(r); });
  dispatcher_.serve<AttachVolume>(cluster, [this](Caller, auto r) { return attach(r); });
  dispatcher_.serve<DetachVolume>(cluster, [this](Caller, auto r) { return detach(r); });
  dispatcher_.serve<ApplyNetwork>(cluster, [this](Caller, auto r) { return apply(r); });
  network.attach(common::ServiceName(name), dispatcher_);
}

void FakeNode::news() {
  ++generation;
  changed_.notify();
}

void FakeNode::restart() {
  boot_id += "+";
  generation = 1;
  network_version_ = 0;
  changed_.notify();
}

void FakeNode::set_ready(bool ready, std::string reason) {
  ready_ = ready;
  reason_ = std::move(reason);
  news();
}

void FakeNode::forget_guest(const std::string& instance_id) {
  std::erase_if(guests, [&](const auto& guest) { return guest.instanceId == instance_id; });
  news();
}

common::awaitable<void> FakeNode::answer_or_hang() {
  while (!answers && !runtime_.stopping()) co_await runtime_.sleep_for(std::chrono::hours(1));
}

t__nodeReport FakeNode::report() const {
  t__nodeReport r;
  r.nodeName = name;
  r.bootId = boot_id;
  r.generation = generation;
  r.state = ready_ ? "ready" : "notready";
  if (!reason_.empty()) r.reason = reason_;
  r.hypervisor = "fake";
  r.virtualization = "qemu";
  r.vcpusTotal = 4;
  r.memoryMibTotal = 4096;
  r.diskGibTotal = 100;
  r.vcpusUsed = static_cast<int>(guests.size());
  r.memoryMibUsed = static_cast<int>(guests.size()) * 1024;
  r.networkVersion = network_version_;
  r.clockMs = runtime_.now().time_since_epoch().count();
  return r;
}

Task<node__DescribeNodeResponseType> FakeNode::describe(node__DescribeNodeType request) {
  ++polls;
  while (!describes) co_await runtime_.sleep_for(std::chrono::hours(1));
  co_await answer_or_hang();
  if (request.knownBootId == boot_id && request.knownGeneration == generation) {
    const std::chrono::milliseconds wait(request.waitMs);
    co_await changed_.wait(runtime_, wait);
  }
  co_await answer_or_hang();
  node__DescribeNodeResponseType answer;
  answer.node = report();
  answer.instances = guests;
  co_return answer;
}

Task<node__RunInstancesResponseType> FakeNode::run(node__RunInstancesType request) {
  co_await answer_or_hang();
  node__RunInstancesResponseType answer;
  for (const auto& instance : request.instances) {
    orders.push_back("run " + instance.instanceId + " " + std::to_string(instance.placementNo));
    auto& outcome = answer.outcomes.emplace_back();
    outcome.instanceId = instance.instanceId;
    outcome.accepted = !refuses.contains(instance.instanceId);
    if (!outcome.accepted) {
      outcome.code = std::string(to_string(Errc::limit_exceeded));
      outcome.reason = instance.instanceId + " does not fit";
      continue;
    }
    auto& guest = guests.emplace_back();
    guest.instanceId = instance.instanceId;
    guest.placementNo = instance.placementNo;
    guest.nodeName = name;
    guest.state = "running";
  }
  news();
  co_return answer;
}

Task<node__TerminateInstancesResponseType> FakeNode::terminate(
    node__TerminateInstancesType request) {
  co_await answer_or_hang();
  node__TerminateInstancesResponseType answer;
  for (const auto& ref : request.instances) {
    orders.push_back("terminate " + ref.instanceId + " " + std::to_string(ref.placementNo));
    auto& outcome = answer.outcomes.emplace_back();
    outcome.instanceId = ref.instanceId;
    outcome.accepted = true;
    forget_guest(ref.instanceId);
  }
  co_return answer;
}

Task<node__RebootInstancesResponseType> FakeNode::reboot(node__RebootInstancesType request) {
  co_await answer_or_hang();
  node__RebootInstancesResponseType answer;
  for (const auto& ref : request.instances) {
    orders.push_back("reboot " + ref.instanceId + " " + std::to_string(ref.placementNo));
    auto& outcome = answer.outcomes.emplace_back();
    outcome.instanceId = ref.instanceId;
    outcome.accepted = true;
  }
  co_return answer;
}

Task<node__GetConsoleOutputResponseType> FakeNode::console(node__GetConsoleOutputType request) {
  co_await answer_or_hang();
  for (const auto& guest : guests) {
    if (guest.instanceId != request.instanceId) continue;
    node__GetConsoleOutputResponseType answer;
    answer.output = "login: ";
    answer.timestampMs = 7;
    co_return answer;
  }
  co_return Error(Errc::not_found, request.instanceId + " is not on " + name);
}

t__instanceReport* FakeNode::guest(const std::string& instance_id) {
  for (auto& guest : guests)
    if (guest.instanceId == instance_id) return &guest;
  return nullptr;
}

// What the node answers to an order for a volume, and the guest when it takes it.
t__outcome FakeNode::judge_volume_order(const std::string& instance_id,
                                        const std::string& volume_id) {
  t__outcome outcome;
  outcome.instanceId = instance_id;
  const bool refused = refuses.contains(volume_id);
  outcome.accepted = guest(instance_id) && !refused;
  if (refused) outcome.code = "stale_epoch";
  if (!refused && !outcome.accepted) outcome.code = std::string(to_string(Errc::not_found));
  if (!outcome.accepted) outcome.reason = name + " does not take " + volume_id;
  return outcome;
}

Task<node__AttachVolumeResponseType> FakeNode::attach(node__AttachVolumeType request) {
  co_await answer_or_hang();
  orders.push_back("attach " + request.volumeId + " " + std::to_string(request.attachmentEpoch) +
                   " " + request.instanceId + " " + request.device);
  node__AttachVolumeResponseType answer;
  answer.outcome = judge_volume_order(request.instanceId, request.volumeId);
  if (answer.outcome.accepted) {
    auto& volumes = guest(request.instanceId)->volumes;
    std::erase_if(volumes, [&](const auto& v) { return v.volumeId == request.volumeId; });
    auto& volume = volumes.emplace_back();
    volume.volumeId = request.volumeId;
    volume.attachmentEpoch = request.attachmentEpoch;
    volume.device = request.device;
    volume.state = "attached";
  }
  news();
  co_return answer;
}

Task<node__DetachVolumeResponseType> FakeNode::detach(node__DetachVolumeType request) {
  co_await answer_or_hang();
  orders.push_back("detach " + request.volumeId + " " + std::to_string(request.attachmentEpoch) +
                   " " + request.instanceId + (request.force ? " forced" : ""));
  node__DetachVolumeResponseType answer;
  answer.outcome = judge_volume_order(request.instanceId, request.volumeId);
  if (answer.outcome.accepted)
    for (auto& volume : guest(request.instanceId)->volumes)
      if (volume.volumeId == request.volumeId) volume.state = "detached";
  news();
  co_return answer;
}

Task<node__ApplyNetworkResponseType> FakeNode::apply(node__ApplyNetworkType request) {
  co_await answer_or_hang();
  networks.push_back(request.network.version);
  if (!applies) co_return Error(Errc::io, "nft failed");
  network_version_ = request.network.version;
  news();
  node__ApplyNetworkResponseType answer;
  answer.appliedVersion = network_version_;
  co_return answer;
}

}  // namespace angophora::cc
