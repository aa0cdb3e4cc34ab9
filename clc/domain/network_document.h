// The network of all instances as one value: who has which address, and what their groups let in
// and out. Each zone gets it as a versioned document. Pure.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "clc/domain/addresses.h"
#include "clc/domain/instance.h"

namespace angophora::clc {

struct NetworkRule {
  std::string protocol;         // tcp, udp, icmp, -1 or a number
  std::int64_t from_port = -1;  // or the ICMP type
  std::int64_t to_port = -1;    // or the ICMP code
  std::string cidr;             // either this
  GroupId source_group;         // or that
};

struct NetworkGroup {
  GroupId id;
  std::string name;
  std::vector<NetworkRule> ingress;
  std::vector<NetworkRule> egress;
};

struct NetworkInstance {
  InstanceId id;
  AccountId account;
  std::string mac;
  std::uint32_t private_ip = 0;
  std::uint32_t public_ip = 0;  // 0: none
  NodeName node;
  std::vector<GroupId> groups;
};

// Where a node takes packets for its instances.
struct NetworkNode {
  NodeName name;
  std::uint32_t address = 0;
};

struct NetworkDocument {
  std::int64_t version = 0;
  InstanceNetwork network;
  std::vector<std::string> dns_servers;
  std::string dns_domain;
  std::string region;
  std::vector<NetworkInstance> instances;  // in the order of ids
  std::vector<NetworkGroup> groups;        // in the order of ids
  std::vector<NetworkNode> nodes;          // in the order of names
};

// All that differs when the network does, as text; the version is left out.
std::string canonical_text(const NetworkDocument& document);

// The groups that `instances` are in.
std::set<GroupId> groups_of(const std::vector<NetworkInstance>& instances);

}  // namespace angophora::clc
