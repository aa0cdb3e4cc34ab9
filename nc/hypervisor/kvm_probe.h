// Whether KVM really runs guests on this host: /dev/kvm may be there and still hang every guest.
#pragma once

#include <chrono>
#include <string>

#include "common/base/result.h"
#include "nc/hypervisor/hypervisor.h"

namespace angophora::nc {

struct ProbeOptions {
  std::string program = "qemu-system-x86_64";
  std::string scratch_dir;  // exists and is writable
  std::chrono::milliseconds limit = std::chrono::seconds(6);
};

// Starts the smallest possible guest under `accelerator` ("kvm" or "tcg") and waits for it to say
// that it ran. The error tells why it did not. Blocks: pool only.
common::Result<> try_accelerator(const std::string& accelerator, const ProbeOptions& options);

// What guests run under. `setting` is "kvm", "qemu" or "xen", or "auto": then KVM when a guest
// starts under it, else QEMU's own translation. The answer of a trial is kept in
// `memory_file` and holds until kernel, QEMU or /dev/kvm change. Blocks: pool only.
// Errc::invalid_argument for another setting.
common::Result<Virtualization> choose_virtualization(const std::string& setting,
                                                     const std::string& memory_file,
                                                     const ProbeOptions& options);

}  // namespace angophora::nc
