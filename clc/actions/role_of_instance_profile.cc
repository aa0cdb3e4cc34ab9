// AddRoleToInstanceProfile and RemoveRoleFromInstanceProfile: an instance profile has one role at
// most. Who adds one must be allowed to pass it on (iam:PassRole, clc/http/resources.cc).
#include "clc/actions/iam_roles.h"
#include "clc/store/roles.h"

namespace angophora::clc::actions::role_of_instance_profile {
namespace {

struct Request {
  std::string profile;
  std::string role;
  std::string delegate;
};

constexpr Param<Request> kParams[] = {
    required<&Request::profile>("InstanceProfileName"),
    required<&Request::role>("RoleName"),
    optional<&Request::delegate>("DelegateAccount"),
};

Result<> add(Tx& tx, const Caller& caller, const Request& request) {
  TRY(const auto account, account_of(tx, caller, request.delegate));
  TRY(const auto profile, InstanceProfiles(tx).find(account.id, request.profile));
  TRY(const auto role, Roles(tx).find(account.id, request.role));
  if (!profile.role.value.empty())
    return Error(IdentityErrc::limit_exceeded,
                 "Cannot exceed quota for InstanceSessionsPerInstanceProfile: 1");
  return InstanceProfiles(tx).set_role(profile.id, role.id);
}

Result<> remove(Tx& tx, const Caller& caller, const Request& request) {
  TRY(const auto account, account_of(tx, caller, request.delegate));
  TRY(const auto profile, InstanceProfiles(tx).find(account.id, request.profile));
  TRY(const auto role, Roles(tx).find(account.id, request.role));
  if (profile.role != role.id)
    return Error(IdentityErrc::not_found, "Role " + role.name + " in instance profile " +
                                              profile.name + " cannot be found.");
  return InstanceProfiles(tx).set_role(profile.id, RoleId());
}

template <auto kChange>
Task<Reply> handle(Services& s, Caller caller, Request request) {
  const auto change = [caller, request](Tx& tx) { return kChange(tx, caller, request); };
  CO_TRY_VOID(co_await commit(s, caller, change));
  co_return Reply();
}

}  // namespace

extern const Action AddRoleToInstanceProfile{
    .name = "AddRoleToInstanceProfile",
    .permission = "iam:AddRoleToInstanceProfile",
    .api = Api::iam,
    .run = parse_then<Request, kParams, handle<add>>,
};
extern const Action RemoveRoleFromInstanceProfile{
    .name = "RemoveRoleFromInstanceProfile",
    .permission = "iam:RemoveRoleFromInstanceProfile",
    .api = Api::iam,
    .run = parse_then<Request, kParams, handle<remove>>,
};

}  // namespace angophora::clc::actions::role_of_instance_profile
