#include "clc/store/security_groups.h"

#include <map>

#include "clc/domain/errors.h"
#include "clc/store/counters.h"
#include "clc/store/tags.h"

namespace angophora::clc {
namespace {

constexpr std::string_view kSelectGroup =
    "SELECT group_id, account_id, vpc_id, name, description, created_at_ms FROM security_groups ";
constexpr std::string_view kSelectRule =
    "SELECT rule_id, group_id, egress, protocol, from_port, to_port, cidr, source_group_id, "
    "source_account_id, description FROM security_group_rules ";

SecurityGroup read_group(Query& q) {
  SecurityGroup group;
  group.id = GroupId(q.text(0));
  group.account = AccountId(q.text(1));
  group.vpc = VpcId(q.text(2));
  group.name = q.text(3);
  group.description = q.text(4);
  group.created_at = from_ms(q.integer(5));
  return group;
}

SecurityGroupRule read_rule(Query& q) {
  SecurityGroupRule rule;
  rule.id = RuleId(q.text(0));
  rule.group = GroupId(q.text(1));
  rule.egress = q.integer(2) != 0;
  rule.key = {q.text(3), q.integer(4), q.integer(5), q.text(6), GroupId(q.text(7))};
  rule.source_account = AccountId(q.text(8));
  rule.description = q.text(9);
  return rule;
}

Error no_group(std::string_view what) {
  return {GroupErrc::not_found, "The security group '" + std::string(what) + "' does not exist"};
}

}  // namespace

Result<> SecurityGroups::changed() {
  TRY_VOID(Counters(tx_).raise(kNetworkVersion));
  return common::ok();
}

Result<> SecurityGroups::insert(const SecurityGroup& group) {
  TRY(auto q, tx_.prepare("INSERT INTO security_groups (group_id, account_id, vpc_id, name, "
                          "description, created_at_ms) VALUES (?1,?2,?3,?4,?5,?6)"));
  q.bind(1, group.id).bind(2, group.account).bind(3, group.vpc).bind(4, group.name);
  q.bind(5, group.description).bind(6, to_ms(group.created_at));
  const auto ran = q.run();
  if (!ran && ran.error().code == db::DbErrc::unique)
    return Error(GroupErrc::duplicate, "The security group '" + group.name +
                                           "' already exists for VPC '" + group.vpc.value + "'");
  TRY_VOID(std::move(ran));
  TRY_VOID(TagRows(tx_).put(group.account, group.id.value, group.tags));
  return changed();
}

Result<> SecurityGroups::remove(const GroupId& id) {
  TRY(auto rules, tx_.prepare("DELETE FROM security_group_rules WHERE group_id=?1"));
  TRY_VOID(rules.bind(1, id).run());
  TRY(auto q, tx_.prepare("DELETE FROM security_groups WHERE group_id=?1"));
  TRY(const auto count, q.bind(1, id).run());
  if (count == 0) return no_group(id.value);
  TRY_VOID(TagRows(tx_).remove_all(id.value));
  return changed();
}

Result<std::vector<SecurityGroupRule>> SecurityGroups::rules_of(const GroupId& id) {
  TRY(auto q, tx_.prepare(std::string(kSelectRule) + "WHERE group_id=?1 ORDER BY rule_id"));
  return all_rows(q.bind(1, id), read_rule);
}

Result<SecurityGroup> SecurityGroups::find(const AccountId& account, const GroupId& id) {
  TRY(auto q, tx_.prepare(std::string(kSelectGroup) + "WHERE group_id=?1 AND account_id=?2"));
  TRY(const bool found, q.bind(1, id).bind(2, account).step());
  if (!found) return no_group(id.value);
  auto group = read_group(q);
  TRY(group.rules, rules_of(group.id));
  return group;
}

Result<SecurityGroup> SecurityGroups::find_by_name(const AccountId& account,
                                                   std::string_view name) {
  TRY(auto q, tx_.prepare(std::string(kSelectGroup) + "WHERE name=?1 AND account_id=?2"));
  TRY(const bool found, q.bind(1, name).bind(2, account).step());
  if (!found) return no_group(name);
  auto group = read_group(q);
  TRY(group.rules, rules_of(group.id));
  return group;
}

Result<std::optional<SecurityGroup>> SecurityGroups::find_any(const GroupId& id) {
  TRY(auto q, tx_.prepare(std::string(kSelectGroup) + "WHERE group_id=?1"));
  TRY(const bool found, q.bind(1, id).step());
  if (!found) return std::optional<SecurityGroup>();
  auto group = read_group(q);
  TRY(group.rules, rules_of(group.id));
  return std::optional(std::move(group));
}

Result<std::vector<SecurityGroup>> SecurityGroups::list(const AccountId& account) {
  TRY(auto q, tx_.prepare(std::string(kSelectGroup) + "WHERE account_id=?1 ORDER BY group_id"));
  TRY(auto groups, all_rows(q.bind(1, account), read_group));
  std::map<GroupId, SecurityGroup*> by_id;
  for (auto& group : groups) by_id[group.id] = &group;
  TRY(auto r, tx_.prepare(std::string(kSelectRule) +
                          "WHERE group_id IN (SELECT group_id FROM security_groups WHERE "
                          "account_id=?1) ORDER BY rule_id"));
  TRY(auto rules, all_rows(r.bind(1, account), read_rule));
  for (auto& rule : rules) by_id[rule.group]->rules.push_back(std::move(rule));
  TRY(auto tags, TagRows(tx_).of_kind(account, "sg"));
  for (auto& group : groups) group.tags = std::move(tags[group.id.value]);
  return groups;
}

Result<bool> SecurityGroups::has_members(const GroupId& id) {
  TRY(auto q, tx_.prepare("SELECT 1 FROM instance_groups m JOIN instances i ON i.instance_id = "
                          "m.instance_id WHERE m.group_id=?1 AND i.state<>'terminated' LIMIT 1"));
  return q.bind(1, id).step();
}

Result<bool> SecurityGroups::is_source_elsewhere(const GroupId& id) {
  TRY(auto q, tx_.prepare("SELECT 1 FROM security_group_rules WHERE source_group_id=?1 "
                          "AND group_id<>?1 LIMIT 1"));
  return q.bind(1, id).step();
}

Result<std::vector<RuleId>> SecurityGroups::rules_naming(const GroupId& id) {
  TRY(auto q, tx_.prepare("SELECT rule_id FROM security_group_rules WHERE source_group_id=?1"));
  return all_rows(q.bind(1, id), [](Query& row) { return row.id<RuleId>(0); });
}

Result<> SecurityGroups::insert_rule(const SecurityGroupRule& rule) {
  TRY(auto q, tx_.prepare("INSERT INTO security_group_rules (rule_id, group_id, egress, protocol, "
                          "from_port, to_port, cidr, source_group_id, source_account_id, "
                          "description) VALUES (?1,?2,?3,?4,?5,?6,?7,?8,?9,?10)"));
  q.bind(1, rule.id).bind(2, rule.group).bind(3, rule.egress ? 1 : 0).bind(4, rule.key.protocol);
  q.bind(5, rule.key.from_port).bind(6, rule.key.to_port).bind(7, rule.key.cidr);
  q.bind(8, rule.key.source_group).bind(9, rule.source_account).bind(10, rule.description);
  const auto ran = q.run();
  if (!ran && ran.error().code == db::DbErrc::unique)
    return Error(GroupErrc::duplicate_rule,
                 "the specified rule \"" + describe(rule.key) + "\" already exists");
  TRY_VOID(std::move(ran));
  return changed();
}

Result<> SecurityGroups::remove_rule(const RuleId& id) {
  TRY(auto q, tx_.prepare("DELETE FROM security_group_rules WHERE rule_id=?1"));
  TRY_VOID(q.bind(1, id).run());
  return changed();
}

}  // namespace angophora::clc
