// Quotas, as Eucalyptus writes them: statements with the effect Limit in the policies of an
// account, user or group.
//
//   {"Effect": "Limit", "Action": "ec2:RunInstances", "Resource": "*",
//    "Condition": {"NumericLessThanEquals": {"ec2:quota-vminstancenumber": "16"}}}
//
// They allow and deny nothing by themselves: decide() does not see them. Who counts asks for the
// limit in the transaction that takes.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "common/policy/evaluate.h"

namespace angophora::policy {

// The smallest maximum that `policies` set for `key` ("ec2:quota-vminstancenumber", in any case)
// where they speak of this action and resource; nothing when none does. Units are those of the key.
std::optional<std::int64_t> limit(std::span<const NamedPolicy> policies, std::string_view key,
                                  std::string_view action, const std::string& resource = "*");

// The keys that a document limits, in lower case, each once.
std::vector<std::string> limited_keys(const Document& document);

}  // namespace angophora::policy
