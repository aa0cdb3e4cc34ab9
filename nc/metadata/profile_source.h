// Whom the metadata service asks for guests' instance profiles and the credentials of their roles.
#pragma once

#include <optional>
#include <string>

#include "common/base/result.h"
#include "nc/domain/instance_spec.h"

namespace angophora::nc {

struct RoleCredentials {
  std::string role_id;
  std::string access_key;
  std::string secret;
  std::string token;
  common::SysTime issued_at{};
  common::SysTime expires_at{};
};

struct GuestProfile {
  std::string arn;
  std::string id;
  std::string role_name;  // "" when there are no credentials
  std::string role_id;
  std::string refusal;  // why there are none, as EC2 names it
  std::optional<RoleCredentials> credentials;
};

// I/O thread only.
class ProfileSource {
 public:
  virtual ~ProfileSource() = default;
  // Of an instance on this node; nothing when it has no profile. Credentials come with it unless
  // its role is `known_role`.
  virtual common::Task<std::optional<GuestProfile>> profile_of(InstanceId instance,
                                                               std::int64_t placement_no,
                                                               std::string known_role) = 0;
};

}  // namespace angophora::nc
