// Policies as IAM keeps them: inline in an account, user or group, or managed, which are objects of
// their own and attached to several. What they say is common/policy's business.
#pragma once

#include <string>

#include "clc/domain/ids.h"
#include "common/base/time.h"
#include "common/policy/document.h"

namespace angophora::clc {

// Limits of AWS, as far as no property of the cloud sets them.
inline constexpr std::size_t kGroupsPerUserMax = 10;
inline constexpr std::size_t kAttachedPoliciesMax = 10;  // to one user, group or role
inline constexpr std::size_t kPolicyVersionsMax = 5;

struct UserGroup {
  UserGroupId id;
  AccountId account;
  std::string name;
  std::string path = "/";
  common::SysTime created_at{};
};
std::string arn_of(const UserGroup& group);
UserGroup new_user_group(common::Runtime& runtime, const AccountId& account, std::string name,
                         std::string path);

// What has policies. An account's inline policies are its ceiling, set by the administrators.
enum class EntityKind { account, user, group, role };
struct PolicyEntity {
  EntityKind kind = EntityKind::user;
  std::string id;  // the account's number, AIDA..., AGPA..., AROA...
};
PolicyEntity entity(const AccountId& id);
PolicyEntity entity(const UserId& id);
PolicyEntity entity(const UserGroupId& id);
PolicyEntity entity(const RoleId& id);

struct InlinePolicy {
  std::string name;
  std::string document;  // as it was put
};
// What such a document may be; its size counts for all inline policies of one entity together.
policy::Rules inline_rules(EntityKind kind);

// The owner of the policies that every account may attach: AdministratorAccess and so on. They come
// with the cloud (clc/store/migrations.h) and nobody changes them.
inline constexpr char kCommonPolicies[] = "aws";

struct ManagedPolicy {
  PolicyId id;
  AccountId account;
  std::string name;
  std::string path = "/";
  std::string description;
  std::int64_t default_version = 1;
  std::int64_t last_version = 1;  // a number is never used again
  common::SysTime created_at{};
  common::SysTime updated_at{};
};
std::string arn_of(const ManagedPolicy& policy);
ManagedPolicy new_managed_policy(common::Runtime& runtime, const AccountId& account,
                                 std::string name, std::string path);

struct PolicyVersion {
  std::int64_t version = 1;  // "v1"
  std::string document;
  common::SysTime created_at{};
};

// Up to 128 of the characters that users' names have.
bool is_policy_name(std::string_view text);

}  // namespace angophora::clc
