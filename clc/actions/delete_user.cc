// DeleteUser: a user without keys, certificates, policies and groups, with IsRecursive also one
// that has them.
#include "clc/actions/iam_policies.h"
#include "clc/store/access_keys.h"
#include "clc/store/login_profiles.h"
#include "clc/store/signing_certificates.h"
#include "clc/store/user_groups.h"
#include "clc/store/users.h"

namespace angophora::clc::actions::delete_user {
namespace {

struct Request {
  std::string name;
  bool recursive = false;
  std::string delegate;
};

constexpr Param<Request> kParams[] = {
    required<&Request::name>("UserName"),
    optional<&Request::recursive>("IsRecursive"),
    optional<&Request::delegate>("DelegateAccount"),
};

Result<> remove(Tx& tx, const Caller& caller, const Request& request) {
  TRY(const auto subject, subject_of(tx, caller, request.delegate, request.name));
  const auto& user = subject.user;
  if (user.is_root)
    return Error(IdentityErrc::conflict,
                 "The user " + user.name + " is the root of the account and goes with it.");
  if (request.recursive) return Users(tx).remove_with_all(user.id);
  TRY(const auto keys, AccessKeys(tx).of(user.id));
  if (!keys.empty())
    return Error(IdentityErrc::conflict, "Cannot delete entity, must delete access keys first.");
  TRY(const auto certificates, SigningCertificates(tx).of(user.id));
  if (!certificates.empty())
    return Error(IdentityErrc::conflict,
                 "Cannot delete entity, must delete signing certificates first.");
  TRY(const auto profile, LoginProfiles(tx).find(user.id));
  if (profile)
    return Error(IdentityErrc::conflict, "Cannot delete entity, must delete login profile first.");
  TRY_VOID(check_no_policies(tx, entity(user.id)));
  TRY(const auto groups, UserGroups(tx).groups_of(user.id));
  if (!groups.empty())
    return Error(IdentityErrc::conflict,
                 "Cannot delete entity, must remove users from group first.");
  return Users(tx).remove(user.id);
}

Task<Reply> handle(Services& s, Caller caller, Request request) {
  const auto change = [caller, request](Tx& tx) { return remove(tx, caller, request); };
  co_return co_await change_iam(s, caller, change);
}

}  // namespace

extern const Action DeleteUser{
    .name = "DeleteUser",
    .permission = "iam:DeleteUser",
    .api = Api::iam,
    .run = parse_then<Request, kParams, handle>,
};

}  // namespace angophora::clc::actions::delete_user
