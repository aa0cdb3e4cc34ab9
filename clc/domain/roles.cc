#include "clc/domain/roles.h"

#include "clc/domain/identity.h"
#include "common/policy/arn.h"

namespace angophora::clc {

std::string arn_of(const Role& role) {
  return policy::iam_arn(role.account.value, "role", role.path, role.name);
}

std::string arn_of(const InstanceProfile& profile) {
  return policy::iam_arn(profile.account.value, "instance-profile", profile.path, profile.name);
}

bool is_role_name(std::string_view text) { return is_user_name(text); }
bool is_instance_profile_name(std::string_view text) { return is_user_group_name(text); }

}  // namespace angophora::clc
