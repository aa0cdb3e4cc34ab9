#include "tests/bench/simulated_cluster.h"

namespace angophora::bench {

using soap::Caller;
using soap::Role;

SimulatedCluster::SimulatedCluster(common::Runtime& runtime, int nodes)
    : runtime_(runtime), nodes_(nodes) {
  dispatcher_.serve<Zone>({Role::cloud}, [this](Caller, Zone::Request request) {
    return describe_zone(std::move(request));
  });
  dispatcher_.serve<Reserve>({Role::cloud}, [this](Caller, Reserve::Request request) {
    return reserve(std::move(request));
  });
  dispatcher_.serve<Run>({Role::cloud},
                         [this](Caller, Run::Request request) { return run(std::move(request)); });
  dispatcher_.serve<Apply>(
      {Role::cloud}, [this](Caller, Apply::Request request) { return apply(std::move(request)); });
  dispatcher_.serve<Describe>({Role::cloud},
                              [this](Caller, Describe::Request) { return describe(); });
}

Task<SimulatedCluster::Zone::Reply> SimulatedCluster::describe_zone(Zone::Request request) {
  if (request.knownBootId == "boot" && request.knownGeneration == generation_)
    co_await changed_.wait(runtime_, std::chrono::milliseconds(request.waitMs));
  // As a real one, whose nodes report some ten times a second at most.
  co_await runtime_.sleep_for(std::chrono::milliseconds(100));
  Zone::Reply reply;
  reply.bootId = "boot";
  reply.generation = generation_;
  for (int i = 0; i < nodes_; ++i) {
    auto& node = reply.nodes.emplace_back();
    node.reachable = true;
    node.node.nodeName = node_name(i);
    node.node.state = "ready";
    node.node.vcpusTotal = node.node.memoryMibTotal = node.node.diskGibTotal = 100'000'000;
    node.node.networkVersion = network_version_;
  }
  for (const auto& [id, guest] : guests_) reply.instances.push_back(guest);
  co_return reply;
}

Task<SimulatedCluster::Reserve::Reply> SimulatedCluster::reserve(Reserve::Request request) {
  Reserve::Reply reply;
  for (const auto& wanted : request.requests) {
    auto& reservation = reply.reservations.emplace_back();
    reservation.instanceId = wanted.instanceId;
    reservation.placementNo = wanted.placementNo;
    reservation.nodeName = node_name(next_node_++ % nodes_);
  }
  co_return reply;
}

Task<SimulatedCluster::Run::Reply> SimulatedCluster::run(Run::Request request) {
  Run::Reply reply;
  for (const auto& order : request.orders) {
    auto& guest = guests_[order.instance.instanceId];
    guest.instanceId = order.instance.instanceId;
    guest.placementNo = order.instance.placementNo;
    guest.nodeName = order.nodeName;
    guest.state = "running";
    auto& outcome = reply.outcomes.emplace_back();
    outcome.instanceId = guest.instanceId;
    outcome.accepted = true;
  }
  ++generation_;
  changed_.notify();
  co_return reply;
}

Task<SimulatedCluster::Apply::Reply> SimulatedCluster::apply(Apply::Request request) {
  network_version_ = request.network.version;
  Apply::Reply reply;
  reply.appliedVersion = network_version_;
  co_return reply;
}

Task<SimulatedCluster::Describe::Reply> SimulatedCluster::describe() {
  Describe::Reply reply;
  auto& status = reply.services.emplace_back();
  status.name = "cc";
  status.type = "cluster";
  status.state = "ENABLED";
  status.clockMs = runtime_.now().time_since_epoch().count();
  co_return reply;
}

}  // namespace angophora::bench
