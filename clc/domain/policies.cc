#include "clc/domain/policies.h"

#include "clc/domain/identity.h"
#include "common/policy/arn.h"

namespace angophora::clc {
namespace {

constexpr std::size_t kPolicyNameMax = 128;

}  // namespace

std::string arn_of(const UserGroup& group) {
  return policy::iam_arn(group.account.value, "group", group.path, group.name);
}

UserGroup new_user_group(common::Runtime& runtime, const AccountId& account, std::string name,
                         std::string path) {
  return {UserGroupId(new_identity_id(runtime, "AGPA")), account, std::move(name), std::move(path),
          runtime.now()};
}

PolicyEntity entity(const AccountId& id) { return {EntityKind::account, id.value}; }
PolicyEntity entity(const UserId& id) { return {EntityKind::user, id.value}; }
PolicyEntity entity(const UserGroupId& id) { return {EntityKind::group, id.value}; }
PolicyEntity entity(const RoleId& id) { return {EntityKind::role, id.value}; }

policy::Rules inline_rules(EntityKind kind) {
  switch (kind) {
    case EntityKind::account:
      return policy::account_rules();
    case EntityKind::user:
      return policy::user_inline_rules();
    case EntityKind::group:
      return policy::group_inline_rules();
    case EntityKind::role:
      return policy::role_inline_rules();
  }
  return {};
}

std::string arn_of(const ManagedPolicy& policy) {
  return policy::iam_arn(policy.account.value, "policy", policy.path, policy.name);
}

ManagedPolicy new_managed_policy(common::Runtime& runtime, const AccountId& account,
                                 std::string name, std::string path) {
  ManagedPolicy policy;
  policy.id = PolicyId(new_identity_id(runtime, "ANPA"));
  policy.account = account;
  policy.name = std::move(name);
  policy.path = std::move(path);
  policy.created_at = policy.updated_at = runtime.now();
  return policy;
}

bool is_policy_name(std::string_view text) {
  return text.size() <= kPolicyNameMax && !text.empty() && is_identity_name(text);
}

}  // namespace angophora::clc
