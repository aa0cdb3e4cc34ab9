// DescribeZone: all nodes and guests of the zone, from memory; waits until there is something that
// the caller does not know yet.
#include <algorithm>

#include "cc/operations/operations.h"

namespace angophora::cc {
namespace {

constexpr std::chrono::seconds kWaitMax{30};

int to_int(std::int64_t value) {
  return static_cast<int>(std::clamp<std::int64_t>(value, 0, INT32_MAX));
}

cluster__zoneNode to_contract(const NodeView& view) {
  const NodeReport& report = *view.report;
  cluster__zoneNode to;
  to.reachable = view.reachable;
  to.silentMs = view.silent.count();
  to.guestVcpusMax = to_int(view.guest_vcpus_max);
  auto& node = to.node;
  node.nodeName = view.name.value;
  node.bootId = report.boot_id;
  node.generation = report.generation;
  node.state = view.takes_guests ? "ready" : "notready";
  if (!view.reason.empty()) node.reason = view.reason;
  node.hypervisor = report.hypervisor;
  node.virtualization = report.virtualization;
  node.vcpusTotal = to_int(view.total.vcpus);
  node.memoryMibTotal = to_int(view.total.memory_mib);
  node.diskGibTotal = to_int(view.total.disk_gib);
  node.vcpusUsed = to_int(report.used.vcpus);
  node.memoryMibUsed = to_int(report.used.memory_mib);
  node.diskGibUsed = to_int(report.used.disk_gib);
  node.networkVersion = report.network_version;
  node.clockMs = report.clock_ms;
  return to;
}

t__volumeReport to_contract(const VolumeReport& volume) {
  t__volumeReport to;
  to.volumeId = volume.id;
  to.attachmentEpoch = volume.attachment_epoch;
  to.device = volume.device;
  to.state = volume.state;
  if (!volume.reason.empty()) to.reason = volume.reason;
  return to;
}

cluster__DescribeZoneResponseType describe(const Services& s) {
  cluster__DescribeZoneResponseType answer;
  answer.bootId = s.boot_id;
  answer.generation = s.generation;
  for (const auto& view : s.zone.nodes(s.runtime.steady_now()))
    answer.nodes.push_back(to_contract(view));
  s.zone.for_each_guest([&answer](const NodeName& node, const GuestReport& guest) {
    auto& to = answer.instances.emplace_back();
    to.instanceId = guest.id.value;
    to.placementNo = guest.placement_no;
    to.nodeName = node.value;
    to.state = guest.state;
    if (!guest.reason.empty()) to.reason = guest.reason;
    to.generation = guest.generation;
    for (const auto& volume : guest.volumes) to.volumes.push_back(to_contract(volume));
  });
  return answer;
}

}  // namespace

Task<soap::cluster::DescribeZone::Reply> describe_zone(Services& s, Caller,
                                                       cluster__DescribeZoneType request) {
  const common::Duration wait =
      std::clamp<common::Duration>(std::chrono::milliseconds(request.waitMs), {}, kWaitMax);
  const auto until = s.runtime.steady_now() + wait;
  while (request.knownBootId == s.boot_id && request.knownGeneration == s.generation) {
    const auto left = until - s.runtime.steady_now();
    if (left <= common::Duration::zero() || s.runtime.stopping()) break;
    co_await s.changed.wait(s.runtime, left);
  }
  co_return describe(s);
}

}  // namespace angophora::cc
