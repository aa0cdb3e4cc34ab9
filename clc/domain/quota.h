// What an operator may limit for an account, and for a single user of it: how much of what there
// is. Each quota is said in policies by a key of its own (common/policy/limits.h); most have a
// property that counts for every account whose policies say nothing.
#pragma once

#include <optional>
#include <span>
#include <string_view>
#include <system_error>

#include "clc/domain/properties.h"

namespace angophora::clc {

enum class Quota {
  instances,
  vcpus,
  memory_mib,
  disk_gib,
  images,
  volumes,
  volume_gib,
  snapshots,
  addresses,
  security_groups,
  users,
  groups,
  roles,
  instance_profiles,
  policies,
};

struct QuotaKind {
  Quota quota;
  const char* name;          // for `angophora quota`
  const char* words;         // "You have 3 instances"
  const char* key;           // in policies
  const char* action;        // that takes it, as policies name it
  const char* property;      // of all accounts; null: without a policy there is no limit
  bool of_users = false;     // counted for single users too
  std::error_code exceeded;  // what a refusal is
};

std::span<const QuotaKind> all_quotas();
const QuotaKind& kind_of(Quota quota);
// By its key, in any case; null when there is none.
const QuotaKind* find_quota(std::string_view key);

// What every account may have when no policy of its own says otherwise. Taken along to the
// database's threads.
class QuotaDefaults {
 public:
  explicit QuotaDefaults(const Properties& properties);  // I/O thread only
  std::optional<std::int64_t> of(Quota quota) const;

 private:
  std::vector<std::optional<std::int64_t>> values_;
};

}  // namespace angophora::clc
