#include "clc/actions/instance_xml.h"

#include "clc/actions/tag_parameters.h"
#include "clc/actions/volume_xml.h"
#include "clc/domain/addresses.h"

namespace angophora::clc {
namespace {

void add_groups(Element& parent, const std::vector<GroupName>& groups) {
  parent.list("groupSet", groups, [](const GroupName& group, Element& item) {
    item.add("groupId", group.id).add("groupName", group.name);
  });
}

void add_private_address(Element& item, const Instance& instance) {
  item.add("privateIpAddress", format_address(instance.private_ip));
  item.add("privateDnsName", private_dns_name(instance.private_ip));
}

// Of the interface and of its one address.
void add_association(Element& item, const Instance& instance) {
  if (instance.public_ip == 0) return;
  auto& association = item.child("association");
  association.add("publicIp", format_address(instance.public_ip));
  association.add("publicDnsName", public_dns_name(instance.public_ip));
  association.add("ipOwnerId",
                  instance.public_allocation.empty() ? "amazon" : instance.account.value);
}

void add_interface(Element& item, const Instance& instance) {
  item.add("networkInterfaceId", interface_id(instance.id));
  item.add("subnetId", instance.subnet).add("vpcId", instance.vpc).add("description", "");
  item.add("ownerId", instance.account).add("status", "in-use").add("macAddress", instance.mac);
  add_private_address(item, instance);
  item.add("sourceDestCheck", true).add("interfaceType", "interface");
  add_groups(item, instance.groups);
  auto& attachment = item.child("attachment");
  attachment.add("attachmentId", attachment_id(instance.id)).add("deviceIndex", 0);
  attachment.add("status", "attached").add("attachTime", instance.launched_at);
  attachment.add("deleteOnTermination", true);
  add_association(item, instance);
  auto& address = item.child("privateIpAddressesSet").child("item");
  add_private_address(address, instance);
  address.add("primary", true);
  add_association(address, instance);
}

std::string hypervisor_of(const Instance& instance, const Zones* zones) {
  const auto* zone = zones ? zones->find(instance.zone) : nullptr;
  const auto* node = zone ? zone->find_node(instance.node) : nullptr;
  return node && node->virtualization == "xen" ? "xen" : "kvm";
}

void add_network(Element& item, const Instance& instance) {
  const bool has_address = instance.private_ip != 0;
  item.add("privateDnsName", has_address ? private_dns_name(instance.private_ip) : "");
  item.add("dnsName", public_dns_name(instance.public_ip));
  if (instance.public_ip != 0) item.add("ipAddress", format_address(instance.public_ip));
  if (has_address) {
    item.add("subnetId", instance.subnet).add("vpcId", instance.vpc);
    item.add("privateIpAddress", format_address(instance.private_ip));
    item.add("sourceDestCheck", true);
  }
  add_groups(item, has_address ? instance.groups : std::vector<GroupName>());
  auto& interfaces = item.child("networkInterfaceSet");
  if (has_address) add_interface(interfaces.child("item"), instance);
}

void add_metadata_options(Element& item, const Instance& instance) {
  auto& options = item.child("metadataOptions");
  options.add("state", "applied");
  options.add("httpTokens", instance.metadata_tokens_required ? "required" : "optional");
  options.add("httpPutResponseHopLimit", 1).add("httpEndpoint", "enabled");
  options.add("httpProtocolIpv6", "disabled").add("instanceMetadataTags", "disabled");
}

// "User initiated (2026-11-22 03:00:00 GMT)", as EC2 words the reason of a transition.
std::string transition_reason(const Instance& instance) {
  if (instance.reason.code != "Client.UserInitiatedShutdown") return "";
  auto when = common::format_iso8601(instance.changed_at).substr(0, 19);
  when[10] = ' ';
  return "User initiated (" + when + " GMT)";
}

}  // namespace

void add_state(Element& parent, std::string name, InstanceState state) {
  auto& element = parent.child(std::move(name));
  element.add("code", code_of(state)).add("name", to_string(state));
}

void add_instance(Element& item, const Instance& instance, const Zones* zones) {
  item.add("instanceId", instance.id).add("imageId", instance.image);
  add_state(item, "instanceState", instance.state);
  item.add("reason", transition_reason(instance));
  if (!instance.key_name.empty()) item.add("keyName", instance.key_name);
  item.add("amiLaunchIndex", instance.launch_index);
  item.child("productCodes");
  item.add("instanceType", instance.type).add("launchTime", instance.launched_at);
  auto& placement = item.child("placement");
  placement.add("availabilityZone", instance.zone).add("groupName", "").add("tenancy", "default");
  if (!instance.kernel.empty()) item.add("kernelId", instance.kernel);
  if (!instance.ramdisk.empty()) item.add("ramdiskId", instance.ramdisk);
  if (!instance.profile.association.empty())
    item.child("iamInstanceProfile")
        .add("arn", instance.profile.arn)
        .add("id", instance.profile.id);
  item.child("monitoring").add("state", instance.monitoring ? "enabled" : "disabled");
  add_network(item, instance);
  if (!instance.reason.code.empty()) {
    auto& reason = item.child("stateReason");
    reason.add("code", instance.reason.code).add("message", instance.reason.message);
  }
  item.add("architecture", instance.architecture).add("rootDeviceType", "instance-store");
  item.add("rootDeviceName", "/dev/sda1");
  item.list("blockDeviceMapping", instance.volumes,
            [](const Attachment& a, Element& entry) { add_block_device(entry, a); });
  item.add("virtualizationType", "hvm").add("clientToken", instance.client_token);
  add_tags(item, instance.tags);
  item.add("hypervisor", hypervisor_of(instance, zones)).add("ebsOptimized", false);
  auto& cpu = item.child("cpuOptions");
  cpu.add("coreCount", instance.resources.vcpus).add("threadsPerCore", 1);
  add_metadata_options(item, instance);
}

void add_reservation(Element& item, const std::vector<Instance>& instances, const Zones* zones) {
  const auto& first = instances.front();
  item.add("reservationId", first.reservation).add("ownerId", first.account);
  item.child("groupSet");
  item.list("instancesSet", instances, [zones](const Instance& instance, Element& entry) {
    add_instance(entry, instance, zones);
  });
}

}  // namespace angophora::clc
