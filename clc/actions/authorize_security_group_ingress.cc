// AuthorizeSecurityGroupIngress: lets traffic in to the members of a group.
#include "clc/actions/rule_parameters.h"

namespace angophora::clc::actions::authorize_security_group_ingress {
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
    refused<RuleRequest>("TagSpecification", "rules carry no tags"),
};

Task<Reply> handle(Services& s, Caller caller, RuleRequest request) {
  return authorize(s, std::move(caller), std::move(request), /*egress=*/false);
}

}  // namespace

extern const Action AuthorizeSecurityGroupIngress{
    .name = "AuthorizeSecurityGroupIngress",
    .permission = "ec2:AuthorizeSecurityGroupIngress",
    .run = parse_then<RuleRequest, kParams, handle>,
};

}  // namespace angophora::clc::actions::authorize_security_group_ingress
