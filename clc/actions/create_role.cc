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

Result<Role> create(Tx& tx, const Caller& caller, const std::string& delegate, Role role,
                    std::int64_t count_max) {
  TRY(const auto account, account_of(tx, caller, delegate));
  TRY_VOID(check_trust(tx, role.trust));
  Roles roles(tx);
  TRY(const auto present, roles.count(account.id));
  if (present >= count_max)
    return Error(IdentityErrc::limit_exceeded,
                 "Cannot exceed quota for RolesPerAccount: " + std::to_string(count_max));
  role.account = account.id;
  TRY_VOID(roles.insert(role));
  return role;
}

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
  const auto count_max = s.properties.number("cloud.roles_max");
  const auto change = [caller, role, delegate = request.delegate, count_max](Tx& tx) {
    return create(tx, caller, delegate, role, count_max);
  };
  CO_TRY(role, co_await commit(s, caller, change));
  s.changes.identities.notify();
  Reply reply;
  add_role(reply.child("Role"), role);
  co_return reply;
}

}  // namespace

extern const Action CreateRole{
    .name = "CreateRole",
    .permission = "iam:CreateRole",
    .api = Api::iam,
    .run = parse_then<Request, kParams, handle>,
};

}  // namespace angophora::clc::actions::create_role
