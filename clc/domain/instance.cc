#include "clc/domain/instance.h"

#include <algorithm>

#include "clc/domain/addresses.h"
#include "common/base/disk_room.h"

namespace angophora::clc {

Resources& Resources::operator+=(const Resources& other) {
  vcpus += other.vcpus;
  memory_mib += other.memory_mib;
  disk_gib += other.disk_gib;
  return *this;
}

Resources& Resources::operator-=(const Resources& other) {
  vcpus -= other.vcpus;
  memory_mib -= other.memory_mib;
  disk_gib -= other.disk_gib;
  return *this;
}

// The image is no larger than the type's disk: RunInstances refuses others.
Resources room_of(Resources of_type, std::int64_t ephemeral_gib, std::int64_t swap_mib) {
  auto room = of_type;
  room.disk_gib = common::disk_room_gib(of_type.disk_gib, 0, ephemeral_gib, swap_mib);
  return room;
}

Resources Instance::room() const { return room_of(resources, ephemeral_gib, swap_mib); }

std::string private_dns_name(std::uint32_t address) {
  std::string name = "ip-" + format_address(address);
  std::replace(name.begin(), name.end(), '.', '-');
  return name + ".angophora.internal";
}

std::string public_dns_name(std::uint32_t address) {
  return address == 0 ? std::string() : format_address(address);
}

std::string interface_id(const InstanceId& id) { return "eni-" + id.value.substr(2); }

std::string attachment_id(const InstanceId& id) { return "eni-attach-" + id.value.substr(2); }

}  // namespace angophora::clc
