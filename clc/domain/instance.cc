#include "clc/domain/instance.h"

#include <algorithm>

#include "clc/domain/addresses.h"

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

std::string private_dns_name(std::uint32_t address) {
  std::string name = "ip-" + format_address(address);
  std::replace(name.begin(), name.end(), '.', '-');
  return name + ".angophora.internal";
}

std::string interface_id(const InstanceId& id) { return "eni-" + id.value.substr(2); }

std::string attachment_id(const InstanceId& id) { return "eni-attach-" + id.value.substr(2); }

}  // namespace angophora::clc
