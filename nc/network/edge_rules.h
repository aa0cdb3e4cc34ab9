// What the packet filter of one node must say: a pure function of settings, document and ports.
//
// Every guest's packet crosses three gates. `guard` (before connection tracking) drops what does
// not carry the MAC and address of its tap. `input` keeps guests away from the node itself.
// `egress` and `ingress`, two chains so that both sides' groups have a say when two guests of one
// node talk, hold the security groups; what no rule allows is dropped. What they let through is
// counted in a table of its own, `limits`, which depends on settings alone: a table that is written
// anew forgets what it counted.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "nc/domain/network_document.h"
#include "nc/network/edge_options.h"
#include "nc/network/network.h"
#include "nc/network/ruleset.h"

namespace angophora::nc {

struct EdgeState {
  NetworkDocument document;  // version 0: none yet, so all but DHCP and metadata is closed
  std::vector<Port> ports;   // of this node's guests; addresses already checked
};

Ruleset edge_rules(const EdgeOptions& options, const EdgeState& state);

// One security-group rule in nft's words, the peer being `peer` ("saddr" or "daddr"); nothing when
// it cannot be said (IPv6, an unknown protocol), which leaves that traffic closed.
std::optional<std::string> rule_text(const NetworkRule& rule, const std::string& peer);

// The rules of a document that edge_rules leaves out, a sentence each, for the log.
std::vector<std::string> unusable_rules(const NetworkDocument& document);

// Errc::invalid_argument, with what is wrong, for a document that must not be applied at all.
common::Result<> check_document(const NetworkDocument& document);

// The servers that guests are told; with none in the document the node answers DNS itself.
bool node_answers_dns(const NetworkDocument& document);

}  // namespace angophora::nc
