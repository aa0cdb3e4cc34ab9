#include "nc/network/edge_host.h"

#include <sys/stat.h>

#include <chrono>
#include <filesystem>
#include <set>

#include "common/log/log.h"
#include "common/process/process.h"
#include "nc/network/addresses.h"
#include "nc/network/document_file.h"
#include "nc/network/files.h"
#include "nc/network/foreign_rules.h"
#include "nc/network/links.h"

namespace angophora::nc {
namespace {

using common::Error;
using common::Result;
using namespace std::chrono_literals;

Result<> nft(const std::string& script) {
  TRY_VOID(process::run_checked({.argv = {"nft", "-f", "-"}, .input = script, .limit = 60s}));
  return common::ok();
}

// Our tables as the kernel has them now, without the sets' elements, some of which the kernel adds
// by itself; empty when one is missing.
std::string list_tables() {
  std::string out;
  for (const auto& [family, name] :
       {std::pair("inet", std::string(kFilterTable)), std::pair("inet", std::string(kLimitsTable)),
        std::pair("ip", std::string(kNatTable)), std::pair("arp", std::string(kArpTable))}) {
    const auto table =
        process::run_checked({.argv = {"nft", "--terse", "list", "table", family, name},
                              .limit = 60s,
                              .output_bytes_max = 64u << 20});
    if (!table) return "";
    out += table.value();
  }
  return out;
}

// The address' next owner starts with none of its connections, and the set of those who are counted
// does not fill up. Without the conntrack program, or where nothing is counted, nothing happens.
void forget_guest(const std::string& address) {
  forget_connections(address);
  (void)process::run({.argv = {"nft", "delete element inet " + std::string(kLimitsTable) +
                                          " connections { " + address + " }"}});
}

}  // namespace

EdgeHost::EdgeHost(EdgeOptions options)
    : options_(std::move(options)), dhcp_(options_), public_(options_) {}

Result<> EdgeHost::prepare() {
  TRY_VOID(make_open_folder(options_.state_dir));
  // What the whole cloud's network looks like is not for every user of the host.
  if (chmod(options_.state_dir.c_str(), 0700) != 0)
    return common::errno_error(errno, "protecting " + options_.state_dir);
  TRY_VOID(make_open_folder(options_.run_dir));
  TRY(const auto old_value, enable_forwarding());
  if (old_value) {
    log::info("network.host_changed",
              {{"what", "net.ipv4.ip_forward"}, {"from", *old_value}, {"to", "1"}});
    TRY_VOID(replace_file(forwarding_path(), *old_value, true));
  }
  TRY_VOID(ensure_bridge(options_));
  const auto drops = find_foreign_drops();
  if (!drops) log::warn("network.foreign_rules_unknown", {{"error", drops.error()}});
  for (const auto& drop : drops ? drops.value() : std::vector<std::string>())
    log::warn("network.foreign_drop",
              {{"rule", drop},
               {"effect", "guests reach neither each other nor the outside"},
               {"advice", "let it accept traffic from and to the interfaces angot*"}});
  return common::ok();
}

Result<EdgeHost::PortFailures> EdgeHost::converge(const EdgeState& wanted) {
  // Rules come first: a tap is never up without them.
  TRY_VOID(converge_rules(wanted));
  TRY_VOID(restore_links());
  TRY_VOID(converge_subnet(wanted));
  TRY(auto failures, converge_taps(wanted));
  TRY_VOID(public_.converge(wanted));
  TRY_VOID(converge_far_routes(wanted));
  TRY_VOID(dhcp_.apply(wanted));
  return failures;
}

Result<> EdgeHost::converge_rules(const EdgeState& wanted) {
  auto rules = edge_rules(options_, wanted);
  const auto script = applied_ ? change_script(*applied_, rules) : replace_script(rules);
  if (script.empty()) {
    public_.cut(wanted.document);
    return common::ok();
  }
  auto done = nft(script);
  if (!done && applied_) done = nft(replace_script(rules));  // somebody changed our tables
  applied_.reset();
  TRY_VOID(done);
  public_.cut(wanted.document);  // at once: listing large tables takes its time
  applied_ = std::move(rules);
  tables_ = list_tables();
  return common::ok();
}

void EdgeHost::check_tables() {
  if (!applied_) return;
  // None at all is a change too: they may have gone between being written and being listed.
  const auto now = list_tables();
  if (!now.empty() && now == tables_) return;
  log::warn("network.tables_changed", {{"effect",
                                        "somebody changed our packet filter tables; "
                                        "they are written anew"}});
  applied_.reset();
}

// What was made here and is not there any more: the bridge is made again, and the rest forgotten,
// so that the next steps repeat it.
Result<> EdgeHost::restore_links() {
  std::set<std::string> addresses{options_.metadata_address};
  if (subnet_document_.version != 0) addresses.insert(subnet_document_.gateway);
  if (!bridge_is_up(addresses)) {
    auto made = ensure_bridge(options_);
    if (!made)
      return std::move(made).error().while_doing("restoring the guests' gateway " +
                                                 std::string(kBridge));
    subnet_document_ = {};
    log::warn("network.bridge_restored",
              {{"bridge", kBridge}, {"because", "somebody removed it or one of its addresses"}});
  }
  TRY(const auto routes, near_routes());
  if (const auto subnet = parse_cidr(subnet_document_.subnet_cidr);
      subnet && !routes.contains(format_cidr(*subnet)))
    subnet_document_ = {};
  for (auto& [tap, port] : done_) {
    const auto route = routes.find(port.private_ip);
    // A port of no card differs from the wanted one; its address still says whose connections end.
    if (route == routes.end() || route->second != tap) port.mac_address.clear();
  }
  return common::ok();
}

Result<> EdgeHost::converge_subnet(const EdgeState& wanted) {
  const auto& now = wanted.document;
  if (now.version == 0) return common::ok();
  const bool same = subnet_document_.version != 0 && subnet_document_.gateway == now.gateway &&
                    subnet_document_.subnet_cidr == now.subnet_cidr;
  if (same) return common::ok();
  TRY_VOID(ensure_subnet(subnet_document_, now));
  subnet_document_.version = now.version;
  subnet_document_.gateway = now.gateway;
  subnet_document_.subnet_cidr = now.subnet_cidr;
  return common::ok();
}

Result<> EdgeHost::converge_far_routes(const EdgeState& wanted) {
  TRY(const auto refused, ensure_far_routes(far_routes(wanted, own_addresses())));
  std::set<std::string> unroutable;
  for (const auto& [guest, node] : refused) unroutable.insert(node);
  for (const auto& node : unroutable)
    if (!unroutable_.contains(node))
      log::warn("network.node_unroutable",
                {{"node", node},
                 {"effect", "its guests and those of this node do not reach each other"},
                 {"advice", "give all nodes addresses of one link and register them under those"}});
  unroutable_ = std::move(unroutable);
  return common::ok();
}

Result<> EdgeHost::remove_strangers(const EdgeState& wanted) {
  std::set<std::string> names;
  for (const auto& port : wanted.ports) names.insert(port.tap);
  for (const auto& tap : interfaces_with(kTapPrefix)) {
    if (names.contains(tap)) continue;
    TRY_VOID(remove_tap(tap));
    log::info("network.tap_removed", {{"tap", tap}});
  }
  for (auto it = done_.begin(); it != done_.end();) {
    if (names.contains(it->first)) {
      ++it;
      continue;
    }
    forget_guest(it->second.private_ip);
    it = done_.erase(it);
  }
  return common::ok();
}

Result<EdgeHost::PortFailures> EdgeHost::converge_taps(const EdgeState& wanted) {
  TRY_VOID(remove_strangers(wanted));
  PortFailures failures;
  const auto present = interfaces_with(kTapPrefix);
  for (const auto& port : wanted.ports) {
    const auto known = done_.find(port.tap);
    if (known != done_.end() && known->second == port && present.contains(port.tap)) continue;
    const auto made = ensure_tap(options_, port);
    if (!made) {
      failures.emplace(port.instance, made.error());
      log::error("network.tap_failed",
                 {{"instance", port.instance}, {"tap", port.tap}, {"error", made.error()}});
      continue;
    }
    if (!present.contains(port.tap)) {
      forget_connections(port.private_ip);
      log::info("network.tap_made",
                {{"instance", port.instance}, {"tap", port.tap}, {"address", port.private_ip}});
    }
    done_[port.tap] = port;
  }
  return failures;
}

std::optional<NetworkDocument> EdgeHost::load_document() {
  const auto text = read_small_file(document_path());
  if (!text) return std::nullopt;
  auto document = document_from_json(*text);
  if (document) return std::move(document).value();
  log::warn("network.document_unreadable", {{"error", document.error()}});
  return std::nullopt;
}

Result<> EdgeHost::store_document(const NetworkDocument& document) {
  return replace_file(document_path(), document_to_json(document), true);
}

Result<> EdgeHost::purge() {
  TRY_VOID(dhcp_.remove());
  TRY_VOID(public_.purge());
  TRY_VOID(remove_all_links());
  TRY_VOID(nft(delete_script(edge_rules(options_, {}))));
  if (const auto old_value = read_small_file(forwarding_path())) {
    TRY_VOID(restore_forwarding(*old_value));
    log::info("network.host_changed", {{"what", "net.ipv4.ip_forward"}, {"to", *old_value}});
  }
  std::error_code ignored;
  std::filesystem::remove(forwarding_path(), ignored);
  std::filesystem::remove(document_path(), ignored);
  std::filesystem::remove(options_.run_dir, ignored);  // only when it is empty
  std::filesystem::remove(options_.state_dir, ignored);
  applied_.reset();
  subnet_document_ = {};
  done_.clear();
  unroutable_.clear();
  return common::ok();
}

}  // namespace angophora::nc
