// What the kernel tells about changes to what is ours on this host, whoever makes them: netlink's
// multicast groups of packet filter rules, and of links and addresses.
#pragma once

#include <functional>
#include <string_view>

#include "common/runtime/runtime.h"

namespace angophora::nc {

enum class KernelNews { rules, links };

// Calls `tell` on the I/O thread, as long as the runtime runs, after rules or sets of our tables
// came or went, and after one of our interfaces or an address of our bridge was taken away; also
// when so much happened that the kernel dropped its messages. Our own changes are told as well.
// Listens in the network namespace of the caller. I/O thread only. Errc::io when the kernel has no
// such news for us.
common::Result<> follow_kernel(common::Runtime& runtime, std::function<void(KernelNews)> tell);

// Whether a datagram of netlink is news as above. Pure; what cannot be read is none.
bool names_our_rules(std::string_view datagram);
bool names_our_links(std::string_view datagram);

}  // namespace angophora::nc
