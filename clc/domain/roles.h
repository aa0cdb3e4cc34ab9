// Roles, which somebody takes on for a while, and instance profiles, by which instances do.
#pragma once

#include "clc/domain/policies.h"
#include "clc/domain/profile_use.h"

namespace angophora::clc {

struct Role {
  RoleId id;
  AccountId account;
  std::string name;
  std::string path = "/";
  std::string description;
  std::string trust;  // the policy that says who may take it on
  std::chrono::seconds session_max{3600};
  common::SysTime created_at{};
};
std::string arn_of(const Role& role);

inline constexpr std::chrono::seconds kSessionMin{900};
inline constexpr std::chrono::seconds kRoleSessionMin{3600};  // that a role may be limited to
inline constexpr std::chrono::seconds kRoleSessionMax{43200};
inline constexpr std::size_t kDescriptionMax = 1000;

struct InstanceProfile {
  InstanceProfileId id;
  AccountId account;
  std::string name;
  std::string path = "/";
  RoleId role;  // "" while it has none
  common::SysTime created_at{};
};
std::string arn_of(const InstanceProfile& profile);

// Up to 64 of the characters that users' names have; of an instance profile up to 128.
bool is_role_name(std::string_view text);
bool is_instance_profile_name(std::string_view text);

}  // namespace angophora::clc
