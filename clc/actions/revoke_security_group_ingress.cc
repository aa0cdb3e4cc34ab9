// RevokeSecurityGroupIngress: takes away what AuthorizeSecurityGroupIngress gave.
#include "clc/actions/rule_parameters.h"

namespace angophora::clc::actions::revoke_security_group_ingress {
namespace {

constexpr Param<RuleRequest> kParams[] = {
    optional<&RuleRequest::group_id>("GroupId"),
    optional<&RuleRequest::group_name>("GroupName"),
    optional<&RuleRequest::permissions>("IpPermissions"),
    optional<&RuleRequest::protocol>("IpProtocol"),
    optional<&RuleRequest::from_port>("FromPort"),
    optional<&RuleRequest::to_port>("ToPort"),
    optional<&RuleRequest::cidr>("CidrIp"),
    optional<&RuleRequest::source_group_name>("SourceSecurityGroupName"),
    optional<&RuleRequest::source_group_owner>("SourceSecurityGroupOwnerId"),
    optional<&RuleRequest::rule_ids>("SecurityGroupRuleId"),
};

Task<Reply> handle(Services& s, Caller caller, RuleRequest request) {
  return revoke(s, std::move(caller), std::move(request), /*egress=*/false);
}

}  // namespace

extern const Action RevokeSecurityGroupIngress{
    .name = "RevokeSecurityGroupIngress",
    .permission = "ec2:RevokeSecurityGroupIngress",
    .run = parse_then<RuleRequest, kParams, handle>,
};

}  // namespace angophora::clc::actions::revoke_security_group_ingress
