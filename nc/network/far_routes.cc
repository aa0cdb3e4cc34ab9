#include "nc/network/far_routes.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <netinet/in.h>

#include <boost/json.hpp>

#include "common/process/process.h"
#include "nc/network/public_addresses.h"

namespace angophora::nc {
namespace {

using common::Errc;
using common::Error;
using common::Result;

// A tap's own route, without a metric, comes before one over another node.
const std::string kLast =
    " proto " + std::to_string(kRouteProtocol) + " metric " + std::to_string(kFarMetric) + "\n";

Result<std::string> list_routes() {
  process::Command list;
  list.argv = {"ip", "-json", "-4", "route", "show", "proto", std::to_string(kRouteProtocol)};
  list.output_bytes_max = 64u << 20;
  return process::run_checked(std::move(list));
}

Result<FarRoutes> present_routes() {
  TRY(const auto text, list_routes());
  return far_routes_from_json(text);
}

}  // namespace

Result<> each_ip_entry(std::string_view text, const std::function<void(const IpEntry&)>& take) {
  const auto end = text.find_last_not_of(" \n");
  if (end == std::string_view::npos) return common::ok();  // no route at all
  boost::system::error_code failed;
  const auto value = boost::json::parse(text.substr(0, end + 1), failed);
  if (failed || !value.is_array())
    return Error(Errc::corrupt, "ip lists what there is in a form nobody knows");
  for (const auto& entry : value.get_array()) {
    const auto* route = entry.if_object();
    take([route](std::string_view key) {
      const auto* found = route ? route->if_contains(key) : nullptr;
      return found && found->is_string() ? std::string(found->get_string()) : std::string();
    });
  }
  return common::ok();
}

FarRoutes far_routes(const EdgeState& state, const std::set<std::string>& own_addresses) {
  std::map<common::NodeName, std::string> address_of;
  for (const auto& node : state.document.nodes)
    if (!own_addresses.contains(node.address)) address_of[node.name] = node.address;
  FarRoutes out;
  for (const auto& instance : state.document.instances)
    if (const auto node = address_of.find(instance.node_name); node != address_of.end()) {
      out[instance.private_ip] = node->second;
      if (!instance.public_ip.empty()) out[instance.public_ip] = node->second;
    }
  for (const auto& port : state.ports) out.erase(port.private_ip);
  for (const auto& [address, tap] : public_routes(state)) out.erase(address);
  return out;
}

Result<FarRoutes> far_routes_from_json(std::string_view text) {
  FarRoutes out;
  TRY_VOID(each_ip_entry(text, [&out](const IpEntry& route) {
    // Those of our taps have no gateway.
    if (!route("dst").empty() && !route("gateway").empty())
      out.emplace(route("dst"), route("gateway"));
  }));
  return out;
}

Result<NearRoutes> near_routes_from_json(std::string_view text) {
  NearRoutes out;
  TRY_VOID(each_ip_entry(text, [&out](const IpEntry& route) {
    if (route("dst").empty() || !route("gateway").empty()) return;
    out.emplace(route("dst"), route("type") == "unreachable" ? "" : route("dev"));
  }));
  return out;
}

Result<NearRoutes> near_routes() {
  TRY(const auto text, list_routes());
  return near_routes_from_json(text);
}

std::string far_route_commands(const FarRoutes& present, const FarRoutes& wanted) {
  std::string out;
  for (const auto& [to, over] : present)
    if (!wanted.contains(to)) out += "route del " + to + "/32 via " + over + kLast;
  for (const auto& [to, over] : wanted)
    if (const auto found = present.find(to); found == present.end() || found->second != over)
      out += "route replace " + to + "/32 via " + over + kLast;
  return out;
}

std::set<std::string> own_addresses() {
  std::set<std::string> out;
  struct ifaddrs* list = nullptr;
  if (getifaddrs(&list) != 0) return out;
  for (const auto* entry = list; entry; entry = entry->ifa_next) {
    if (!entry->ifa_addr || entry->ifa_addr->sa_family != AF_INET) continue;
    char text[INET_ADDRSTRLEN];
    const auto* address = reinterpret_cast<const struct sockaddr_in*>(entry->ifa_addr);
    if (inet_ntop(AF_INET, &address->sin_addr, text, sizeof text)) out.insert(text);
  }
  freeifaddrs(list);
  return out;
}

Result<FarRoutes> ensure_far_routes(const FarRoutes& wanted) {
  TRY(auto present, present_routes());
  const auto commands = far_route_commands(present, wanted);
  if (commands.empty()) return FarRoutes();
  // -force goes on behind a refused route. What came of it all is seen in the kernel.
  TRY_VOID(process::run({.argv = {"ip", "-force", "-batch", "-"}, .input = commands}));
  TRY(present, present_routes());
  FarRoutes refused;
  for (const auto& [to, over] : wanted)
    if (const auto found = present.find(to); found == present.end() || found->second != over)
      refused.emplace(to, over);
  return refused;
}

}  // namespace angophora::nc
