// Which instance has which instance profile.
#pragma once

#include <string>

#include "clc/domain/ids.h"
#include "common/base/time.h"

namespace angophora::clc {

// What an instance has of a profile: its name and number stay when the profile goes.
struct ProfileUse {
  std::string association;  // iip-assoc-...; "": none
  InstanceProfileId id;
  std::string arn;
};
struct ProfileAssociation {
  ProfileUse use;
  InstanceId instance;
  AccountId account;
  common::SysTime since{};
};

}  // namespace angophora::clc
