// DeleteSecurityGroup: removes a group that no instance and no other group's rule needs.
#include "clc/actions/rule_parameters.h"

namespace angophora::clc::actions::delete_security_group {
namespace {

struct Request {
  GroupId id;
  std::string name;
};

constexpr Param<Request> kParams[] = {
    optional<&Request::id>("GroupId"),
    optional<&Request::name>("GroupName"),
};

Result<> remove(Tx& tx, Services& s, const AccountId& account, const Request& request) {
  TRY_VOID(ensure_default_network(tx, s.runtime, account, s.config.instance_network));
  TRY(const auto group, find_group(tx, account, request.id, request.name));
  if (group.name == kDefaultGroupName)
    return Error(GroupErrc::cannot_delete_default,
                 "the specified group: \"" + group.id.value +
                     "\" name: \"default\" cannot be deleted by a user");
  SecurityGroups groups(tx);
  TRY(const bool has_members, groups.has_members(group.id));
  TRY(const bool is_source, groups.is_source_elsewhere(group.id));
  if (has_members || is_source)
    return Error(GroupErrc::in_use, "resource " + group.id.value + " has a dependent object: " +
                                        (has_members ? "an instance is a member of it"
                                                     : "a rule of another group names it"));
  return groups.remove(group.id);
}

Task<Reply> handle(Services& s, Caller caller, Request request) {
  const auto change = [&s, account = caller.account, request](Tx& tx) {
    return remove(tx, s, account, request);
  };
  CO_TRY_VOID(co_await commit(s, caller, change));
  s.changes.network.notify();
  co_return reply_true();
}

}  // namespace

extern const Action DeleteSecurityGroup{
    .name = "DeleteSecurityGroup",
    .permission = "ec2:DeleteSecurityGroup",
    .run = parse_then<Request, kParams, handle>,
};

}  // namespace angophora::clc::actions::delete_security_group
