// The settings of the driver EDGE and the names of all that it makes on a host.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/id.h"
#include "common/base/result.h"

namespace angophora::nc {

struct EdgeOptions {
  // Kept over a restart of the host: the last document.
  std::string state_dir = "/var/lib/angophora/nc/network";
  // Files of dnsmasq. Its unprivileged user reads them, so all folders above must be open to it.
  std::string run_dir = "/run/angophora/nc-network";
  std::string tap_owner = "libvirt-qemu";  // user that QEMU runs as
  std::uint32_t mtu = 1500;
  // Guests without a public address reach the outside under the node's own.
  bool masquerade = true;
  // Where the metadata service listens; guests' packets to 169.254.169.254:80 are sent there. Not
  // 169.254.169.254 itself: the host may be a guest of another cloud and need it.
  std::string metadata_address = "169.254.168.254";
  std::uint16_t metadata_port = 8780;
  // Connections that the kernel may track of one guest, to it and from it; 0 is no limit.
  std::uint32_t guest_connections_max = 4096;
  // Where the node answers ARP for its guests' public addresses. Empty: on the link whose network
  // an address is in, or else on that of the default route.
  std::string public_interface;
  // TCP ports of the node itself that guests may reach, beside DHCP, DNS and metadata.
  std::vector<std::uint16_t> guest_tcp_ports;
};

// "8773,8776" as numbers; Errc::invalid_argument for anything else. Empty text is no port.
common::Result<std::vector<std::uint16_t>> parse_ports(std::string_view text);

// All interfaces, tables and routes of ours are found again by these.
inline constexpr std::string_view kTapPrefix = "angot";
inline constexpr std::string_view kBridge = "angogw";
inline constexpr std::string_view kTablePrefix = "ango_";
inline constexpr std::string_view kFilterTable = "ango_filter";  // family inet
inline constexpr std::string_view kLimitsTable = "ango_limits";  // family inet
inline constexpr std::string_view kNatTable = "ango_nat";        // family ip
inline constexpr std::string_view kArpTable = "ango_arp";        // family arp
inline constexpr int kRouteProtocol = 173;
inline constexpr int kFarMetric = 1000;  // of routes to guests of other nodes

// The tap of an instance: always the same, 15 characters at most as the kernel wants it.
std::string tap_name(const common::InstanceId& id);

}  // namespace angophora::nc
