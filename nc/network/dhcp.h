// What dnsmasq is told, as text. Pure functions, any thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "nc/network/edge_rules.h"

namespace angophora::nc {

// Where dnsmasq's files are.
struct DhcpFiles {
  explicit DhcpFiles(const std::string& folder)
      : conf(folder + "/dnsmasq.conf"),
        hosts(folder + "/dhcp-hosts"),
        leases(folder + "/leases"),
        pid(folder + "/dnsmasq.pid"),
        log(folder + "/dnsmasq.log") {}
  std::string conf, hosts, leases, pid, log;
};

// Its settings; nothing while there is no document that names the subnet.
std::optional<std::string> dhcp_conf(const EdgeOptions& options, const EdgeState& state,
                                     const DhcpFiles& files, const std::string& user);

// A line per guest: its MAC, its address, its name.
std::string dhcp_hosts(const EdgeState& state);

// The leases that belong to guests of today; the others would keep an address from its next owner.
std::string current_leases(const std::string& leases, const EdgeState& state);

}  // namespace angophora::nc
