// The policy in which `angophora quota` keeps the limits of an account or user: one statement with
// the effect Limit.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "common/base/result.h"

namespace angophora::clc::cli {

inline constexpr char kQuotaPolicy[] = "quotas";  // its name

// Limits by the keys that policies have for them; nothing takes a limit away.
using QuotaChanges = std::map<std::string, std::optional<std::int64_t>>;

// The limits that such a policy sets; none in "". Errc::corrupt for a policy of another shape,
// which somebody else has written and nobody shall lose.
common::Result<std::map<std::string, std::int64_t>> read_quota_policy(const std::string& document);
// The policy after the changes; "" when it would set nothing.
common::Result<std::string> change_quota_policy(const std::string& document,
                                                const QuotaChanges& changes);

}  // namespace angophora::clc::cli
