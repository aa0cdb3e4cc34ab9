// The libvirt domain XML of a plan. Pure; any thread.
#pragma once

#include <string>

#include "nc/hypervisor/hypervisor.h"

namespace angophora::nc {

// What is the same for all guests of a node.
struct DomainStyle {
  Virtualization virtualization = Virtualization::qemu;
  std::string owner;                 // marks the domain as ours
  std::string disk_cache = "none";   // "writeback" where the file system lacks direct I/O
  std::uint32_t hotplug_ports = 12;  // PCI ports for disks and cards attached later
};

std::string domain_xml(const DomainPlan& plan, const DomainStyle& style);

}  // namespace angophora::nc
