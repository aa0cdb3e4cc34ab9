// Making and checking the ids of EC2 objects: a prefix, '-', 17 hex digits.
#pragma once

#include <string>
#include <string_view>

#include "common/base/id.h"
#include "common/runtime/runtime.h"

namespace angophora::clc {

using common::AccountId;
using common::GroupId;
using common::ImageId;
using common::InstanceId;
using common::NodeName;
using common::ReservationId;
using common::ServiceName;
using common::SnapshotId;
using common::UserId;
using common::VolumeId;
using common::ZoneName;

using AllocationId = common::Id<struct AllocationTag>;    // eipalloc-
using AssociationId = common::Id<struct AssociationTag>;  // eipassoc-
using KeyPairId = common::Id<struct KeyPairTag>;          // key-
using RuleId = common::Id<struct RuleTag>;                // sgr-
using VpcId = common::Id<struct VpcTag>;                  // vpc-
using SubnetId = common::Id<struct SubnetTag>;            // subnet-

using UserGroupId = common::Id<struct UserGroupTag>;              // AGPA..., a group of users
using PolicyId = common::Id<struct PolicyTag>;                    // ANPA..., a managed policy
using RoleId = common::Id<struct RoleTag>;                        // AROA...
using InstanceProfileId = common::Id<struct InstanceProfileTag>;  // AIPA...

// A new id, e.g. new_id<GroupId>(runtime, "sg"). 68 random bits: the UNIQUE constraint of its table
// turns the collision that never comes into an error.
template <class AnyId>
AnyId new_id(common::Runtime& runtime, std::string_view prefix) {
  return AnyId(std::string(prefix) + "-" + runtime.random_hex(17));
}

// True for PREFIX-xxxxxxxx and PREFIX-xxxxxxxxxxxxxxxxx (8 or 17 lower-case hex digits).
bool is_well_formed_id(std::string_view text, std::string_view prefix);

// Twelve digits that do not start with 0.
AccountId new_account_id(common::Runtime& runtime);
// `prefix` (AKIA, AIDA ...) and 16 capital letters and digits.
std::string new_identity_id(common::Runtime& runtime, std::string_view prefix);
// Forty letters and digits, 238 bits.
std::string new_secret(common::Runtime& runtime);

}  // namespace angophora::clc
