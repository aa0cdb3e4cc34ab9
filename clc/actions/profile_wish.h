// IamInstanceProfile of EC2's actions: an instance profile by its name or ARN.
#pragma once

#include "clc/actions/action.h"
#include "clc/domain/roles.h"

namespace angophora::clc {

struct ProfileWish {
  std::string arn;
  std::string name;
  static auto params() {
    return std::to_array(
        {optional<&ProfileWish::arn>("Arn"), optional<&ProfileWish::name>("Name")});
  }
};

// The caller's profile. RequestErrc for one that is not there, or when both or neither are named.
Result<InstanceProfile> find_profile(Tx& tx, const AccountId& account, const ProfileWish& wish);
// iip-assoc- and 17 digits.
ProfileUse new_profile_use(common::Runtime& runtime, const InstanceProfile& profile);

}  // namespace angophora::clc
