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
  const IamQuota limit{"InstanceProfilesPerAccount", Quota::instance_profiles,
                       QuotaDefaults(s.properties)};
  const auto create = [caller, profile, request, limit](Tx& tx) -> Result<Reply> {
    TRY(const auto made,
        insert_iam<InstanceProfiles>(tx, caller, request.delegate, profile, limit));
    Reply reply;
    add_instance_profile(reply.child("InstanceProfile"), {made, std::nullopt});
    return reply;
  };
  co_return co_await make_iam(s, caller, create);
}

}  // namespace

extern const Action CreateInstanceProfile{
    .name = "CreateInstanceProfile",
    .permission = "iam:CreateInstanceProfile",
    .api = Api::iam,
    .run = parse_then<Request, kParams, handle>,
};

}  // namespace angophora::clc::actions::create_instance_profile
