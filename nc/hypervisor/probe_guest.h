// The smallest guest that does what real ones do first: a boot sector.
#pragma once

#include <string>

namespace angophora::nc {

// QEMU's debug-exit device at port 0xf4 ends QEMU with (value << 1) | 1.
inline constexpr int kProbeGuestSays = 0x10;

// 512 bytes. The guest turns on paging and 64-bit mode, works through some MiB of memory, and
// writes kProbeGuestSays to port 0xf4. A host whose KVM runs 16-bit code but hangs Linux at its
// first step into 64-bit mode has been seen.
std::string probe_guest();

}  // namespace angophora::nc
