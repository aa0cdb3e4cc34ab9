// CreateSecurityGroup: a new group in the account's VPC, which lets everything out and nothing in.
#include "clc/actions/quotas.h"
#include "clc/actions/rule_parameters.h"
#include "clc/actions/tag_parameters.h"

namespace angophora::clc::actions::create_security_group {
namespace {

struct Request {
  std::string name;
  std::string description;
  VpcId vpc;
  std::vector<TagSpecification> tags;
};

constexpr Param<Request> kParams[] = {
    required<&Request::name>("GroupName"),
    required<&Request::description>("GroupDescription"),
    optional<&Request::vpc>("VpcId"),
    optional<&Request::tags>("TagSpecification"),
};

Result<> check(const Request& request) {
  if (!is_group_text(request.name))
    return invalid_value("GroupName", request.name,
                         "up to 255 of a-z, A-Z, 0-9, spaces and ._-:/()#,@[]+=&;{}!$*");
  if (request.name.starts_with("sg-"))
    return invalid_value("GroupName", request.name, "a name that does not start with sg-");
  if (request.name == kDefaultGroupName)
    return Error(GroupErrc::reserved_name, "The security group 'default' is reserved");
  if (!is_group_text(request.description))
    return invalid_value("GroupDescription", request.description,
                         "up to 255 of a-z, A-Z, 0-9, spaces and ._-:/()#,@[]+=&;{}!$*");
  return common::ok();
}

Result<> create(Tx& tx, Services& s, SecurityGroup group, const VpcId& asked,
                const Quotas& quotas) {
  TRY(const auto network,
      ensure_default_network(tx, s.runtime, group.account, s.config.instance_network));
  if (!asked.empty() && asked != network.vpc)
    return Error(GroupErrc::vpc_not_found, "The vpc ID '" + asked.value + "' does not exist");
  group.vpc = network.vpc;
  SecurityGroups groups(tx);
  TRY_VOID(quotas.admit(tx, {{Quota::security_groups}}));
  TRY_VOID(groups.insert(group));
  TRY_VOID(quotas.made(tx, Quota::security_groups, group.id.value));
  SecurityGroupRule all_out;
  all_out.id = new_id<RuleId>(s.runtime, "sgr");
  all_out.group = group.id;
  all_out.egress = true;
  all_out.key = {"-1", -1, -1, "0.0.0.0/0", {}};
  return groups.insert_rule(all_out);
}

Task<Reply> handle(Services& s, Caller caller, Request request) {
  CO_TRY_VOID(check(request));
  SecurityGroup group;
  group.id = new_id<GroupId>(s.runtime, "sg");
  group.account = caller.account;
  CO_TRY(group.tags, tags_for("security-group", request.tags));
  group.name = request.name;
  group.description = request.description;
  group.created_at = s.runtime.now();
  const auto change = [&s, group, asked = request.vpc, quotas = Quotas(s, caller)](Tx& tx) {
    return create(tx, s, group, asked, quotas);
  };
  CO_TRY_VOID(co_await commit(s, caller, change));
  auto reply = reply_true();
  reply.add("groupId", group.id);
  add_tags(reply, group.tags);
  co_return reply;
}

}  // namespace

extern const Action CreateSecurityGroup{
    .name = "CreateSecurityGroup",
    .permission = "ec2:CreateSecurityGroup",
    .run = parse_then<Request, kParams, handle>,
};

}  // namespace angophora::clc::actions::create_security_group
