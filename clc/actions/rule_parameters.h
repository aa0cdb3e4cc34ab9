// Rules as Authorize/RevokeSecurityGroup{Ingress,Egress} take and show them.
#pragma once

#include <optional>
#include <vector>

#include "clc/actions/action.h"
#include "clc/domain/security_group.h"
#include "clc/store/security_groups.h"

namespace angophora::clc::actions {

struct IpRange {
  std::string cidr;
  std::string description;
  static constexpr auto params() {
    return std::to_array<Param<IpRange>>(
        {required<&IpRange::cidr>("CidrIp"), optional<&IpRange::description>("Description")});
  }
};

struct GroupPair {
  GroupId id;
  std::string name;
  AccountId account;
  std::string description;
  VpcId vpc;
  static constexpr auto params() {
    return std::to_array<Param<GroupPair>>({
        optional<&GroupPair::id>("GroupId"),
        optional<&GroupPair::name>("GroupName"),
        optional<&GroupPair::account>("UserId"),
        optional<&GroupPair::description>("Description"),
        optional<&GroupPair::vpc>("VpcId"),
        refused<GroupPair>("VpcPeeringConnectionId", "VPCs cannot be peered"),
    });
  }
};

struct IpPermission {
  std::string protocol;
  std::optional<std::int64_t> from_port, to_port;
  std::vector<IpRange> ranges;
  std::vector<GroupPair> groups;
  static constexpr auto params() {
    return std::to_array<Param<IpPermission>>({
        required<&IpPermission::protocol>("IpProtocol"),
        optional<&IpPermission::from_port>("FromPort"),
        optional<&IpPermission::to_port>("ToPort"),
        optional<&IpPermission::ranges>("IpRanges"),
        optional<&IpPermission::groups>("Groups"),
        refused<IpPermission>("Ipv6Ranges", "the instances' network has no IPv6"),
        refused<IpPermission>("PrefixListIds", "there are no prefix lists"),
    });
  }
};

struct RuleRequest {
  GroupId group_id;
  std::string group_name;
  std::vector<IpPermission> permissions;
  // The older form: one rule without a list.
  std::string protocol, cidr, source_group_name;
  AccountId source_group_owner;
  std::optional<std::int64_t> from_port, to_port;
  std::vector<RuleId> rule_ids;  // of Revoke only
};

// One rule that was asked for; its source group is not looked up yet.
struct WantedRule {
  RuleKey key;
  std::string source_group_name;
  AccountId source_account;
  VpcId source_vpc;
  std::string description;
};

// What the request asks for, checked as far as that goes without the database. In the API versions
// that Eucalyptus' tools send, groups win over the address 0.0.0.0/0 beside them, as they do in
// Eucalyptus: `euca-authorize -o GROUP` always sends both, and means the group alone.
Result<std::vector<WantedRule>> wanted_rules(RuleRequest request, std::string_view version);
// Fills in the source group's id and account. Groups of other accounts are not there, as in AWS'
// VPCs that are not peered. GroupErrc::not_found, vpc_not_found.
Result<SecurityGroupRule> resolve(Tx& tx, const AccountId& caller, const WantedRule& wanted);
// The group that the request names, by id or name.
Result<SecurityGroup> find_group(Tx& tx, const AccountId& caller, const GroupId& id,
                                 const std::string& name);

// <securityGroupRuleSet>.
void add_rules(Element& into, const std::vector<SecurityGroupRule>& rules, const AccountId& owner);
// <NAME> with one item per protocol and ports, as DescribeSecurityGroups shows rules.
// `group_names` are those of groups that the caller may see.
void add_permissions(Element& into, const std::string& name, const SecurityGroup& group,
                     bool egress, const std::map<GroupId, std::string>& group_names);

// The whole of the two Authorize and the two Revoke actions.
Task<Reply> authorize(Services& s, Caller caller, RuleRequest request, bool egress);
Task<Reply> revoke(Services& s, Caller caller, RuleRequest request, bool egress);

}  // namespace angophora::clc::actions
