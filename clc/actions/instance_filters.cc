#include "clc/actions/instance_filters.h"

#include "clc/domain/addresses.h"

namespace angophora::clc {
namespace {

FilterValues yes_no(bool value) { return {value ? "true" : "false"}; }
// Of the network interface, which goes with the address.
FilterValues if_attached(const Instance& i, std::string value) {
  return i.private_ip == 0 ? FilterValues{} : value_or_none(std::move(value));
}

FilterValues group_ids(const Instance& i) {
  FilterValues values;
  for (const auto& group : i.groups) values.push_back(group.id.value);
  return values;
}
FilterValues group_names(const Instance& i) {
  FilterValues values;
  for (const auto& group : i.groups) values.push_back(group.name);
  return values;
}
FilterValues none(const Instance&) { return {}; }
FilterValues private_address(const Instance& i) {
  return if_attached(i, format_address(i.private_ip));
}
FilterValues private_name(const Instance& i) {
  return if_attached(i, private_dns_name(i.private_ip));
}
FilterValues public_address(const Instance& i) {
  return value_or_none(public_dns_name(i.public_ip));
}
FilterValues allocation(const Instance& i) { return value_or_none(i.public_allocation.value); }
FilterValues association(const Instance& i) { return value_or_none(i.public_association.value); }
// An address that came with the instance is not the account's.
FilterValues address_owner(const Instance& i) {
  if (i.public_ip == 0) return {};
  return {i.public_allocation.empty() ? "amazon" : i.account.value};
}
FilterValues launch_time(const Instance& i) { return {common::format_iso8601(i.launched_at)}; }

template <class Value>
FilterValues of_volumes(const Instance& i, Value value) {
  FilterValues values;
  for (const auto& attachment : i.volumes) values.emplace_back(value(attachment));
  return values;
}
FilterValues volume_times(const Instance& i) {
  return of_volumes(i, [](const Attachment& a) { return common::format_iso8601(a.attached_at); });
}
FilterValues volume_deletes(const Instance& i) {
  return of_volumes(i,
                    [](const Attachment& a) { return a.delete_on_termination ? "true" : "false"; });
}
FilterValues volume_devices(const Instance& i) {
  return of_volumes(i, [](const Attachment& a) { return a.device; });
}
FilterValues volume_states(const Instance& i) {
  return of_volumes(i, [](const Attachment& a) { return shown(a.state); });
}
FilterValues volume_ids(const Instance& i) {
  return of_volumes(i, [](const Attachment& a) { return a.volume.value; });
}

using I = const Instance&;

constexpr FilterField<Instance> kFilters[] = {
    {"architecture", [](I i) { return value_or_none(i.architecture); }},
    {"availability-zone", [](I i) { return value_or_none(i.zone.value); }},
    {"client-token", [](I i) { return value_or_none(i.client_token); }},
    {"dns-name", public_address},
    {"group-id", group_ids},
    {"group-name", group_names},
    {"hypervisor", [](I) { return value_or_none("kvm"); }},
    {"iam-instance-profile.arn", none},
    {"image-id", [](I i) { return value_or_none(i.image.value); }},
    {"instance-id", [](I i) { return value_or_none(i.id.value); }},
    {"instance-lifecycle", none},
    {"instance-state-code", [](I i) { return value_or_none(std::to_string(code_of(i.state))); }},
    {"instance-state-name", [](I i) { return value_or_none(std::string(to_string(i.state))); }},
    {"instance-type", [](I i) { return value_or_none(i.type); }},
    {"instance.group-id", group_ids},
    {"instance.group-name", group_names},
    {"ip-address", public_address},
    {"kernel-id", [](I i) { return value_or_none(i.kernel.value); }},
    {"key-name", [](I i) { return value_or_none(i.key_name); }},
    {"launch-index", [](I i) { return value_or_none(std::to_string(i.launch_index)); }},
    {"launch-time", launch_time},
    {"monitoring-state", [](I i) { return value_or_none(i.monitoring ? "enabled" : "disabled"); }},
    {"network-interface.addresses.primary", [](I i) { return if_attached(i, "true"); }},
    {"network-interface.addresses.private-ip-address", private_address},
    {"network-interface.attachment.attach-time",
     [](I i) { return if_attached(i, common::format_iso8601(i.launched_at)); }},
    {"network-interface.attachment.attachment-id",
     [](I i) { return if_attached(i, attachment_id(i.id)); }},
    {"network-interface.attachment.delete-on-termination",
     [](I i) { return if_attached(i, "true"); }},
    {"network-interface.attachment.device-index", [](I i) { return if_attached(i, "0"); }},
    {"network-interface.attachment.instance-owner-id",
     [](I i) { return if_attached(i, i.account.value); }},
    {"network-interface.attachment.status", [](I i) { return if_attached(i, "attached"); }},
    {"network-interface.availability-zone", [](I i) { return if_attached(i, i.zone.value); }},
    {"network-interface.description", none},
    {"network-interface.group-id", group_ids},
    {"network-interface.group-name", group_names},
    {"network-interface.mac-address", [](I i) { return value_or_none(i.mac); }},
    {"network-interface.network-interface-id",
     [](I i) { return if_attached(i, interface_id(i.id)); }},
    {"network-interface.owner-id", [](I i) { return if_attached(i, i.account.value); }},
    {"network-interface.private-dns-name", private_name},
    {"network-interface.source-dest-check", [](I i) { return if_attached(i, "true"); }},
    {"network-interface.status", [](I i) { return if_attached(i, "in-use"); }},
    {"network-interface.subnet-id", [](I i) { return if_attached(i, i.subnet.value); }},
    {"network-interface.vpc-id", [](I i) { return if_attached(i, i.vpc.value); }},
    {"metadata-options.http-tokens",
     [](I i) { return value_or_none(i.metadata_tokens_required ? "required" : "optional"); }},
    {"owner-id", [](I i) { return value_or_none(i.account.value); }},
    {"placement-group-name", none},
    {"platform", none},
    {"private-dns-name", private_name},
    {"private-ip-address", private_address},
    {"product-code", none},
    {"product-code.type", none},
    {"ramdisk-id", [](I i) { return value_or_none(i.ramdisk.value); }},
    {"reason", [](I i) { return value_or_none(i.reason.message); }},
    {"requester-id", none},
    {"reservation-id", [](I i) { return value_or_none(i.reservation.value); }},
    {"root-device-name", [](I) { return value_or_none("/dev/sda1"); }},
    {"root-device-type", [](I) { return value_or_none("instance-store"); }},
    {"source-dest-check", [](I) { return yes_no(true); }},
    {"spot-instance-request-id", none},
    {"state-reason-code", [](I i) { return value_or_none(i.reason.code); }},
    {"state-reason-message", [](I i) { return value_or_none(i.reason.message); }},
    {"subnet-id", [](I i) { return if_attached(i, i.subnet.value); }},
    {"tenancy", [](I) { return value_or_none("default"); }},
    {"virtualization-type", [](I) { return value_or_none("hvm"); }},
    {"vpc-id", [](I i) { return if_attached(i, i.vpc.value); }},
    {"association.allocation-id", allocation},
    {"association.association-id", association},
    {"association.ip-owner-id", address_owner},
    {"association.public-ip", public_address},
    {"network-interface.addresses.association.ip-owner-id", address_owner},
    {"network-interface.addresses.association.public-ip", public_address},
    {"network-interface.association.allocation-id", allocation},
    {"network-interface.association.association-id", association},
    {"network-interface.association.public-ip", public_address},
    {"network-interface.requester-id", none},
    {"network-interface.requester-managed", none},
    {"block-device-mapping.attach-time", volume_times},
    {"block-device-mapping.delete-on-termination", volume_deletes},
    {"block-device-mapping.device-name", volume_devices},
    {"block-device-mapping.status", volume_states},
    {"block-device-mapping.volume-id", volume_ids},
};

}  // namespace

std::span<const FilterField<Instance>> instance_filters() { return kFilters; }

}  // namespace angophora::clc
