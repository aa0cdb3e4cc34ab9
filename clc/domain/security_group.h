// Security groups and their rules as values.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "clc/domain/ids.h"
#include "clc/domain/tag.h"
#include "common/base/result.h"
#include "common/base/time.h"

namespace angophora::clc {

inline constexpr char kDefaultGroupName[] = "default";

// What a rule lets pass; two equal ones in a group are one.
struct RuleKey {
  std::string protocol;         // tcp, udp, icmp, a protocol number, or -1 for all
  std::int64_t from_port = -1;  // or the ICMP type; -1 is all
  std::int64_t to_port = -1;    // or the ICMP code; -1 is all
  std::string cidr;             // either this, normalised: 10.0.0.0/8
  GroupId source_group;         // or that
  auto operator<=>(const RuleKey&) const = default;
};

struct SecurityGroupRule {
  RuleId id;
  GroupId group;
  bool egress = false;
  RuleKey key;
  AccountId source_account;  // of source_group
  std::string description;
};

struct SecurityGroup {
  GroupId id;
  AccountId account;
  VpcId vpc;
  std::string name;
  std::string description;
  common::SysTime created_at{};
  std::vector<SecurityGroupRule> rules;  // in the order of their ids
  Tags tags;
};

// A protocol as rules keep it: names in small letters, numbers of known protocols as names ("6" is
// tcp), "all" as -1. GroupErrc::bad_rule for what is none.
common::Result<std::string> normal_protocol(std::string_view text);
// 10.1.2.3/8 becomes 10.0.0.0/8, 10.1.2.3 becomes 10.1.2.3/32. GroupErrc::bad_rule.
common::Result<std::string> normal_cidr(std::string_view text);
// Checks ports against the protocol: 0 to 65535 and ordered for tcp and udp, -1 to 255 for icmp.
// Protocols without ports keep -1 whatever was asked. GroupErrc::bad_rule.
common::Result<> check_ports(RuleKey& rule);

// Names and descriptions of groups: up to 255 characters of a-zA-Z0-9 ._-:/()#,@[]+=&;{}!$*
bool is_group_text(std::string_view text);

// "peer: 10.0.0.0/8, tcp, from port: 22, to port: 22", for sentences.
std::string describe(const RuleKey& rule);

}  // namespace angophora::clc
