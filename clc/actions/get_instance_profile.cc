// GetInstanceProfile and DeleteInstanceProfile: one, and the end of one that has no role.
#include "clc/actions/iam_roles.h"
#include "clc/store/roles.h"

namespace angophora::clc::actions::get_instance_profile {
namespace {

struct Request {
  std::string name;
  std::string delegate;
};

constexpr Param<Request> kParams[] = {
    required<&Request::name>("InstanceProfileName"),
    optional<&Request::delegate>("DelegateAccount"),
};

Result<ProfileWithRole> find(Tx& tx, const Caller& caller, const Request& request) {
  TRY(const auto account, account_of(tx, caller, request.delegate));
  TRY(auto profile, InstanceProfiles(tx).find(account.id, request.name));
  return with_role(tx, std::move(profile));
}

Task<Reply> get(Services& s, Caller caller, Request request) {
  const auto read = [caller, request](Tx& tx) { return find(tx, caller, request); };
  CO_TRY(const auto entry, co_await s.db.read(read));
  Reply reply;
  add_instance_profile(reply.child("InstanceProfile"), entry);
  co_return reply;
}

Task<Reply> remove(Services& s, Caller caller, Request request) {
  const auto change = [caller, request](Tx& tx) -> Result<> {
    TRY(const auto entry, find(tx, caller, request));
    if (entry.role)
      return Error(IdentityErrc::conflict,
                   "Cannot delete entity, must remove roles from instance profile first.");
    return InstanceProfiles(tx).remove(entry.profile.id);
  };
  CO_TRY_VOID(co_await commit(s, caller, change));
  co_return Reply();
}

}  // namespace

extern const Action GetInstanceProfile{
    .name = "GetInstanceProfile",
    .permission = "iam:GetInstanceProfile",
    .api = Api::iam,
    .run = parse_then<Request, kParams, get>,
};
extern const Action DeleteInstanceProfile{
    .name = "DeleteInstanceProfile",
    .permission = "iam:DeleteInstanceProfile",
    .api = Api::iam,
    .run = parse_then<Request, kParams, remove>,
};

}  // namespace angophora::clc::actions::get_instance_profile
