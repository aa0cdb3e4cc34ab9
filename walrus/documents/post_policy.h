// The policy of a browser's upload form: until when it holds, and what the form's fields must be.
// Pure; fuzzed.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/base/result.h"
#include "common/base/time.h"

namespace angophora::walrus {

struct PostPolicy {
  enum class Test { equal, starts_with };
  struct Condition {
    Test test = Test::equal;
    std::string field;  // lower case
    std::string value;
  };
  common::SysTime expiration{};
  std::vector<Condition> conditions;
  std::optional<std::pair<std::uint64_t, std::uint64_t>> length_range;
};

// S3Errc::invalid_policy_document.
common::Result<PostPolicy> parse_post_policy(std::string_view json);

// Names in lower case.
using FormFields = std::vector<std::pair<std::string, std::string>>;

// S3Errc::access_denied: it has expired, a condition does not hold, or a field has none that speaks
// of it.
common::Result<> check_post_policy(const PostPolicy& policy, const FormFields& fields,
                                   common::SysTime now);

}  // namespace angophora::walrus
