// Public addresses of this node's guests. The node answers ARP for them on its uplink (as a proxy:
// they are never its own, so none of its services can be reached under them) and routes them to the
// guests' taps. The rules' NAT makes private addresses of them before a route is looked up; the
// route is what makes the kernel answer for them.
//
// Threads: what takes values only is pure; the rest is for the pool, one call at a time, and
// blocks.
#pragma once

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "nc/network/edge_rules.h"
#include "nc/network/far_routes.h"

namespace angophora::nc {

// Public address -> tap of its guest.
using PublicRoutes = std::map<std::string, std::string>;
PublicRoutes public_routes(const EdgeState& state);

// Public address -> private address, of all guests of the zone.
using PublicHolders = std::map<std::string, std::string>;
PublicHolders public_holders(const NetworkDocument& document);
// Those that lead elsewhere, or nowhere, or somewhere for the first time.
std::vector<std::string> changed_addresses(const PublicHolders& before, const PublicHolders& now);

// Networks on this host's own links, and its ways out, the preferred ones first: an interface and
// "192.0.2.0/24", or "default".
using Links = std::vector<std::pair<std::string, std::string>>;
// What `ip -json -4 route show` says of them, ours left out; Errc::corrupt for what is no such
// text.
common::Result<Links> links_from_json(std::string_view text);
// Where others ask for `address`: on the link whose network it is in, else on the way out; "" when
// there is none.
std::string uplink_of(const Links& links, const std::string& address);

// An address, and the interface on which this node answers for it.
using Proxies = std::set<std::pair<std::string, std::string>>;
// Ours of what `ip -json neigh show proxy` says.
common::Result<Proxies> proxies_from_json(std::string_view text);
// The commands for `ip -batch` that turn one into the other.
std::string proxy_commands(const Proxies& present, const Proxies& wanted);
// `present` may hold other routes of ours to the guests' taps; `others` are left alone.
std::string public_route_commands(const NearRoutes& present, const PublicRoutes& wanted,
                                  const std::set<std::string>& others);

// Brings the host there and announces what is new.
class PublicHost {
 public:
  explicit PublicHost(const EdgeOptions& options) : options_(options) {}

  // Routes and proxies as wanted. What the kernel refuses, for a tap that could not be made,
  // hinders no other; it is tried again by the next call.
  common::Result<> converge(const EdgeState& wanted);
  // Whether an announcement is still to be repeated by the next calls: one that came while the
  // holder before still answered may have been overwritten.
  bool is_announcing() const { return !announcements_.empty(); }
  // Forgets, on this host's side, all connections of addresses that lead elsewhere now. Called once
  // the rules are in force.
  void cut(const NetworkDocument& document);
  // Takes everything back.
  common::Result<> purge();

 private:
  common::Result<Proxies> wanted_proxies(const PublicRoutes& routes) const;
  common::Result<> change(const std::string& commands);
  common::Result<> prepare_uplink(const std::string& dev);
  common::Result<> restore_uplinks();
  void announce(const Proxies& wanted);
  std::string delay_file(const std::string& dev) const {
    return options_.state_dir + "/proxy_delay." + dev + ".before";
  }

  const EdgeOptions& options_;
  bool in_force_known_ = false;
  PublicHolders in_force_;
  Proxies done_;
  std::string trouble_;                               // what the last change could not do
  std::map<Proxies::value_type, int> announcements_;  // how many are left
};

}  // namespace angophora::nc
