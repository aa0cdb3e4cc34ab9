// How rules look in answers.
#include <map>
#include <tuple>

#include "clc/actions/rule_parameters.h"

namespace angophora::clc::actions {
namespace {

void add_ports(Element& into, const RuleKey& key) {
  if (key.protocol != "tcp" && key.protocol != "udp" && key.protocol != "icmp") return;
  into.add("fromPort", key.from_port).add("toPort", key.to_port);
}

void add_rule(const SecurityGroupRule& rule, const AccountId& owner, Element& item) {
  item.add("securityGroupRuleId", rule.id).add("groupId", rule.group);
  item.add("groupOwnerId", owner).add("isEgress", rule.egress);
  item.add("ipProtocol", rule.key.protocol);
  item.add("fromPort", rule.key.from_port).add("toPort", rule.key.to_port);
  if (!rule.key.cidr.empty()) {
    item.add("cidrIpv4", rule.key.cidr);
  } else {
    auto& source = item.child("referencedGroupInfo");
    source.add("groupId", rule.key.source_group).add("userId", rule.source_account);
  }
  if (!rule.description.empty()) item.add("description", rule.description);
  item.child("tagSet");
}

}  // namespace

void add_rules(Element& into, const std::vector<SecurityGroupRule>& rules, const AccountId& owner) {
  into.list("securityGroupRuleSet", rules,
            [&](const auto& rule, Element& item) { add_rule(rule, owner, item); });
}

void add_permissions(Element& into, const std::string& name, const SecurityGroup& group,
                     bool egress, const std::map<GroupId, std::string>& group_names) {
  using Ports = std::tuple<std::string, std::int64_t, std::int64_t>;
  std::map<Ports, std::vector<const SecurityGroupRule*>> by_ports;
  for (const auto& rule : group.rules)
    if (rule.egress == egress)
      by_ports[{rule.key.protocol, rule.key.from_port, rule.key.to_port}].push_back(&rule);

  into.list(name, by_ports, [&](const auto& entry, Element& item) {
    item.add("ipProtocol", entry.second.front()->key.protocol);
    add_ports(item, entry.second.front()->key);
    Element groups("groups"), ranges("ipRanges");
    for (const auto* rule : entry.second) {
      const bool is_range = !rule->key.cidr.empty();
      auto& source = (is_range ? ranges : groups).child("item");
      if (is_range) {
        source.add("cidrIp", rule->key.cidr);
      } else {
        source.add("userId", rule->source_account).add("groupId", rule->key.source_group);
        const auto known = group_names.find(rule->key.source_group);
        if (known != group_names.end()) source.add("groupName", known->second);
      }
      if (!rule->description.empty()) source.add("description", rule->description);
    }
    item.add(std::move(groups)).add(std::move(ranges));
    item.child("ipv6Ranges");
    item.child("prefixListIds");
  });
}

}  // namespace angophora::clc::actions
