#include "clc/domain/quota.h"

#include "clc/domain/address_errors.h"
#include "clc/domain/errors.h"
#include "clc/domain/instance_errors.h"
#include "clc/domain/snapshot_errors.h"
#include "clc/domain/volume_errors.h"
#include "common/base/text.h"

namespace angophora::clc {

std::span<const QuotaKind> all_quotas() {
  using I = InstanceErrc;
  constexpr auto kNone = nullptr;
  static const QuotaKind kQuotas[] = {
      {Quota::instances, "instances", "instances", "ec2:quota-vminstancenumber", "ec2:RunInstances",
       "cloud.instances_max", true, I::limit_exceeded},
      {Quota::vcpus, "vcpus", "vCPUs", "ec2:quota-cputotalsize", "ec2:RunInstances",
       "cloud.vcpus_max", true, I::vcpu_limit_exceeded},
      {Quota::memory_mib, "memory-mib", "MiB of instances' memory", "ec2:quota-memorytotalsize",
       "ec2:RunInstances", kNone, true, I::resource_limit_exceeded},
      {Quota::disk_gib, "disk-gib", "GiB of instances' disks", "ec2:quota-disktotalsize",
       "ec2:RunInstances", kNone, true, I::resource_limit_exceeded},
      {Quota::images, "images", "images", "ec2:quota-imagenumber", "ec2:RegisterImage",
       "cloud.images_max", true, I::resource_limit_exceeded},
      {Quota::volumes, "volumes", "volumes", "ec2:quota-volumenumber", "ec2:CreateVolume",
       "cloud.volumes_max", true, VolumeErrc::limit_exceeded},
      {Quota::volume_gib, "volume-gib", "GiB of volumes", "ec2:quota-volumetotalsize",
       "ec2:CreateVolume", "cloud.volumes_size_max_gib", true, VolumeErrc::limit_exceeded},
      {Quota::snapshots, "snapshots", "snapshots", "ec2:quota-snapshotnumber", "ec2:CreateSnapshot",
       "cloud.snapshots_max", true, SnapshotErrc::limit_exceeded},
      {Quota::addresses, "addresses", "elastic addresses", "ec2:quota-addressnumber",
       "ec2:AllocateAddress", "cloud.addresses_max", true, AddressErrc::limit_exceeded},
      {Quota::security_groups, "security-groups", "security groups",
       "ec2:quota-securitygroupnumber", "ec2:CreateSecurityGroup", "cloud.security_groups_max",
       true, GroupErrc::too_many_groups},
      {Quota::users, "users", "users", "iam:quota-usernumber", "iam:CreateUser", "cloud.users_max",
       false, IdentityErrc::limit_exceeded},
      {Quota::groups, "groups", "groups of users", "iam:quota-groupnumber", "iam:CreateGroup",
       "cloud.user_groups_max", false, IdentityErrc::limit_exceeded},
      {Quota::roles, "roles", "roles", "iam:quota-rolenumber", "iam:CreateRole", "cloud.roles_max",
       false, IdentityErrc::limit_exceeded},
      {Quota::instance_profiles, "instance-profiles", "instance profiles",
       "iam:quota-instanceprofilenumber", "iam:CreateInstanceProfile",
       "cloud.instance_profiles_max", false, IdentityErrc::limit_exceeded},
      {Quota::policies, "policies", "managed policies", "iam:quota-policynumber",
       "iam:CreatePolicy", "cloud.policies_max", false, IdentityErrc::limit_exceeded},
  };
  return kQuotas;
}

const QuotaKind& kind_of(Quota quota) { return all_quotas()[static_cast<std::size_t>(quota)]; }

const QuotaKind* find_quota(std::string_view key) {
  const auto lower = common::to_lower(key);
  for (const auto& kind : all_quotas())
    if (lower == kind.key) return &kind;
  return nullptr;
}

QuotaDefaults::QuotaDefaults(const Properties& properties) {
  for (const auto& kind : all_quotas())
    values_.push_back(kind.property ? std::optional(properties.number(kind.property))
                                    : std::nullopt);
}

std::optional<std::int64_t> QuotaDefaults::of(Quota quota) const {
  return values_[static_cast<std::size_t>(quota)];
}

}  // namespace angophora::clc
