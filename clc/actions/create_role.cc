// CreateRole: what somebody may take on whom its trust policy names.
#include "clc/actions/iam_roles.h"
#include "clc/store/roles.h"

namespace angophora::clc::actions::create_role {
namespace {

struct Request {
  std::string name;
  std::string path = "/";
  std::string trust;
  std::string description;
  std::int64_t session_max_s = 3600;
  std::string delegate;
};

constexpr Param<Request> kParams[] = {
    required<&Request::name>("RoleName"),
    optional<&Request::path>("Path"),
    required<&Request::trust>("AssumeRolePolicyDocument"),
    optional<&Request::description>("Description"),
    optional<&Request::session_max_s>("MaxSessionDuration"),
    optional<&Request::delegate>("DelegateAccount"),
    refused<Request>("PermissionsBoundary", "there are no permissions boundaries"),
    refused<Request>("Tags", "roles carry no tags"),
};

Task<Reply> handle(Services& s, Caller caller, Request request) {
  CO_TRY_VOID(check_role_name(request.name));
  CO_TRY_VOID(check_path("Path", request.path));
  CO_TRY_VOID(check_description(request.description));
  CO_TRY_VOID(check_session_max(request.session_max_s));
  Role role;
  role.id = RoleId(new_identity_id(s.runtime, "AROA"));
  role.name = request.name;
  role.path = request.path;
  role.description = request.description;
  role.trust = request.trust;
  role.session_max = std::chrono::seconds(request.session_max_s);
  role.created_at = s.runtime.now();
  const IamQuota limit{"RolesPerAccount", Quota::roles, QuotaDefaults(s.properties)};
  const auto create = [caller, role, request, limit](Tx& tx) -> Result<Reply> {
    TRY_VOID(check_trust(tx, role.trust));
    TRY(const auto made, insert_iam<Roles>(tx, caller, request.delegate, role, limit));
    Reply reply;
    add_role(reply.child("Role"), made);
    return reply;
  };
  co_return co_await make_iam(s, caller, create);
}

}  // namespace

extern const Action CreateRole{
    .name = "CreateRole",
    .permission = "iam:CreateRole",
    .api = Api::iam,
    .run = parse_then<Request, kParams, handle>,
};

}  // namespace angophora::clc::actions::create_role
