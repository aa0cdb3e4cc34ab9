// DescribeSecurityGroups: the groups of the caller's account with their rules.
#include <map>
#include <set>

#include "clc/actions/rule_parameters.h"
#include "clc/actions/tag_parameters.h"

namespace angophora::clc::actions::describe_security_groups {
namespace {

struct Request {
  std::vector<GroupId> ids;
  std::vector<std::string> names;
  Filters filters;
  Paging paging;
};

constexpr Param<Request> kParams[] = {
    optional<&Request::ids>("GroupId"), optional<&Request::names>("GroupName"),
    filters<&Request::filters>(),       max_results<&Request::paging>(),
    next_token<&Request::paging>(),
};

std::string cidr_of(const RuleKey& key) { return key.cidr; }
std::string from_port_of(const RuleKey& key) { return std::to_string(key.from_port); }
std::string to_port_of(const RuleKey& key) { return std::to_string(key.to_port); }
std::string protocol_of(const RuleKey& key) { return key.protocol; }
std::string source_group_of(const RuleKey& key) { return key.source_group.value; }

// What `read` says of each rule of one direction.
template <bool kEgress, auto read>
FilterValues of_rules(const SecurityGroup& group) {
  FilterValues values;
  for (const auto& rule : group.rules)
    if (rule.egress == kEgress) values.push_back(read(rule.key));
  return values;
}

template <bool kEgress>
FilterValues source_accounts(const SecurityGroup& group) {
  FilterValues values;
  for (const auto& rule : group.rules)
    if (rule.egress == kEgress) values.push_back(rule.source_account.value);
  return values;
}

constexpr FilterField<SecurityGroup> kFilters[] = {
    {"group-id", [](const SecurityGroup& g) { return FilterValues{g.id.value}; }},
    {"group-name", [](const SecurityGroup& g) { return FilterValues{g.name}; }},
    {"description", [](const SecurityGroup& g) { return FilterValues{g.description}; }},
    {"owner-id", [](const SecurityGroup& g) { return FilterValues{g.account.value}; }},
    {"vpc-id", [](const SecurityGroup& g) { return FilterValues{g.vpc.value}; }},
    {"ip-permission.cidr", of_rules<false, cidr_of>},
    {"ip-permission.from-port", of_rules<false, from_port_of>},
    {"ip-permission.to-port", of_rules<false, to_port_of>},
    {"ip-permission.protocol", of_rules<false, protocol_of>},
    {"ip-permission.group-id", of_rules<false, source_group_of>},
    {"ip-permission.user-id", source_accounts<false>},
    {"egress.ip-permission.cidr", of_rules<true, cidr_of>},
    {"egress.ip-permission.from-port", of_rules<true, from_port_of>},
    {"egress.ip-permission.to-port", of_rules<true, to_port_of>},
    {"egress.ip-permission.protocol", of_rules<true, protocol_of>},
    {"egress.ip-permission.group-id", of_rules<true, source_group_of>},
    {"egress.ip-permission.user-id", source_accounts<true>},
};

// Keeps what the request names; everything when it names nothing. All named must exist.
Result<> keep_named(const Request& request, std::vector<SecurityGroup>& groups) {
  std::set<std::string> ids, names;
  for (const auto& group : groups) {
    ids.insert(group.id.value);
    names.insert(group.name);
  }
  for (const auto& id : request.ids) {
    if (!is_well_formed_id(id.value, "sg"))
      return Error(GroupErrc::malformed_id,
                   "Invalid id: \"" + id.value + "\" (expecting \"sg-...\")");
    if (!ids.contains(id.value))
      return Error(GroupErrc::not_found, "The security group '" + id.value + "' does not exist");
  }
  for (const auto& name : request.names)
    if (!names.contains(name))
      return Error(GroupErrc::not_found, "The security group '" + name + "' does not exist");
  if (request.ids.empty() && request.names.empty()) return common::ok();
  std::erase_if(groups, [&](const SecurityGroup& group) {
    return std::find(request.ids.begin(), request.ids.end(), group.id) == request.ids.end() &&
           std::find(request.names.begin(), request.names.end(), group.name) == request.names.end();
  });
  return common::ok();
}

void add_group(const SecurityGroup& group, const std::map<GroupId, std::string>& names,
               Element& item) {
  item.add("ownerId", group.account).add("groupId", group.id).add("groupName", group.name);
  item.add("groupDescription", group.description).add("vpcId", group.vpc);
  add_permissions(item, "ipPermissions", group, false, names);
  add_permissions(item, "ipPermissionsEgress", group, true, names);
  add_tags(item, group.tags);
}

Task<Reply> handle(Services& s, Caller caller, Request request) {
  CO_TRY(const auto wanted, RowFilter<SecurityGroup>::compile(request.filters, kFilters));
  CO_TRY(const auto page, s.pages.open(request.paging, caller, "DescribeSecurityGroups"));
  const auto find = [account = caller.account](Tx& tx) { return SecurityGroups(tx).list(account); };
  CO_TRY(auto groups, co_await s.db.read(find));
  if (groups.empty()) {  // the account's first use of the network
    const auto ensure = [&s, account = caller.account](Tx& tx) {
      return ensure_default_network(tx, s.runtime, account, s.config.instance_network);
    };
    CO_TRY_VOID(co_await s.db.write(ensure));  // also in a dry run
    CO_TRY(groups, co_await s.db.read(find));
  }
  std::map<GroupId, std::string> names;
  for (const auto& group : groups) names[group.id] = group.name;
  CO_TRY_VOID(keep_named(request, groups));
  std::erase_if(groups, [&](const SecurityGroup& group) { return !wanted.matches(group); });
  const auto last = cut_page(groups, page, [](const SecurityGroup& g) { return g.id.value; });

  Reply reply;
  reply.list("securityGroupInfo", groups,
             [&](const SecurityGroup& group, Element& item) { add_group(group, names, item); });
  if (!last.empty()) reply.add("nextToken", s.pages.seal(caller, "DescribeSecurityGroups", last));
  co_return reply;
}

}  // namespace

extern const Action DescribeSecurityGroups{
    .name = "DescribeSecurityGroups",
    .permission = "ec2:DescribeSecurityGroups",
    .run = parse_then<Request, kParams, handle>,
};

}  // namespace angophora::clc::actions::describe_security_groups
