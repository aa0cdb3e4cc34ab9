#include "nc/network/dhcp.h"

#include <algorithm>
#include <set>

#include "common/base/text.h"
#include "nc/network/addresses.h"

namespace angophora::nc {
namespace {

std::string dns_servers(const NetworkDocument& document) {
  if (document.dns_servers.empty()) return document.gateway;
  std::string out;
  for (const auto& server : document.dns_servers) {
    if (!out.empty()) out += ',';
    out += server;
  }
  return out;
}

// The name that AWS gives a guest: ip-10-100-0-5.
std::string host_name(const std::string& address) {
  auto name = "ip-" + address;
  std::replace(name.begin(), name.end(), '.', '-');
  return name;
}

}  // namespace

std::optional<std::string> dhcp_conf(const EdgeOptions& options, const EdgeState& state,
                                     const DhcpFiles& files, const std::string& user) {
  const auto& document = state.document;
  const auto subnet = parse_cidr(document.subnet_cidr);
  if (document.version == 0 || !subnet) return std::nullopt;
  const std::string bridge(kBridge), taps = std::string(kTapPrefix) + "*";
  std::string out = "# Written by the node controller; changes are lost.\n";
  const auto line = [&](const std::string& text) { out += text + "\n"; };
  line(node_answers_dns(document) ? "port=53" : "port=0");
  line("bind-dynamic");
  line("interface=" + bridge);
  line("interface=" + taps);
  line("except-interface=lo");
  line("bridge-interface=" + bridge + "," + taps);
  line("user=" + user);
  line("no-hosts");
  line("log-facility=-");
  line("pid-file=" + files.pid);
  line("quiet-dhcp");
  line("dhcp-authoritative");
  line("dhcp-range=" + format_ipv4(subnet->network) + ",static," + format_ipv4(subnet->mask()) +
       ",24h");
  line("dhcp-hostsfile=" + files.hosts);
  line("dhcp-leasefile=" + files.leases);
  line("dhcp-lease-max=65536");
  line("dhcp-option=option:router," + document.gateway);
  line("dhcp-option=option:dns-server," + dns_servers(document));
  line("dhcp-option=option:mtu," + std::to_string(options.mtu));
  if (!document.dns_domain.empty()) {
    line("dhcp-option=option:domain-name," + document.dns_domain);
    line("domain=" + document.dns_domain);
    // The names of all guests, also of those on other nodes, follow from their addresses. Nobody
    // else is asked for them.
    line("synth-domain=" + document.dns_domain + "," + document.subnet_cidr + ",ip-");
    line("local=/" + document.dns_domain + "/");
  }
  return out;
}

std::string dhcp_hosts(const EdgeState& state) {
  std::string out;
  for (const auto& port : state.ports)
    out += port.mac_address + "," + port.private_ip + "," + host_name(port.private_ip) + "\n";
  return out;
}

std::string current_leases(const std::string& leases, const EdgeState& state) {
  std::set<std::pair<std::string, std::string>> owners;
  for (const auto& port : state.ports) owners.emplace(port.mac_address, port.private_ip);
  std::string out;
  for (const auto line : common::split(leases, '\n')) {
    // expiry mac address name client-id
    const auto words = common::split(line, ' ');
    if (words.size() < 4) continue;
    if (owners.contains({std::string(words[1]), std::string(words[2])})) (out += line) += '\n';
  }
  return out;
}

}  // namespace angophora::nc
