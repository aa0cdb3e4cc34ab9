#include "cc/clients/node_report.h"

namespace angophora::cc {
namespace {

GuestReport to_domain(const t__instanceReport& from) {
  GuestReport guest;
  guest.id = InstanceId(from.instanceId);
  guest.placement_no = from.placementNo;
  guest.state = from.state;
  guest.reason = from.reason.value_or("");
  guest.generation = from.generation;
  for (const auto& volume : from.volumes)
    guest.volumes.push_back({volume.volumeId, volume.attachmentEpoch, volume.device, volume.state,
                             volume.reason.value_or("")});
  return guest;
}

}  // namespace

NodeReport to_domain(const node__DescribeNodeResponseType& answer) {
  const t__nodeReport& from = answer.node;
  NodeReport report;
  report.boot_id = from.bootId;
  report.generation = from.generation;
  report.ready = from.state == "ready";
  report.reason = from.reason.value_or("");
  report.hypervisor = from.hypervisor;
  report.virtualization = from.virtualization;
  report.total = {from.vcpusTotal, from.memoryMibTotal, from.diskGibTotal};
  report.used = {from.vcpusUsed, from.memoryMibUsed, from.diskGibUsed};
  report.network_version = from.networkVersion;
  report.clock_ms = from.clockMs;
  for (const auto& guest : answer.instances) report.guests.push_back(to_domain(guest));
  return report;
}

}  // namespace angophora::cc
