// CreateInstanceProfile: by which instances take on a role, once it has one.
#include "clc/actions/iam_roles.h"
#include "clc/store/roles.h"

namespace angophora::clc::actions::create_instance_profile {
namespace {

struct Request {
  std::string name;
  std::string path = "/";
  std::string delegate;
};

constexpr Param<Request> kParams[] = {
    required<&Request::name>("InstanceProfileName"),
    optional<&Request::path>("Path"),
    optional<&Request::delegate>("DelegateAccount"),
    refused<Request>("Tags", "instance profiles carry no tags"),
};

Task<Reply> handle(Services& s, Caller caller, Request request) {
  CO_TRY_VOID(check_instance_profile_name(request.name));
  CO_TRY_VOID(check_path("Path", request.path));
  InstanceProfile profile;
  profile.id = InstanceProfileId(new_identity_id(s.runtime, "AIPA"));
  profile.name = request.name;
  profile.path = request.path;
  profile.created_at = s.runtime.now();
  const auto count_max = s.properties.number("cloud.instance_profiles_max");
  const auto create = [caller, profile, delegate = request.delegate,
                       count_max](Tx& tx) mutable -> Result<InstanceProfile> {
    TRY(const auto account, account_of(tx, caller, delegate));
    TRY(const auto present, InstanceProfiles(tx).count(account.id));
    if (present >= count_max)
      return Error(
          IdentityErrc::limit_exceeded,
          "Cannot exceed quota for InstanceProfilesPerAccount: " + std::to_string(count_max));
    profile.account = account.id;
    TRY_VOID(InstanceProfiles(tx).insert(profile));
    return profile;
  };
  CO_TRY(profile, co_await commit(s, caller, create));
  Reply reply;
  add_instance_profile(reply.child("InstanceProfile"), {profile, std::nullopt});
  co_return reply;
}

}  // namespace

extern const Action CreateInstanceProfile{
    .name = "CreateInstanceProfile",
    .permission = "iam:CreateInstanceProfile",
    .api = Api::iam,
    .run = parse_then<Request, kParams, handle>,
};

}  // namespace angophora::clc::actions::create_instance_profile
