#include "clc/domain/properties.h"

#include <cassert>

#include "clc/domain/addresses.h"
#include "clc/domain/errors.h"
#include "clc/domain/instance_types.h"
#include "clc/domain/public_pool.h"
#include "common/base/text.h"

namespace angophora::clc {
namespace {

common::Error bad_value(std::string message) {
  return {RequestErrc::invalid_value, std::move(message)};
}

common::Result<> judge_instance_types(std::string_view value) {
  const auto types = InstanceTypes::parse(value);
  if (types) return common::ok();
  return bad_value(types.error().message);
}

common::Result<> judge_dns_servers(std::string_view value) {
  TRY_VOID(parse_dns_servers(value));
  return common::ok();
}

common::Result<> judge_public_pool(std::string_view value) {
  TRY_VOID(PublicPool::parse(value));
  return common::ok();
}

common::Result<> judge_yes_no(std::string_view value) {
  if (value == "yes" || value == "no") return common::ok();
  return bad_value("'" + std::string(value) + "' is neither yes nor no");
}

constexpr Property kProperties[] = {
    {"cloud.security_groups_max", "100", "Security groups that an account may have.", true, 1,
     10000},
    {"cloud.security_group_rules_max", "100", "Rules that a security group may have.", true, 1,
     1000},
    {"cloud.instances_max", "1000", "Instances that an account may have at a time.", true, 0,
     1000000},
    {"cloud.vcpus_max", "10000", "vCPUs that the instances of an account may have together.", true,
     0, 100000000},
    {"cloud.images_max", "5000", "Images that an account may have.", true, 0, 1000000},
    {"cloud.requests_per_second", "200",
     "Requests a second that an account may send to each API (EC2, IAM, STS) for long; 0 sets no "
     "limit. The administrators are not limited.",
     true, 0, 1000000},
    {"cloud.requests_burst", "1000", "Requests that an account may send at once after a rest.",
     true, 1, 1000000},
    {"cloud.instance_types", "",
     "Changes to the instance types: NAME=VCPUS,MEMORY_MIB,DISK_GIB[,EPHEMERAL_GIB[,SWAP_MIB]] "
     "or NAME=off, separated by spaces.",
     false, 0, 0, judge_instance_types},
    {"cloud.image_size_max_gib", "30", "Size in GiB that an unpacked image may have.", true, 1,
     10000},
    {"cloud.volumes_max", "1000", "Volumes that an account may have.", true, 0, 1000000},
    {"cloud.volumes_size_max_gib", "100000",
     "Size in GiB that all volumes of an account may have together.", true, 0, 1000000000},
    {"cloud.snapshots_max", "10000", "Snapshots that an account may have.", true, 0, 1000000},
    {"cloud.users_max", "5000", "Users that an account may have beside its root.", true, 0,
     1000000},
    {"cloud.user_groups_max", "300", "Groups of users that an account may have.", true, 0, 100000},
    {"cloud.roles_max", "1000", "Roles that an account may have.", true, 0, 100000},
    {"cloud.instance_profiles_max", "1000", "Instance profiles that an account may have.", true, 0,
     100000},
    {"cloud.policies_max", "1500", "Managed policies that an account may have.", true, 0, 100000},
    {"cloud.access_keys_max", "2", "Access keys that a user may have.", true, 1, 100},
    {"cloud.signing_certificates_max", "2", "Signing certificates that a user may have.", true, 1,
     100},
    {"cloud.key_pairs_max", "1000", "Key pairs that an account may have.", true, 1, 100000},
    {"network.dns_servers", "",
     "Addresses of the name servers that instances use, separated by spaces. Empty: each node "
     "answers "
     "for its instances, knows the names of all of them and asks its own name servers for others.",
     false, 0, 0, judge_dns_servers},
    {"cloud.addresses_max", "20", "Elastic addresses that an account may have.", true, 0, 65536},
    {kPublicAddresses, "",
     "The pool of public addresses for instances: ADDRESS, FIRST-LAST and ADDRESS/BITS, separated "
     "by spaces. What is taken out of it stays with whoever has it until it is released.",
     false, 0, 0, judge_public_pool},
    {kPublicAtLaunch, "no",
     "Whether an instance gets a public address of the pool at its launch when the request does "
     "not say (yes or no).",
     false, 0, 0, judge_yes_no},
};

}  // namespace

common::Result<std::vector<std::string>> parse_dns_servers(std::string_view text) {
  // More than that, no resolver asks.
  constexpr std::size_t kServersMax = 3;
  std::vector<std::string> servers;
  for (const auto word : common::split(text, ' ')) {
    if (word.empty()) continue;
    const auto address = parse_address(word);
    if (!address || *address == 0)
      return bad_value("'" + std::string(word) + "' is not the address of a name server");
    servers.emplace_back(word);
  }
  if (servers.size() > kServersMax)
    return bad_value("there may be " + std::to_string(kServersMax) + " name servers at most");
  return servers;
}

std::span<const Property> all_properties() { return kProperties; }

const Property* find_property(std::string_view name) {
  for (const auto& property : kProperties)
    if (property.name == name) return &property;
  return nullptr;
}

std::string Properties::text(std::string_view name) const {
  if (const auto found = changed_.find(name); found != changed_.end()) return found->second;
  const auto* property = find_property(name);
  assert(property);
  return property->fallback;
}

std::int64_t Properties::number(std::string_view name) const {
  return common::parse_number<std::int64_t>(text(name)).value_or(0);
}

common::Result<> Properties::check(const Property& property, std::string_view value) {
  if (property.judge) return property.judge(value);
  if (!property.is_number) return common::ok();
  const auto number = common::parse_number<std::int64_t>(value);
  if (number && *number >= property.least && *number <= property.most) return common::ok();
  return common::Error(RequestErrc::invalid_value,
                       "Invalid value '" + std::string(value) + "' for " + property.name +
                           ": it must be a number between " + std::to_string(property.least) +
                           " and " + std::to_string(property.most));
}

void Properties::set(std::string_view name, std::optional<std::string> value) {
  if (value)
    changed_.insert_or_assign(std::string(name), std::move(*value));
  else
    changed_.erase(std::string(name));
}

}  // namespace angophora::clc
