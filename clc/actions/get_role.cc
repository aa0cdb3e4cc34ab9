// GetRole, GetInstanceProfile, DeleteRole and DeleteInstanceProfile: one role or instance profile,
// and its end: of a role without policies that is in no instance profile (its sessions end), of an
// instance profile that has no role.
#include "clc/actions/iam_roles.h"
#include "clc/store/roles.h"

namespace angophora::clc::actions::get_role {
namespace {

struct Request {
  std::string name;
  std::string delegate;
};

template <const auto& kName>
constexpr Param<Request> kParams[] = {
    required<&Request::name>(kName),
    optional<&Request::delegate>("DelegateAccount"),
};
constexpr char kRole[] = "RoleName", kProfile[] = "InstanceProfileName";

Result<Reply> show_role(Tx& tx, const Account& account, const std::string& name) {
  TRY(const auto role, Roles(tx).find(account.id, name));
  Reply reply;
  add_role(reply.child("Role"), role);
  return reply;
}

Result<Reply> show_profile(Tx& tx, const Account& account, const std::string& name) {
  TRY(auto profile, InstanceProfiles(tx).find(account.id, name));
  TRY(const auto entry, with_role(tx, std::move(profile)));
  Reply reply;
  add_instance_profile(reply.child("InstanceProfile"), entry);
  return reply;
}

Error still_joined() {
  return {IdentityErrc::conflict,
          "Cannot delete entity, must remove roles from instance profile first."};
}

Result<Reply> remove_role(Tx& tx, const Account& account, const std::string& name) {
  TRY(const auto role, Roles(tx).find(account.id, name));
  TRY(const auto profiles, InstanceProfiles(tx).of(role.id));
  if (!profiles.empty()) return still_joined();
  TRY_VOID(check_no_policies(tx, entity(role.id)));
  TRY_VOID(Roles(tx).remove(role.id));
  return Reply();
}

Result<Reply> remove_profile(Tx& tx, const Account& account, const std::string& name) {
  TRY(const auto profile, InstanceProfiles(tx).find(account.id, name));
  if (!profile.role.value.empty()) return still_joined();
  TRY_VOID(InstanceProfiles(tx).remove(profile.id));
  return Reply();
}

template <auto work, bool kChanges>
Task<Reply> handle(Services& s, Caller caller, Request request) {
  const auto run = [caller, request](Tx& tx) -> Result<Reply> {
    TRY(const auto account, account_of(tx, caller, request.delegate));
    return work(tx, account, request.name);
  };
  return kChanges ? make_iam(s, std::move(caller), run) : read_iam(s, run);
}

}  // namespace

extern const Action GetRole{
    .name = "GetRole",
    .permission = "iam:GetRole",
    .api = Api::iam,
    .run = parse_then<Request, kParams<kRole>, handle<show_role, false>>,
};
extern const Action DeleteRole{
    .name = "DeleteRole",
    .permission = "iam:DeleteRole",
    .api = Api::iam,
    .run = parse_then<Request, kParams<kRole>, handle<remove_role, true>>,
};
extern const Action GetInstanceProfile{
    .name = "GetInstanceProfile",
    .permission = "iam:GetInstanceProfile",
    .api = Api::iam,
    .run = parse_then<Request, kParams<kProfile>, handle<show_profile, false>>,
};
extern const Action DeleteInstanceProfile{
    .name = "DeleteInstanceProfile",
    .permission = "iam:DeleteInstanceProfile",
    .api = Api::iam,
    .run = parse_then<Request, kParams<kProfile>, handle<remove_profile, true>>,
};

}  // namespace angophora::clc::actions::get_role
