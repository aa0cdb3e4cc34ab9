// IMDSv2's session tokens without a memory of them: expiry and a keyed digest over it and the
// instance. A token of one instance is nothing to another.
//
// Threads: any.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "common/base/id.h"
#include "common/base/time.h"

namespace angophora::nc {

inline constexpr std::chrono::seconds kTokenLifeMax{21600};

class MetadataTokens {
 public:
  // With a key that stays the same, tokens outlive a restart of the daemon.
  explicit MetadataTokens(std::string key) : key_(std::move(key)) {}

  std::string issue(const common::InstanceId& instance, common::SysTime expiry) const;
  bool is_valid(std::string_view token, const common::InstanceId& instance,
                common::SysTime now) const;

 private:
  std::string seal(std::string_view expiry, const common::InstanceId& instance) const;

  std::string key_;
};

}  // namespace angophora::nc
