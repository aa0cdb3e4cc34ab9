// Interfaces, routes and kernel settings of ours on this host (in the network namespace that the
// caller is in).
//
// Threads: one at a time, on the pool; all calls block. Every call may be repeated.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "nc/network/edge_rules.h"

namespace angophora::nc {

// Interfaces whose name begins with `prefix`.
std::set<std::string> interfaces_with(std::string_view prefix);

// Lets the kernel forward packets. The old value when that was a change to the host.
common::Result<std::optional<std::string>> enable_forwarding();
common::Result<> restore_forwarding(const std::string& old_value);

// The empty bridge that holds the guests' gateway address and the metadata service's.
common::Result<> ensure_bridge(const EdgeOptions& options);
// Whether it is up and has these addresses.
bool bridge_is_up(const std::set<std::string>& addresses);
// Gives it exactly the gateway address of this document, and makes addresses of the subnet that
// nobody here has unreachable, so that they do not leak to the outside. `before`: the document in
// force until now.
common::Result<> ensure_subnet(const NetworkDocument& before, const NetworkDocument& now);

// A persistent tap for QEMU, routed: proxy ARP, strict reverse path, a host route to the guest.
common::Result<> ensure_tap(const EdgeOptions& options, const Port& port);
common::Result<> remove_tap(const std::string& name);

// Ends what the kernel tracks of an address that got or lost its guest: the next owner must not
// inherit open connections. Without the conntrack program nothing happens.
void forget_connections(const std::string& address);

// Taps, bridge and routes, whoever made them.
common::Result<> remove_all_links();

}  // namespace angophora::nc
