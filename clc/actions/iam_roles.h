// What the actions of roles and instance profiles share.
#pragma once

#include "clc/actions/iam_policies.h"
#include "clc/domain/roles.h"

namespace angophora::clc::actions {

Result<> check_role_name(const std::string& name);
Result<> check_instance_profile_name(const std::string& name);
Result<> check_description(const std::string& text);
Result<> check_session_max(std::int64_t seconds);
// A trust policy of this grammar whose principals are there. policy::PolicyErrc.
Result<> check_trust(Tx& tx, const std::string& document);

void add_role(Element& into, const Role& role);
// With the role it has.
struct ProfileWithRole {
  InstanceProfile profile;
  std::optional<Role> role;
};
Result<ProfileWithRole> with_role(Tx& tx, InstanceProfile profile);
void add_instance_profile(Element& into, const ProfileWithRole& entry);

}  // namespace angophora::clc::actions
