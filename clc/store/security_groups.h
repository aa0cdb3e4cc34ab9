// Security groups with their rules, and the default VPC that each account's groups stand in. Every
// change of a rule or group raises the network's version.
#pragma once

#include <optional>
#include <vector>

#include "clc/domain/security_group.h"
#include "clc/store/rows.h"

namespace angophora::clc {

// What every account has from its first use on.
struct DefaultNetwork {
  VpcId vpc;
  GroupId group;  // named "default"
};

// The account's default VPC and default group; makes them when they are missing. The group lets in
// what comes from its own members, and everything out.
Result<DefaultNetwork> ensure_default_network(Tx& tx, common::Runtime& runtime,
                                              const AccountId& account, std::string_view cidr);
// The account's default subnet in `zone`; makes it (and the VPC) when it is missing.
Result<SubnetId> ensure_default_subnet(Tx& tx, common::Runtime& runtime, const AccountId& account,
                                       const ZoneName& zone, std::string_view cidr);
// Nothing when the account has not used the network yet.
Result<std::optional<VpcId>> find_default_vpc(Tx& tx, const AccountId& account);

class SecurityGroups {
 public:
  explicit SecurityGroups(Tx& tx) : tx_(tx) {}

  // GroupErrc::duplicate when the VPC has one of that name. Rules are not written.
  Result<> insert(const SecurityGroup& group);
  Result<> remove(const GroupId& id);
  // GroupErrc::not_found when the account has no such group. Rules are filled in.
  Result<SecurityGroup> find(const AccountId& account, const GroupId& id);
  Result<SecurityGroup> find_by_name(const AccountId& account, std::string_view name);
  // Of any account, for a rule's source and for the network. Rules are filled in.
  Result<std::optional<SecurityGroup>> find_any(const GroupId& id);
  Result<std::vector<SecurityGroup>> list(const AccountId& account);  // by id
  // True when an instance that is not terminated is in it.
  Result<bool> has_members(const GroupId& id);
  // True when a rule of another group names `id` as its source.
  Result<bool> is_source_elsewhere(const GroupId& id);
  // The rules, of any group, that name `id` as their source.
  Result<std::vector<RuleId>> rules_naming(const GroupId& id);

  // GroupErrc::duplicate_rule when the group has it.
  Result<> insert_rule(const SecurityGroupRule& rule);
  Result<> remove_rule(const RuleId& id);

 private:
  Result<std::vector<SecurityGroupRule>> rules_of(const GroupId& id);
  Result<> changed();
  Tx& tx_;
};

}  // namespace angophora::clc
