// The zone's network as the cluster controller hands it to a node: complete each time, with a
// version that only grows. Values, no I/O.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "common/base/id.h"

namespace angophora::nc {

struct NetworkRule {
  std::string protocol;        // tcp, udp, icmp, -1 (all) or a protocol number
  std::int32_t from_port = 0;  // ICMP: type, -1 for all
  std::int32_t to_port = 0;    // ICMP: code, -1 for all
  // Exactly one of the two is set.
  std::string cidr;
  common::GroupId source_group;
  bool operator==(const NetworkRule&) const = default;
};

struct NetworkGroup {
  common::GroupId id;
  std::vector<NetworkRule> ingress;
  std::vector<NetworkRule> egress;  // with none nothing goes out
  std::string name = {};
  bool operator==(const NetworkGroup&) const = default;
};

struct NetworkInstance {
  common::InstanceId id;
  common::AccountId account_id;
  std::string mac_address;
  std::string private_ip;
  std::string public_ip;       // empty: none
  common::NodeName node_name;  // empty: not placed yet
  std::vector<common::GroupId> groups;
  bool operator==(const NetworkInstance&) const = default;
};

// Where a node takes packets for the instances placed on it.
struct NetworkNode {
  common::NodeName name;
  std::string address;
  bool operator==(const NetworkNode&) const = default;
};

struct NetworkDocument {
  std::int64_t version = 0;
  std::string subnet_cidr;
  std::string gateway;
  std::vector<std::string> dns_servers;
  std::string dns_domain;
  std::string region;  // empty: not said
  std::vector<NetworkInstance> instances;
  std::vector<NetworkGroup> groups;
  std::vector<NetworkNode> nodes;
  bool operator==(const NetworkDocument&) const = default;
};

// What a guest is told of its network that may change while it lives.
struct NetworkFacts {
  std::string public_ip;  // empty: none
  std::vector<std::string> group_names;
  bool operator==(const NetworkFacts&) const = default;
};

// By instance.
std::map<common::InstanceId, NetworkFacts> facts_in(const NetworkDocument& document);

}  // namespace angophora::nc
