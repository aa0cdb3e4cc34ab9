// Adding rules to a group and taking them away, for both directions.
#include <algorithm>

#include "clc/actions/rule_parameters.h"

namespace angophora::clc::actions {
namespace {

const SecurityGroupRule* find_rule(const SecurityGroup& group, bool egress, const RuleKey& key) {
  for (const auto& rule : group.rules)
    if (rule.egress == egress && rule.key == key) return &rule;
  return nullptr;
}

Result<std::vector<SecurityGroupRule>> add_all(Tx& tx, Services& s, const Caller& caller,
                                               const RuleRequest& request,
                                               const std::vector<WantedRule>& wanted, bool egress,
                                               std::int64_t count_max) {
  TRY_VOID(ensure_default_network(tx, s.runtime, caller.account, s.config.instance_network));
  TRY(const auto group, find_group(tx, caller.account, request.group_id, request.group_name));
  const auto present = std::count_if(group.rules.begin(), group.rules.end(),
                                     [&](const auto& rule) { return rule.egress == egress; });
  if (present + static_cast<std::int64_t>(wanted.size()) > count_max)
    return Error(GroupErrc::too_many_rules, "The security group " + group.id.value + " may have " +
                                                std::to_string(count_max) +
                                                " rules of one direction, and not more");
  std::vector<SecurityGroupRule> added;
  for (const auto& one : wanted) {
    TRY(auto rule, resolve(tx, caller.account, one));
    rule.id = new_id<RuleId>(s.runtime, "sgr");
    rule.group = group.id;
    rule.egress = egress;
    TRY_VOID(SecurityGroups(tx).insert_rule(rule));
    added.push_back(std::move(rule));
  }
  return added;
}

Result<> remove_all(Tx& tx, Services& s, const Caller& caller, const RuleRequest& request,
                    const std::vector<WantedRule>& wanted, bool egress) {
  TRY_VOID(ensure_default_network(tx, s.runtime, caller.account, s.config.instance_network));
  TRY(const auto group, find_group(tx, caller.account, request.group_id, request.group_name));
  std::vector<RuleId> ids;
  for (const auto& one : wanted) {
    TRY(const auto rule, resolve(tx, caller.account, one));
    const auto* found = find_rule(group, egress, rule.key);
    if (!found)
      return Error(GroupErrc::rule_not_found, "The specified rule (" + describe(rule.key) +
                                                  ") does not exist in the security group " +
                                                  group.id.value);
    ids.push_back(found->id);
  }
  for (const auto& id : request.rule_ids) {
    const bool found = std::any_of(group.rules.begin(), group.rules.end(), [&](const auto& rule) {
      return rule.id == id && rule.egress == egress;
    });
    if (!found)
      return Error(GroupErrc::rule_id_not_found,
                   "The security group rule ID '" + id.value + "' does not exist");
    ids.push_back(id);
  }
  for (const auto& id : ids) TRY_VOID(SecurityGroups(tx).remove_rule(id));
  return common::ok();
}

}  // namespace

Task<Reply> authorize(Services& s, Caller caller, RuleRequest request, bool egress) {
  CO_TRY(const auto wanted, wanted_rules(request, caller.version));
  if (wanted.empty()) co_return missing_parameter("IpPermissions");
  const auto count_max = s.properties.number("cloud.security_group_rules_max");
  const auto change = [&s, caller, request, wanted, egress, count_max](Tx& tx) {
    return add_all(tx, s, caller, request, wanted, egress, count_max);
  };
  CO_TRY(const auto added, co_await commit(s, caller, change));
  s.changes.network.notify();
  auto reply = reply_true();
  add_rules(reply, added, caller.account);
  co_return reply;
}

Task<Reply> revoke(Services& s, Caller caller, RuleRequest request, bool egress) {
  CO_TRY(const auto wanted, wanted_rules(request, caller.version));
  if (wanted.empty() && request.rule_ids.empty()) co_return missing_parameter("IpPermissions");
  const auto change = [&s, caller, request, wanted, egress](Tx& tx) {
    return remove_all(tx, s, caller, request, wanted, egress);
  };
  CO_TRY_VOID(co_await commit(s, caller, change));
  s.changes.network.notify();
  co_return reply_true();
}

}  // namespace angophora::clc::actions
