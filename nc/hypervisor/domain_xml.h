// The libvirt domain XML of a plan. Pure; any thread.
#pragma once

#include <string>

#include "nc/hypervisor/hypervisor.h"

namespace angophora::nc {

// What is the same for all guests of a node.
struct DomainStyle {
  Virtualization virtualization = Virtualization::qemu;
  std::string owner;                // marks the domain as ours
  std::string disk_cache = "none";  // "writeback" where the file system lacks direct I/O
  // PCI ports. A guest's own disks, card, memory balloon and random numbers take up to six.
  std::uint32_t hotplug_ports = 22;
};

std::string domain_xml(const DomainPlan& plan, const DomainStyle& style);
// One disk alone, to be plugged into a running guest.
std::string disk_xml(const Disk& disk, const DomainStyle& style);

}  // namespace angophora::nc
