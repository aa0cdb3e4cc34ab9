#include "nc/clients/cloud_profiles.h"

namespace angophora::nc {

using common::Task;

namespace {

using Call = soap::cloud::GetInstanceCredentials;

// A guest waits for the answer.
constexpr std::chrono::seconds kPatience{3};

common::SysTime time_of(const std::optional<LONG64>& milliseconds) {
  return common::SysTime(std::chrono::milliseconds(milliseconds.value_or(0)));
}

// Without its secret, which is still wrapped.
GuestProfile profile_from(const Call::Reply& reply) {
  GuestProfile profile;
  profile.arn = *reply.profileArn;
  profile.id = reply.profileId.value_or("");
  profile.role_name = reply.roleName.value_or("");
  profile.role_id = reply.roleId.value_or("");
  profile.refusal = reply.refusal.value_or("");
  if (!reply.accessKeyId) return profile;
  profile.credentials = RoleCredentials{
      profile.role_id,         *reply.accessKeyId,      "", reply.sessionToken.value_or(""),
      time_of(reply.issuedMs), time_of(reply.expiresMs)};
  return profile;
}

}  // namespace

CloudProfiles::CloudProfiles(common::Runtime& runtime, soap::Channel& channel,
                             common::ServiceName cloud, crypto::PrivateKey encryption_key)
    : runtime_(runtime),
      channel_(channel),
      cloud_(std::move(cloud)),
      encryption_key_(std::move(encryption_key)) {}

Task<std::optional<GuestProfile>> CloudProfiles::profile_of(InstanceId instance,
                                                            std::int64_t placement_no,
                                                            std::string known_role) {
  Call::Request request;
  request.instanceId = instance.value;
  request.placementNo = placement_no;
  if (!known_role.empty()) request.knownRoleId = std::move(known_role);
  auto to = cloud_;
  soap::CallOptions options(kPatience);
  CO_TRY(const auto reply, co_await soap::call<Call>(channel_, std::move(to), std::move(request),
                                                     std::move(options)));
  if (!reply.profileArn) co_return std::optional<GuestProfile>();
  auto profile = profile_from(reply);
  if (profile.credentials) {
    auto open = [key = encryption_key_, wrapped = reply.wrappedSecret.value_or("")] {
      return key.decrypt_oaep(wrapped);
    };
    CO_TRY(profile.credentials->secret, co_await runtime_.run_blocking(std::move(open)));
  }
  co_return std::optional<GuestProfile>(std::move(profile));
}

}  // namespace angophora::nc
