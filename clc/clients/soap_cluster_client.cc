#include "clc/clients/soap_cluster_client.h"

#include "clc/clients/wire_forms.h"

namespace angophora::clc {
namespace {

using namespace std::chrono_literals;
constexpr auto kOrderTimeout = 10s;
constexpr auto kConsoleTimeout = 15s;
// What a long poll may take beyond the wait that was asked for.
constexpr auto kPollMargin = 3s;

template <class Reply>
std::vector<Outcome> outcomes_of(const Reply& reply) {
  std::vector<Outcome> outcomes;
  for (const auto& outcome : reply.outcomes) outcomes.push_back(from_wire(outcome));
  return outcomes;
}

template <class Request>
Request about_guests(const std::vector<GuestRef>& guests) {
  Request request;
  for (const auto& guest : guests) request.instances.push_back(to_wire(guest));
  return request;
}

template <class Request>
Request about_volume(const VolumeOrder& order) {
  Request request;
  request.nodeName = order.guest.node.value;
  request.instanceId = order.guest.id.value;
  request.placementNo = order.guest.placement_no;
  request.volumeId = order.volume.value;
  request.attachmentEpoch = order.epoch;
  return request;
}

}  // namespace

Task<std::vector<NodeReservation>> SoapClusterClient::reserve_nodes(
    ServiceName cluster, std::vector<NodeRequest> requests, NodeBooks books) {
  using Op = soap::cluster::ReserveNodes;
  Op::Request request;
  for (const auto& wanted : requests) {
    cluster__nodeRequest wire;
    wire.instanceId = wanted.id.value;
    wire.placementNo = wanted.placement_no;
    wire.vcpus = static_cast<int>(wanted.resources.vcpus);
    wire.memoryMib = static_cast<int>(wanted.resources.memory_mib);
    wire.diskGib = static_cast<int>(wanted.resources.disk_gib);
    if (!wanted.promised.empty()) wire.promisedNode = wanted.promised.value;
    request.requests.push_back(std::move(wire));
  }
  for (const auto& [node, given] : books) {
    cluster__nodeGiven wire;
    wire.nodeName = node.value;
    wire.vcpus = given.vcpus;
    wire.memoryMib = given.memory_mib;
    wire.diskGib = given.disk_gib;
    request.given.push_back(std::move(wire));
  }
  soap::CallOptions options(kOrderTimeout);
  CO_TRY(const auto reply, co_await soap::call<Op>(channel_, std::move(cluster), std::move(request),
                                                   std::move(options)));
  std::vector<NodeReservation> reservations;
  for (const auto& wire : reply.reservations) {
    NodeReservation reservation;
    reservation.id = InstanceId(wire.instanceId);
    reservation.placement_no = wire.placementNo;
    reservation.node = NodeName(wire.nodeName.value_or(""));
    reservation.reason = wire.reason.value_or("");
    reservations.push_back(std::move(reservation));
  }
  co_return reservations;
}

Task<std::vector<Outcome>> SoapClusterClient::run_instances(ServiceName cluster,
                                                            std::vector<LaunchOrder> orders) {
  using Op = soap::cluster::RunInstances;
  Op::Request request;
  for (const auto& order : orders) {
    cluster__launchOrder wire;
    wire.nodeName = order.instance.node.value;
    wire.instance = to_wire(order);
    request.orders.push_back(std::move(wire));
  }
  soap::CallOptions options(kOrderTimeout);
  CO_TRY(const auto reply, co_await soap::call<Op>(channel_, std::move(cluster), std::move(request),
                                                   std::move(options)));
  co_return outcomes_of(reply);
}

Task<std::vector<Outcome>> SoapClusterClient::terminate_instances(ServiceName cluster,
                                                                  std::vector<GuestRef> guests) {
  using Op = soap::cluster::TerminateInstances;
  auto request = about_guests<Op::Request>(guests);
  soap::CallOptions options(kOrderTimeout);
  CO_TRY(const auto reply, co_await soap::call<Op>(channel_, std::move(cluster), std::move(request),
                                                   std::move(options)));
  co_return outcomes_of(reply);
}

Task<std::vector<Outcome>> SoapClusterClient::reboot_instances(ServiceName cluster,
                                                               std::vector<GuestRef> guests,
                                                               std::string request_id) {
  using Op = soap::cluster::RebootInstances;
  auto request = about_guests<Op::Request>(guests);
  soap::CallOptions options(kOrderTimeout, std::move(request_id));
  CO_TRY(const auto reply, co_await soap::call<Op>(channel_, std::move(cluster), std::move(request),
                                                   std::move(options)));
  co_return outcomes_of(reply);
}

Task<Outcome> SoapClusterClient::attach_volume(ServiceName cluster, VolumeOrder order,
                                               std::string device, StorageAddress storage) {
  using Op = soap::cluster::AttachVolume;
  auto request = about_volume<Op::Request>(order);
  request.device = std::move(device);
  request.storageHost = std::move(storage.host);
  request.storagePort = storage.port;
  request.storageName = storage.name.value;
  soap::CallOptions options(kOrderTimeout);
  CO_TRY(const auto reply, co_await soap::call<Op>(channel_, std::move(cluster), std::move(request),
                                                   std::move(options)));
  co_return from_wire(reply.outcome);
}

Task<Outcome> SoapClusterClient::detach_volume(ServiceName cluster, VolumeOrder order, bool force) {
  using Op = soap::cluster::DetachVolume;
  auto request = about_volume<Op::Request>(order);
  request.force = force;
  soap::CallOptions options(kOrderTimeout);
  CO_TRY(const auto reply, co_await soap::call<Op>(channel_, std::move(cluster), std::move(request),
                                                   std::move(options)));
  co_return from_wire(reply.outcome);
}

Task<ConsoleOutput> SoapClusterClient::console_output(ServiceName cluster, GuestRef guest,
                                                      std::string request_id) {
  using Op = soap::cluster::GetConsoleOutput;
  Op::Request request;
  request.nodeName = guest.node.value;
  request.instanceId = guest.id.value;
  request.placementNo = guest.placement_no;
  soap::CallOptions options(kConsoleTimeout, std::move(request_id));
  CO_TRY(auto reply, co_await soap::call<Op>(channel_, std::move(cluster), std::move(request),
                                             std::move(options)));
  ConsoleOutput output;
  output.bytes = std::move(reply.output);
  output.at = common::SysTime(std::chrono::milliseconds(reply.timestampMs));
  co_return output;
}

Task<std::int64_t> SoapClusterClient::apply_network(ServiceName cluster, NetworkDocument network) {
  using Op = soap::cluster::ApplyNetwork;
  Op::Request request;
  request.network = to_wire(network);
  soap::CallOptions options(kOrderTimeout);
  CO_TRY(const auto reply, co_await soap::call<Op>(channel_, std::move(cluster), std::move(request),
                                                   std::move(options)));
  co_return reply.appliedVersion;
}

Task<ZoneReport> SoapClusterClient::describe_zone(ServiceName cluster, std::string known_boot_id,
                                                  std::int64_t known_generation, Duration wait) {
  using Op = soap::cluster::DescribeZone;
  Op::Request request;
  if (!known_boot_id.empty()) request.knownBootId = std::move(known_boot_id);
  request.knownGeneration = known_generation;
  request.waitMs =
      static_cast<int>(std::chrono::duration_cast<std::chrono::milliseconds>(wait).count());
  soap::CallOptions options(wait + kPollMargin);
  ZoneReport report;
  report.asked_at = runtime_.steady_now();
  CO_TRY(const auto reply, co_await soap::call<Op>(channel_, std::move(cluster), std::move(request),
                                                   std::move(options)));
  report.received_at = runtime_.steady_now();
  report.boot_id = reply.bootId;
  report.generation = reply.generation;
  for (const auto& node : reply.nodes) {
    auto& state = report.nodes.emplace_back(from_wire(node.node, node.reachable));
    state.guest_vcpus_max = node.guestVcpusMax.value_or(node.node.vcpusTotal);
    // The node's clock was read when it answered, so long before the cluster controller did.
    const std::chrono::milliseconds its_clock(node.node.clockMs + node.silentMs);
    if (node.node.clockMs > 0) state.clock_ahead = its_clock - runtime_.now().time_since_epoch();
  }
  for (const auto& guest : reply.instances) report.guests.push_back(from_wire(guest));
  co_return report;
}

}  // namespace angophora::clc
