// The way to guests of other nodes: for each of them a host route over the node that holds it. The
// nodes share a link, so that every node is one hop away.
//
// Threads: far_routes is pure; the rest is for the pool, one call at a time, and blocks.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>

#include "nc/network/edge_rules.h"

namespace angophora::nc {

// Address of a guest, private or public -> address of its node.
using FarRoutes = std::map<std::string, std::string>;

// The routes that a node with these addresses wants. A guest with a port here has none, wherever
// the document places it: it is on its way, and its tap is the shorter way.
FarRoutes far_routes(const EdgeState& state, const std::set<std::string>& own_addresses);

// What `ip -json -4 route show` says of our routes over other nodes; Errc::corrupt for what is no
// such text.
common::Result<FarRoutes> far_routes_from_json(std::string_view text);

// What `ip -json` says under `key` of one route or neighbour; "" where it says nothing.
using IpEntry = std::function<std::string(std::string_view key)>;
// Errc::corrupt for what is no such text; nothing at all is no entry.
common::Result<> each_ip_entry(std::string_view text,
                               const std::function<void(const IpEntry&)>& take);

// Address of a guest of this node -> its tap; a network of which we have made unknown addresses
// unreachable -> "".
using NearRoutes = std::map<std::string, std::string>;
common::Result<NearRoutes> near_routes_from_json(std::string_view text);

// Those that this host has.
common::Result<NearRoutes> near_routes();

// The commands for `ip -batch` that turn one into the other; empty when they are equal.
std::string far_route_commands(const FarRoutes& present, const FarRoutes& wanted);

// Addresses of this host.
std::set<std::string> own_addresses();

// Makes the kernel's routes match, whoever made those that are there. What the kernel refuses, for
// a node that is on no link of this host's, is in the answer; it hinders no other route.
common::Result<FarRoutes> ensure_far_routes(const FarRoutes& wanted);

}  // namespace angophora::nc
