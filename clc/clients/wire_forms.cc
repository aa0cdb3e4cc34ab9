#include "clc/clients/wire_forms.h"

namespace angophora::clc {
namespace {

std::optional<std::string> unless_empty(const std::string& text) {
  return text.empty() ? std::nullopt : std::optional(text);
}

int small(std::int64_t number) { return static_cast<int>(number); }

t__imageRef to_wire(const ImageUse& image) {
  t__imageRef wire;
  wire.imageId = image.id.value;
  wire.kind = std::string(to_string(image.kind));
  wire.sizeBytes = image.bytes;
  wire.wholeDisk = image.whole_disk;
  return wire;
}

t__networkRule to_wire(const NetworkRule& rule) {
  t__networkRule wire;
  wire.protocol = rule.protocol;
  wire.fromPort = small(rule.from_port);
  wire.toPort = small(rule.to_port);
  wire.cidr = unless_empty(rule.cidr);
  wire.sourceGroupId = unless_empty(rule.source_group.value);
  return wire;
}

t__networkInstance to_wire(const NetworkInstance& instance) {
  t__networkInstance wire;
  wire.instanceId = instance.id.value;
  wire.accountId = instance.account.value;
  wire.macAddress = instance.mac;
  wire.privateIp = format_address(instance.private_ip);
  wire.publicIp = unless_empty(public_dns_name(instance.public_ip));
  wire.nodeName = unless_empty(instance.node.value);
  for (const auto& group : instance.groups) wire.groupIds.push_back(group.value);
  return wire;
}

}  // namespace

t__instanceSpec to_wire(const LaunchOrder& order) {
  const auto& i = order.instance;
  t__instanceSpec wire;
  wire.instanceId = i.id.value;
  wire.reservationId = i.reservation.value;
  wire.accountId = i.account.value;
  wire.placementNo = i.placement_no;
  wire.launchIndex = small(i.launch_index);
  wire.launchTimeMs = i.launched_at.time_since_epoch().count();
  wire.zone = i.zone.value;
  wire.instanceType.name = i.type;
  wire.instanceType.vcpus = small(i.resources.vcpus);
  wire.instanceType.memoryMib = small(i.resources.memory_mib);
  wire.instanceType.diskGib = small(i.resources.disk_gib);
  wire.instanceType.ephemeralGib = small(i.ephemeral_gib);
  wire.instanceType.swapMib = small(i.swap_mib);
  wire.machineImage = to_wire(order.machine);
  if (order.kernel) wire.kernelImage = to_wire(*order.kernel);
  if (order.ramdisk) wire.ramdiskImage = to_wire(*order.ramdisk);
  wire.keyName = unless_empty(i.key_name);
  wire.publicKey = unless_empty(i.public_key);
  wire.userData = unless_empty(i.user_data);
  wire.hostname = private_dns_name(i.private_ip);
  wire.net.macAddress = i.mac;
  wire.net.privateIp = format_address(i.private_ip);
  wire.net.publicIp = unless_empty(public_dns_name(i.public_ip));
  wire.net.deviceIndex = 0;
  for (const auto& group : i.groups) wire.groupNames.push_back(group.name);
  wire.metadataTokensRequired = i.metadata_tokens_required;
  return wire;
}

t__instanceRef to_wire(const GuestRef& guest) {
  t__instanceRef wire;
  wire.nodeName = unless_empty(guest.node.value);
  wire.instanceId = guest.id.value;
  wire.placementNo = guest.placement_no;
  return wire;
}

t__networkDocument to_wire(const NetworkDocument& network) {
  t__networkDocument wire;
  wire.version = network.version;
  wire.subnetCidr = network.network.cidr();
  wire.gateway = format_address(network.network.gateway());
  wire.dnsServers = network.dns_servers;
  wire.dnsDomain = network.dns_domain;
  wire.region = unless_empty(network.region);
  for (const auto& instance : network.instances) wire.instances.push_back(to_wire(instance));
  for (const auto& group : network.groups) {
    t__networkGroup g;
    g.groupId = group.id.value;
    g.name = unless_empty(group.name);
    for (const auto& rule : group.ingress) g.ingress.push_back(to_wire(rule));
    for (const auto& rule : group.egress) g.egress.push_back(to_wire(rule));
    wire.groups.push_back(std::move(g));
  }
  for (const auto& node : network.nodes) {
    t__networkNode n;
    n.name = node.name.value;
    n.address = format_address(node.address);
    wire.nodes.push_back(std::move(n));
  }
  return wire;
}

Outcome from_wire(const t__outcome& wire) {
  Outcome outcome;
  outcome.id = InstanceId(wire.instanceId);
  outcome.accepted = wire.accepted;
  outcome.code = wire.code.value_or("");
  outcome.reason = wire.reason.value_or("");
  return outcome;
}

GuestReport from_wire(const t__instanceReport& wire) {
  GuestReport report;
  report.id = InstanceId(wire.instanceId);
  report.placement_no = wire.placementNo;
  report.node = NodeName(wire.nodeName);
  report.state = parse_guest_state(wire.state).value_or(GuestState::staging);
  report.reason = wire.reason.value_or("");
  for (const auto& volume : wire.volumes)
    if (const auto state = parse_node_volume_state(volume.state))
      report.volumes.push_back({VolumeId(volume.volumeId), volume.attachmentEpoch, volume.device,
                                *state, volume.reason.value_or("")});
  return report;
}

NodeState from_wire(const t__nodeReport& wire, bool reachable) {
  NodeState node;
  node.name = NodeName(wire.nodeName);
  node.boot_id = wire.bootId;
  node.ready = wire.state == "ready";
  node.reachable = reachable;
  node.reason = wire.reason.value_or("");
  node.hypervisor = wire.hypervisor;
  node.virtualization = wire.virtualization;
  node.total = {wire.vcpusTotal, wire.memoryMibTotal, wire.diskGibTotal};
  node.used = {wire.vcpusUsed, wire.memoryMibUsed, wire.diskGibUsed};
  node.network_version = wire.networkVersion;
  return node;
}

}  // namespace angophora::clc
