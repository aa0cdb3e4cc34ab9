#include "clc/actions/rule_parameters.h"

namespace angophora::clc::actions {
namespace {

Error bad_rule(std::string message) { return {GroupErrc::bad_rule, std::move(message)}; }

Result<RuleKey> key_of(const std::string& protocol, std::optional<std::int64_t> from,
                       std::optional<std::int64_t> to) {
  RuleKey key;
  TRY(key.protocol, normal_protocol(protocol));
  const bool has_ports = key.protocol == "tcp" || key.protocol == "udp";
  if (has_ports && (!from || !to))
    return bad_rule("The rule for " + key.protocol + " must have both FromPort and ToPort");
  key.from_port = from.value_or(-1);
  key.to_port = to.value_or(-1);
  TRY_VOID(check_ports(key));
  return key;
}

Result<> check_description(const std::string& text) {
  if (text.empty() || is_group_text(text)) return common::ok();
  return bad_rule(
      "Invalid rule description: up to 255 characters of a-z, A-Z, 0-9, spaces and "
      "._-:/()#,@[]+=&;{}!$* are allowed");
}

Result<> add_permission(const IpPermission& permission, std::vector<WantedRule>& into) {
  TRY(const auto key, key_of(permission.protocol, permission.from_port, permission.to_port));
  if (permission.ranges.empty() && permission.groups.empty())
    return missing_parameter("IpPermissions.N.IpRanges");
  for (const auto& range : permission.ranges) {
    WantedRule rule{key, {}, {}, {}, range.description};
    TRY(rule.key.cidr, normal_cidr(range.cidr));
    TRY_VOID(check_description(rule.description));
    into.push_back(std::move(rule));
  }
  for (const auto& pair : permission.groups) {
    WantedRule rule{key, pair.name, pair.account, pair.vpc, pair.description};
    rule.key.source_group = pair.id;
    if (pair.id.empty() && pair.name.empty())
      return missing_parameter("IpPermissions.N.Groups.M.GroupId");
    TRY_VOID(check_description(rule.description));
    into.push_back(std::move(rule));
  }
  return common::ok();
}

// The first version that Eucalyptus' own tools do not send.
constexpr std::string_view kFirstAwsVersion = "2016-11-15";

void let_groups_win(IpPermission& permission) {
  if (permission.groups.empty()) return;
  std::erase_if(permission.ranges, [](const IpRange& range) { return range.cidr == "0.0.0.0/0"; });
}

bool uses_older_form(const RuleRequest& r) {
  return !r.cidr.empty() || !r.protocol.empty() || !r.source_group_name.empty() || r.from_port ||
         r.to_port || !r.source_group_owner.empty();
}

Result<> add_older_form(const RuleRequest& r, std::vector<WantedRule>& into) {
  if (!r.source_group_name.empty()) {
    if (!r.cidr.empty())
      return Error(RequestErrc::invalid_combination,
                   "CidrIp and SourceSecurityGroupName exclude each other");
    TRY(const auto key, key_of(r.protocol.empty() ? "-1" : r.protocol, r.from_port, r.to_port));
    into.push_back({key, r.source_group_name, r.source_group_owner, {}, {}});
    return common::ok();
  }
  if (r.protocol.empty()) return missing_parameter("IpProtocol");
  if (r.cidr.empty()) return missing_parameter("CidrIp");
  TRY(auto key, key_of(r.protocol, r.from_port, r.to_port));
  TRY(key.cidr, normal_cidr(r.cidr));
  into.push_back({std::move(key), {}, {}, {}, {}});
  return common::ok();
}

}  // namespace

Result<std::vector<WantedRule>> wanted_rules(RuleRequest request, std::string_view version) {
  std::vector<WantedRule> rules;
  if (!version.empty() && version < kFirstAwsVersion)
    for (auto& permission : request.permissions) let_groups_win(permission);
  if (uses_older_form(request)) {
    if (!request.permissions.empty())
      return Error(RequestErrc::invalid_combination,
                   "IpPermissions and the parameters of a single rule exclude each other");
    TRY_VOID(add_older_form(request, rules));
  }
  for (const auto& permission : request.permissions) TRY_VOID(add_permission(permission, rules));
  for (std::size_t i = 0; i < rules.size(); ++i)
    for (std::size_t j = 0; j < i; ++j)
      if (rules[i].key == rules[j].key &&
          rules[i].source_group_name == rules[j].source_group_name &&
          rules[i].source_account == rules[j].source_account)
        return Error(RequestErrc::invalid_value,
                     "The same permission must not appear multiple times");
  return rules;
}

Result<SecurityGroupRule> resolve(Tx& tx, const AccountId& caller, const WantedRule& wanted) {
  SecurityGroupRule rule;
  rule.key = wanted.key;
  rule.description = wanted.description;
  if (!wanted.key.cidr.empty()) return rule;
  const auto& id = wanted.key.source_group;
  if (!id.empty() && !is_well_formed_id(id.value, "sg"))
    return Error(GroupErrc::malformed_id, "Invalid id: \"" + id.value + "\"");
  if (!wanted.source_account.empty() && wanted.source_account != caller)
    return Error(GroupErrc::not_found, "The security group '" +
                                           (id.empty() ? wanted.source_group_name : id.value) +
                                           "' does not exist");
  SecurityGroups groups(tx);
  TRY(const auto source,
      id.empty() ? groups.find_by_name(caller, wanted.source_group_name) : groups.find(caller, id));
  if (!wanted.source_vpc.empty() && wanted.source_vpc != source.vpc)
    return Error(GroupErrc::vpc_not_found,
                 "The vpc ID '" + wanted.source_vpc.value + "' does not exist");
  rule.key.source_group = source.id;
  rule.source_account = source.account;
  return rule;
}

Result<SecurityGroup> find_group(Tx& tx, const AccountId& caller, const GroupId& id,
                                 const std::string& name) {
  SecurityGroups groups(tx);
  if (id.empty() && name.empty()) return missing_parameter("GroupId");
  if (!id.empty() && !name.empty())
    return Error(RequestErrc::invalid_combination, "GroupId and GroupName exclude each other");
  if (id.empty()) return groups.find_by_name(caller, name);
  if (!is_well_formed_id(id.value, "sg"))
    return Error(GroupErrc::malformed_id,
                 "Invalid id: \"" + id.value + "\" (expecting \"sg-...\")");
  return groups.find(caller, id);
}

}  // namespace angophora::clc::actions
