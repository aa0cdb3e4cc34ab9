#include "nc/network/public_addresses.h"

#include <algorithm>
#include <boost/json.hpp>
#include <filesystem>

#include "common/log/log.h"
#include "common/process/process.h"
#include "nc/network/addresses.h"
#include "nc/network/announcement.h"
#include "nc/network/files.h"

namespace angophora::nc {
namespace {

using common::Errc;
using common::Error;
using common::Result;

constexpr int kAnnouncements = 3;
const std::string kOurProtocol = std::to_string(kRouteProtocol);

bool is_ours(std::string_view dev) {
  return dev.starts_with(kTapPrefix) || dev == kBridge || dev == "lo";
}

Result<std::string> ip_shows(std::vector<std::string> what) {
  process::Command list;
  list.argv = {"ip", "-json", "-4"};
  list.argv.insert(list.argv.end(), what.begin(), what.end());
  list.output_bytes_max = 64u << 20;
  return process::run_checked(std::move(list));
}

std::string delay_path(const std::string& dev) {
  return "/proc/sys/net/ipv4/neigh/" + dev + "/proxy_delay";
}

}  // namespace

PublicRoutes public_routes(const EdgeState& state) {
  std::map<common::InstanceId, const Port*> ports;
  for (const auto& port : state.ports) ports[port.instance] = &port;
  PublicRoutes out;
  for (const auto& instance : state.document.instances) {
    if (instance.public_ip.empty()) continue;
    const auto port = ports.find(instance.id);
    if (port != ports.end() && port->second->private_ip == instance.private_ip)
      out.emplace(instance.public_ip, port->second->tap);
  }
  return out;
}

PublicHolders public_holders(const NetworkDocument& document) {
  PublicHolders out;
  for (const auto& instance : document.instances)
    if (!instance.public_ip.empty()) out.emplace(instance.public_ip, instance.private_ip);
  return out;
}

std::vector<std::string> changed_addresses(const PublicHolders& before, const PublicHolders& now) {
  std::vector<std::string> out;
  for (const auto& [address, holder] : before)
    if (const auto found = now.find(address); found == now.end() || found->second != holder)
      out.push_back(address);
  for (const auto& [address, holder] : now)
    if (!before.contains(address)) out.push_back(address);
  return out;
}

Result<Links> links_from_json(std::string_view text) {
  Links out;
  TRY_VOID(each_ip_entry(text, [&out](const IpEntry& route) {
    const auto dev = route("dev"), dst = route("dst");
    if (dev.empty() || dst.empty() || is_ours(dev)) return;
    // Networks behind a gateway are elsewhere, only the way out is of use.
    if (dst == "default" || route("gateway").empty()) out.emplace_back(dev, dst);
  }));
  return out;
}

std::string uplink_of(const Links& links, const std::string& address) {
  const auto number = parse_ipv4(address);
  std::string best;
  int best_prefix = -1;
  for (const auto& [dev, network] : links) {
    int prefix = 0;
    if (network != "default") {
      const auto cidr = parse_cidr(network);
      if (!cidr || !number || !cidr->contains(*number)) continue;
      prefix = cidr->prefix;
    }
    if (prefix > best_prefix) {
      best = dev;
      best_prefix = prefix;
    }
  }
  return best;
}

Result<Proxies> proxies_from_json(std::string_view text) {
  Proxies out;
  TRY_VOID(each_ip_entry(text, [&out](const IpEntry& entry) {
    if (entry("protocol") == kOurProtocol) out.emplace(entry("dst"), entry("dev"));
  }));
  return out;
}

std::string proxy_commands(const Proxies& present, const Proxies& wanted) {
  std::string out;
  for (const auto& [address, dev] : present)
    if (!wanted.contains({address, dev}))
      out += "neigh del proxy " + address + " dev " + dev + "\n";
  for (const auto& [address, dev] : wanted)
    if (!present.contains({address, dev}))
      out += "neigh replace proxy " + address + " dev " + dev + " protocol " + kOurProtocol + "\n";
  return out;
}

std::string public_route_commands(const NearRoutes& present, const PublicRoutes& wanted,
                                  const std::set<std::string>& others) {
  std::string out;
  for (const auto& [address, tap] : present)
    if (!tap.empty() && !others.contains(address) && !wanted.contains(address))
      out += "route del " + address + "/32 dev " + tap + " proto " + kOurProtocol + "\n";
  for (const auto& [address, tap] : wanted)
    if (const auto found = present.find(address); found == present.end() || found->second != tap)
      out += "route replace " + address + "/32 dev " + tap + " proto " + kOurProtocol + "\n";
  return out;
}

// All that can be done of them. What goes on failing is told once.
Result<> PublicHost::change(const std::string& commands) {
  std::string trouble;
  if (!commands.empty()) {
    TRY(const auto done,
        process::run({.argv = {"ip", "-force", "-batch", "-"}, .input = commands}));
    if (done.exit_code != 0) trouble = done.err;
  }
  if (!trouble.empty() && trouble != trouble_)
    log::warn("network.address_not_led", {{"error", trouble}});
  trouble_ = trouble;
  return common::ok();
}

Result<> PublicHost::converge(const EdgeState& wanted) {
  TRY(const auto near, near_routes());
  const auto routes = public_routes(wanted);
  std::set<std::string> private_addresses;
  for (const auto& port : wanted.ports) private_addresses.insert(port.private_ip);
  TRY(const auto text, ip_shows({"neigh", "show", "proxy"}));
  TRY(const auto present, proxies_from_json(text));
  TRY(const auto proxies, wanted_proxies(routes));
  for (const auto& [address, dev] : proxies)
    if (!done_.contains({address, dev})) TRY_VOID(prepare_uplink(dev));
  TRY_VOID(change(public_route_commands(near, routes, private_addresses) +
                  proxy_commands(present, proxies)));
  for (const auto& proxy : proxies)
    if (!present.contains(proxy)) announcements_[proxy] = kAnnouncements;
  done_ = proxies;
  announce(proxies);
  return common::ok();
}

Result<Proxies> PublicHost::wanted_proxies(const PublicRoutes& routes) const {
  Proxies out;
  if (routes.empty()) return out;
  Links links;
  if (options_.public_interface.empty()) {
    TRY(const auto text, ip_shows({"route", "show"}));
    TRY(links, links_from_json(text));
  }
  for (const auto& [address, tap] : routes) {
    const auto dev =
        options_.public_interface.empty() ? uplink_of(links, address) : options_.public_interface;
    if (!dev.empty()) out.emplace(address, dev);
  }
  return out;
}

// The kernel lets who asks for another's address wait for up to 0.8 s by itself.
Result<> PublicHost::prepare_uplink(const std::string& dev) {
  const auto before = read_small_file(delay_path(dev));
  if (!before || *before == "0\n") return common::ok();
  TRY_VOID(replace_file(delay_file(dev), *before, true));
  TRY_VOID(write_existing(delay_path(dev), "0"));
  log::info("network.host_changed", {{"what", "net.ipv4.neigh." + dev + ".proxy_delay"},
                                     {"from", before->substr(0, before->find('\n'))},
                                     {"to", "0"}});
  return common::ok();
}

void PublicHost::announce(const Proxies& wanted) {
  std::erase_if(announcements_, [&](const auto& entry) { return !wanted.contains(entry.first); });
  for (auto& [proxy, left] : announcements_) {
    const auto& [address, dev] = proxy;
    const bool first = left-- == kAnnouncements;
    const auto told = announce_address(dev, address);
    if (!told)
      log::warn("network.not_announced", {{"address", address}, {"error", told.error()}});
    else if (first)
      log::info("network.address_announced", {{"address", address}, {"interface", dev}});
  }
  std::erase_if(announcements_, [](const auto& entry) { return entry.second <= 0; });
}

void PublicHost::cut(const NetworkDocument& document) {
  auto now = public_holders(document);
  // After a start nothing is known of before: what the last daemon had is what is in force.
  if (in_force_known_)
    for (const auto& address : changed_addresses(in_force_, now)) {
      for (const char* end : {"--orig-dst", "--reply-dst"})
        (void)process::run({.argv = {"conntrack", "-D", end, address}});
      log::info("network.address_moved", {{"address", address}});
    }
  in_force_known_ = document.version != 0;
  in_force_ = std::move(now);
}

Result<> PublicHost::restore_uplinks() {
  namespace fs = std::filesystem;
  constexpr std::string_view kBegin = "proxy_delay.", kEnd = ".before";
  std::error_code failed;
  std::vector<fs::path> files;
  for (fs::directory_iterator at(options_.state_dir, failed), end; !failed && at != end;
       at.increment(failed))
    files.push_back(at->path());
  for (const auto& file : files) {
    const auto name = file.filename().string();
    if (!name.starts_with(kBegin) || !name.ends_with(kEnd)) continue;
    const auto dev = name.substr(kBegin.size(), name.size() - kBegin.size() - kEnd.size());
    const auto before = read_small_file(file);
    // The interface may be gone by now.
    if (before && std::filesystem::exists(delay_path(dev), failed)) {
      TRY_VOID(write_existing(delay_path(dev), *before));
      log::info("network.host_changed", {{"what", "net.ipv4.neigh." + dev + ".proxy_delay"},
                                         {"to", before->substr(0, before->find('\n'))}});
    }
    fs::remove(file, failed);
  }
  return common::ok();
}

Result<> PublicHost::purge() {
  TRY(const auto text, ip_shows({"neigh", "show", "proxy"}));
  TRY(const auto present, proxies_from_json(text));
  TRY_VOID(change(proxy_commands(present, {})));
  done_.clear();
  announcements_.clear();
  in_force_.clear();
  in_force_known_ = false;
  return restore_uplinks();
}

}  // namespace angophora::nc
