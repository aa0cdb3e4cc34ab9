// DeleteRole: a role without policies that is in no instance profile. Its sessions end.
#include "clc/actions/iam_roles.h"
#include "clc/store/roles.h"

namespace angophora::clc::actions::delete_role {
namespace {

struct Request {
  std::string name;
  std::string delegate;
};

constexpr Param<Request> kParams[] = {
    required<&Request::name>("RoleName"),
    optional<&Request::delegate>("DelegateAccount"),
};

Result<> remove(Tx& tx, const Caller& caller, const Request& request) {
  TRY(const auto account, account_of(tx, caller, request.delegate));
  TRY(const auto role, Roles(tx).find(account.id, request.name));
  TRY(const auto profiles, InstanceProfiles(tx).of(role.id));
  if (!profiles.empty())
    return Error(IdentityErrc::conflict,
                 "Cannot delete entity, must remove roles from instance profile first.");
  TRY_VOID(check_no_policies(tx, entity(role.id)));
  return Roles(tx).remove(role.id);
}

Task<Reply> handle(Services& s, Caller caller, Request request) {
  const auto change = [caller, request](Tx& tx) { return remove(tx, caller, request); };
  CO_TRY_VOID(co_await commit(s, caller, change));
  s.changes.identities.notify();
  co_return Reply();
}

}  // namespace

extern const Action DeleteRole{
    .name = "DeleteRole",
    .permission = "iam:DeleteRole",
    .api = Api::iam,
    .run = parse_then<Request, kParams, handle>,
};

}  // namespace angophora::clc::actions::delete_role
