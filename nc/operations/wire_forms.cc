#include "nc/operations/wire_forms.h"

#include "common/base/text.h"

namespace angophora::nc {

using common::Errc;
using common::Error;
using common::Result;

namespace {

Result<std::uint32_t> count_from(int value, const std::string& what) {
  if (value < 0) return Error(Errc::invalid_argument, what + " is negative");
  return static_cast<std::uint32_t>(value);
}

Result<InstanceType> type_from(const t__instanceType& wire) {
  InstanceType type;
  type.name = wire.name;
  TRY(type.vcpus, count_from(wire.vcpus, "the number of processors"));
  TRY(type.memory_mib, count_from(wire.memoryMib, "the memory"));
  TRY(type.disk_gib, count_from(wire.diskGib, "the disk"));
  TRY(type.ephemeral_gib, count_from(wire.ephemeralGib, "the ephemeral disk"));
  TRY(type.swap_mib, count_from(wire.swapMib, "the swap disk"));
  return type;
}

Result<ImageRef> image_from(const t__imageRef& wire) {
  ImageRef image;
  image.id = ImageId(wire.imageId);
  if (wire.sizeBytes < 0)
    return Error(Errc::invalid_argument, "the size of image " + wire.imageId + " is negative");
  image.size_bytes = static_cast<std::uint64_t>(wire.sizeBytes);
  image.whole_disk = wire.wholeDisk;
  if (wire.kind == "machine")
    image.kind = ImageKind::machine;
  else if (wire.kind == "kernel")
    image.kind = ImageKind::kernel;
  else if (wire.kind == "ramdisk")
    image.kind = ImageKind::ramdisk;
  else
    return Error(Errc::invalid_argument, "there is no kind of image \"" + wire.kind + "\"");
  return image;
}

Result<std::optional<ImageRef>> optional_image_from(const std::optional<t__imageRef>& wire) {
  if (!wire) return std::optional<ImageRef>();
  TRY(auto image, image_from(*wire));
  return std::optional<ImageRef>(std::move(image));
}

NetworkRule rule_from(const t__networkRule& wire) {
  return {wire.protocol, wire.fromPort, wire.toPort, wire.cidr.value_or(""),
          common::GroupId(wire.sourceGroupId.value_or(""))};
}

NetworkInstance network_instance_from(const t__networkInstance& wire) {
  NetworkInstance instance;
  instance.id = InstanceId(wire.instanceId);
  instance.account_id = AccountId(wire.accountId);
  instance.mac_address = wire.macAddress;
  instance.private_ip = wire.privateIp;
  instance.public_ip = wire.publicIp.value_or("");
  instance.node_name = common::NodeName(wire.nodeName.value_or(""));
  for (const auto& id : wire.groupIds) instance.groups.emplace_back(id);
  return instance;
}

std::optional<std::string> unless_empty(std::string text) {
  if (text.empty()) return std::nullopt;
  return text;
}

}  // namespace

Result<InstanceSpec> spec_from_wire(const t__instanceSpec& wire) {
  InstanceSpec spec;
  spec.id = InstanceId(wire.instanceId);
  spec.reservation_id = ReservationId(wire.reservationId);
  spec.account_id = AccountId(wire.accountId);
  spec.placement_no = wire.placementNo;
  TRY(spec.launch_index, count_from(wire.launchIndex, "the launch index"));
  spec.launch_time = common::SysTime(std::chrono::milliseconds(wire.launchTimeMs));
  spec.zone = wire.zone;
  TRY(spec.type, type_from(wire.instanceType));
  TRY(spec.machine_image, image_from(wire.machineImage));
  TRY(spec.kernel_image, optional_image_from(wire.kernelImage));
  TRY(spec.ramdisk_image, optional_image_from(wire.ramdiskImage));
  spec.kernel_arguments = wire.kernelArguments.value_or("");
  spec.key_name = wire.keyName.value_or("");
  spec.public_key = wire.publicKey.value_or("");
  spec.user_data = wire.userData.value_or("");
  spec.hostname = wire.hostname;
  spec.net = {wire.net.macAddress, wire.net.privateIp, wire.net.publicIp.value_or(""), 0};
  TRY(spec.net.device_index, count_from(wire.net.deviceIndex, "the device index"));
  spec.group_names = wire.groupNames;
  spec.metadata_tokens_required = wire.metadataTokensRequired;
  return spec;
}

Result<AttachOrder> attach_from_wire(const node__AttachVolumeType& wire) {
  if (wire.storagePort < 1 || wire.storagePort > 65535)
    return Error(Errc::invalid_argument, "there is no port " + std::to_string(wire.storagePort) +
                                             " at " + wire.storageName);
  AttachOrder order;
  order.instance = InstanceId(wire.instanceId);
  order.placement_no = wire.placementNo;
  order.volume = VolumeId(wire.volumeId);
  order.epoch = wire.attachmentEpoch;
  order.device = wire.device;
  order.storage = {wire.storageName, wire.storageHost,
                   static_cast<std::uint16_t>(wire.storagePort)};
  return order;
}

DetachOrder detach_from_wire(const node__DetachVolumeType& wire) {
  DetachOrder order;
  order.instance = InstanceId(wire.instanceId);
  order.placement_no = wire.placementNo;
  order.volume = VolumeId(wire.volumeId);
  order.epoch = wire.attachmentEpoch;
  order.force = wire.force;
  return order;
}

Result<NetworkDocument> network_from_wire(const t__networkDocument& wire) {
  NetworkDocument document;
  document.version = wire.version;
  document.subnet_cidr = wire.subnetCidr;
  document.gateway = wire.gateway;
  document.dns_servers = wire.dnsServers;
  document.dns_domain = wire.dnsDomain;
  if (wire.region) document.region = *wire.region;
  for (const auto& instance : wire.instances)
    document.instances.push_back(network_instance_from(instance));
  for (const auto& group : wire.groups) {
    NetworkGroup own{common::GroupId(group.groupId), {}, {}, group.name.value_or("")};
    for (const auto& rule : group.ingress) own.ingress.push_back(rule_from(rule));
    for (const auto& rule : group.egress) own.egress.push_back(rule_from(rule));
    document.groups.push_back(std::move(own));
  }
  for (const auto& node : wire.nodes)
    document.nodes.push_back({common::NodeName(node.name), node.address});
  return document;
}

t__outcome to_wire(const Outcome& outcome) {
  t__outcome wire;
  wire.instanceId = outcome.id.value;
  wire.accepted = outcome.accepted;
  wire.code = unless_empty(outcome.code);
  wire.reason = unless_empty(clean_text(outcome.reason));
  return wire;
}

t__volumeReport to_wire(const VolumeReport& report) {
  t__volumeReport wire;
  wire.volumeId = report.id.value;
  wire.attachmentEpoch = report.epoch;
  wire.device = report.device;
  wire.state = std::string(to_string(report.state));
  wire.reason = unless_empty(clean_text(report.reason));
  return wire;
}

t__instanceReport to_wire(const InstanceReport& report, const common::NodeName& node) {
  t__instanceReport wire;
  wire.instanceId = report.id.value;
  wire.placementNo = report.placement_no;
  wire.nodeName = node.value;
  wire.state = std::string(to_string(report.state));
  wire.reason = unless_empty(clean_text(report.reason));
  wire.generation = report.generation;
  for (const auto& volume : report.volumes) wire.volumes.push_back(to_wire(volume));
  return wire;
}

t__nodeReport to_wire(const NodeReport& report, const common::NodeName& node, common::SysTime now) {
  t__nodeReport wire;
  wire.nodeName = node.value;
  wire.bootId = report.boot_id;
  wire.generation = report.generation;
  wire.state = report.ready ? "ready" : "notready";
  wire.reason = unless_empty(clean_text(report.reason));
  wire.hypervisor = report.hypervisor;
  wire.virtualization = report.virtualization;
  wire.vcpusTotal = static_cast<int>(report.total.vcpus);
  wire.memoryMibTotal = static_cast<int>(report.total.memory_mib);
  wire.diskGibTotal = static_cast<int>(report.total.disk_gib);
  wire.vcpusUsed = static_cast<int>(report.used.vcpus);
  wire.memoryMibUsed = static_cast<int>(report.used.memory_mib);
  wire.diskGibUsed = static_cast<int>(report.used.disk_gib);
  wire.networkVersion = report.network_version;
  wire.clockMs = now.time_since_epoch().count();
  return wire;
}

std::string clean_text(std::string_view text) {
  const bool valid = common::is_valid_utf8(text);
  std::string out;
  for (const unsigned char c : text)
    out += c < 0x20 || c == 0x7f ? ' ' : (c >= 0x80 && !valid) ? '?' : static_cast<char>(c);
  return out;
}

}  // namespace angophora::nc
