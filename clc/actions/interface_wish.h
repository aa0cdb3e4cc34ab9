// NetworkInterface.N of RunInstances: what is asked of the one interface that an instance has.
#pragma once

#include <optional>
#include <vector>

#include "clc/actions/action.h"

namespace angophora::clc {

struct InterfaceWish {
  std::optional<std::int64_t> device_index;
  std::optional<bool> public_address;
  std::optional<bool> goes_with_instance;
  SubnetId subnet;
  std::vector<GroupId> groups;

  static auto params() {
    constexpr auto kOne = "an instance has one interface of its own, with one address";
    return std::to_array({
        optional<&InterfaceWish::device_index>("DeviceIndex"),
        optional<&InterfaceWish::public_address>("AssociatePublicIpAddress"),
        optional<&InterfaceWish::goes_with_instance>("DeleteOnTermination"),
        optional<&InterfaceWish::subnet>("SubnetId"),
        optional<&InterfaceWish::groups>("SecurityGroupId"),
        refused<InterfaceWish>("NetworkInterfaceId", kOne),
        refused<InterfaceWish>("Description", "interfaces have none"),
        refused<InterfaceWish>("PrivateIpAddress", "the cloud chooses the address"),
        refused<InterfaceWish>("PrivateIpAddresses", "the cloud chooses the address"),
        refused<InterfaceWish>("SecondaryPrivateIpAddressCount", kOne),
        refused<InterfaceWish>("AssociateCarrierIpAddress", "there are no carrier addresses"),
        refused<InterfaceWish>("InterfaceType", kOne),
        refused<InterfaceWish>("NetworkCardIndex", kOne),
        refused<InterfaceWish>("Ipv6AddressCount", "there is no IPv6"),
        refused<InterfaceWish>("Ipv6Addresses", "there is no IPv6"),
        refused<InterfaceWish>("PrimaryIpv6", "there is no IPv6"),
        refused<InterfaceWish>("Ipv6Prefix", "there is no IPv6"),
        refused<InterfaceWish>("Ipv6PrefixCount", "there is no IPv6"),
        refused<InterfaceWish>("Ipv4Prefix", kOne),
        refused<InterfaceWish>("Ipv4PrefixCount", kOne),
        refused<InterfaceWish>("EnaSrdSpecification", "interfaces are virtio"),
        refused<InterfaceWish>("EnaQueueCount", "interfaces are virtio"),
        refused<InterfaceWish>("ConnectionTrackingSpecification", "the node decides"),
    });
  }
};

// RequestErrc for more than one, and for what the one cannot be.
inline Result<> check_interfaces(const std::vector<InterfaceWish>& wishes) {
  if (wishes.size() > 1)
    return Error(
        RequestErrc::unsupported_parameter,
        "The parameter NetworkInterface.2 is not supported: an instance has one interface");
  for (const auto& wish : wishes) {
    if (!wish.device_index) return missing_parameter("NetworkInterface.1.DeviceIndex");
    if (*wish.device_index != 0)
      return invalid_value("NetworkInterface.1.DeviceIndex", std::to_string(*wish.device_index),
                           "0");
    if (!wish.goes_with_instance.value_or(true))
      return Error(RequestErrc::unsupported_parameter,
                   "The parameter NetworkInterface.1.DeleteOnTermination is not supported: an "
                   "interface goes with its instance");
  }
  return common::ok();
}

}  // namespace angophora::clc
