// Brings this host to what EDGE wants: rules, taps, routes, DHCP. Remembers what it did, so that a
// small change is a small command.
//
// Threads: one call at a time, on the pool; all calls block.
// Errors:  Errc::io with the command that failed and its words.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "nc/network/dhcp_server.h"
#include "nc/network/edge_rules.h"
#include "nc/network/far_routes.h"
#include "nc/network/public_addresses.h"

namespace angophora::nc {

class EdgeHost {
 public:
  using PortFailures = std::map<common::InstanceId, common::Error>;

  explicit EdgeHost(EdgeOptions options);

  // Once, first: folders, packet forwarding, the gateway bridge. Logs each change to the host and
  // each foreign rule that would drop guests' traffic.
  common::Result<> prepare();

  // Makes the host match, also where somebody took away what was there. A port that cannot be made
  // is named in the answer and hinders no other.
  common::Result<PortFailures> converge(const EdgeState& wanted);

  // Whether the next converge() has something to repeat to the neighbours, in about a second.
  bool is_announcing() const { return public_.is_announcing(); }

  // Looks whether somebody else changed our tables; converge() then writes them anew.
  void check_tables();

  // The last document stored, if there is one that can be read.
  std::optional<NetworkDocument> load_document();
  common::Result<> store_document(const NetworkDocument& document);

  // Removes all of ours from the host, whoever made it, and puts settings of the host back.
  common::Result<> purge();

 private:
  common::Result<> converge_rules(const EdgeState& wanted);
  common::Result<> restore_links();
  common::Result<> converge_subnet(const EdgeState& wanted);
  common::Result<PortFailures> converge_taps(const EdgeState& wanted);
  common::Result<> converge_far_routes(const EdgeState& wanted);
  common::Result<> remove_strangers(const EdgeState& wanted);
  std::string document_path() const { return options_.state_dir + "/document.json"; }
  std::string forwarding_path() const { return options_.state_dir + "/ip_forward.before"; }

  const EdgeOptions options_;
  DhcpServer dhcp_;
  PublicHost public_;
  std::optional<Ruleset> applied_;    // in the kernel, as far as we know
  std::string tables_;                // as nft printed them after the last change
  NetworkDocument subnet_document_;   // whose gateway address is in place
  std::map<std::string, Port> done_;  // by tap
  std::set<std::string> unroutable_;  // addresses of nodes that no route could lead over last time
};

}  // namespace angophora::nc
