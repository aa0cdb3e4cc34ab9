#include "nc/network/links.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>

#include <chrono>

#include "common/process/process.h"
#include "nc/network/addresses.h"
#include "nc/network/files.h"

namespace angophora::nc {
namespace {

using common::Errc;
using common::Error;
using common::Result;
using namespace std::chrono_literals;

const std::string kForwarding = "/proc/sys/net/ipv4/ip_forward";

// One line per command, all of them or an error.
Result<> ip(const std::string& commands) {
  TRY_VOID(process::run_checked({.argv = {"ip", "-batch", "-"}, .input = commands}));
  return common::ok();
}

bool exists(std::string_view name) { return if_nametoindex(std::string(name).c_str()) != 0; }

Result<> set_kernel(const std::string& name, const std::string& value) {
  const auto path = "/proc/sys/net/" + name;
  auto now = read_small_file(path);
  if (now && *now == value + "\n") return common::ok();
  return write_existing(path, value);
}

// The tap's own MAC is the guest's with another first byte, so that a guest finds the same gateway
// MAC whenever and wherever its tap is made.
std::string tap_mac(const std::string& guest_mac) { return "fe" + guest_mac.substr(2); }

std::string gateway_address(const NetworkDocument& document) {
  const auto subnet = parse_cidr(document.subnet_cidr);
  return document.gateway + "/" + std::to_string(subnet ? subnet->prefix : 32);
}

const std::string kProtocol = std::to_string(kRouteProtocol);

}  // namespace

std::set<std::string> interfaces_with(std::string_view prefix) {
  std::set<std::string> names;
  struct if_nameindex* list = if_nameindex();
  if (!list) return names;
  for (auto* entry = list; entry->if_index != 0; ++entry)
    if (std::string_view(entry->if_name).starts_with(prefix)) names.insert(entry->if_name);
  if_freenameindex(list);
  return names;
}

Result<std::optional<std::string>> enable_forwarding() {
  const auto old = read_small_file(kForwarding);
  if (old == "1\n") return std::optional<std::string>();
  TRY_VOID(write_existing(kForwarding, "1"));
  return std::optional<std::string>(old.value_or("0").substr(0, 1));
}

Result<> restore_forwarding(const std::string& old_value) {
  return write_existing(kForwarding, old_value);
}

Result<> ensure_bridge(const EdgeOptions& options) {
  const std::string bridge(kBridge);
  std::string commands;
  if (!exists(bridge)) commands += "link add " + bridge + " type bridge\n";
  commands += "link set " + bridge + " up\n";
  commands += "address replace " + options.metadata_address + "/32 dev " + bridge + "\n";
  TRY_VOID(ip(commands));
  return set_kernel("ipv6/conf/" + bridge + "/disable_ipv6", "1");
}

bool bridge_is_up(const std::set<std::string>& addresses) {
  auto missing = addresses;
  bool up = false;
  struct ifaddrs* list = nullptr;
  if (getifaddrs(&list) != 0) return false;
  for (const auto* entry = list; entry; entry = entry->ifa_next) {
    if (entry->ifa_name != kBridge) continue;
    up = entry->ifa_flags & IFF_UP;
    if (!entry->ifa_addr || entry->ifa_addr->sa_family != AF_INET) continue;
    char text[INET_ADDRSTRLEN];
    const auto* address = reinterpret_cast<const struct sockaddr_in*>(entry->ifa_addr);
    if (inet_ntop(AF_INET, &address->sin_addr, text, sizeof text)) missing.erase(text);
  }
  freeifaddrs(list);
  return up && missing.empty();
}

Result<> ensure_subnet(const NetworkDocument& before, const NetworkDocument& now) {
  const std::string bridge(kBridge);
  std::string commands;
  if (before.version != 0 && gateway_address(before) != gateway_address(now))
    commands += "address del " + gateway_address(before) + " dev " + bridge + "\n";
  if (before.version != 0 && before.subnet_cidr != now.subnet_cidr)
    commands += "route del unreachable " + before.subnet_cidr + " proto " + kProtocol + "\n";
  // Also of an address that was there before a crash: replace leaves one that fits alone.
  commands += "address replace " + gateway_address(now) + " dev " + bridge + " noprefixroute\n";
  commands += "route replace unreachable " + format_cidr(*parse_cidr(now.subnet_cidr)) + " proto " +
              kProtocol + " metric 4278198272\n";
  return ip(commands);
}

Result<> ensure_tap(const EdgeOptions& options, const Port& port) {
  const auto& tap = port.tap;
  std::string commands;
  if (!exists(tap))
    commands += "tuntap add dev " + tap + " mode tap user " + options.tap_owner + "\n";
  commands += "link set dev " + tap + " address " + tap_mac(port.mac_address) + " mtu " +
              std::to_string(options.mtu) + "\n";
  TRY_VOID(ip(commands));
  TRY_VOID(set_kernel("ipv6/conf/" + tap + "/disable_ipv6", "1"));
  TRY_VOID(set_kernel("ipv4/conf/" + tap + "/proxy_arp", "1"));
  TRY_VOID(set_kernel("ipv4/conf/" + tap + "/rp_filter", "1"));
  TRY_VOID(set_kernel("ipv4/conf/" + tap + "/send_redirects", "0"));
  TRY_VOID(set_kernel("ipv4/conf/" + tap + "/accept_redirects", "0"));
  // Otherwise the first packet to a neighbour waits for up to a second.
  TRY_VOID(set_kernel("ipv4/neigh/" + tap + "/proxy_delay", "0"));
  return ip("link set " + tap + " up\nroute replace " + port.private_ip + "/32 dev " + tap +
            " proto " + kProtocol + "\n");
}

Result<> remove_tap(const std::string& name) {
  if (!exists(name)) return common::ok();
  return ip("link del " + name + "\n");
}

void forget_connections(const std::string& address) {
  for (const char* end : {"--orig-src", "--orig-dst", "--reply-src"})
    (void)process::run({.argv = {"conntrack", "-D", end, address}, .limit = 5s});
}

Result<> remove_all_links() {
  // A tap whose guest ends at the same moment goes by itself.
  for (const auto& tap : interfaces_with(kTapPrefix))
    if (auto removed = remove_tap(tap); !removed && exists(tap)) return removed;
  if (exists(kBridge)) TRY_VOID(ip("link del " + std::string(kBridge) + "\n"));
  return ip("route flush proto " + kProtocol + "\n");
}

}  // namespace angophora::nc
