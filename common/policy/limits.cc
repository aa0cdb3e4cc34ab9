#include "common/policy/limits.h"

#include <algorithm>

#include "common/base/text.h"
#include "common/policy/lookup.h"

namespace angophora::policy {

std::optional<std::int64_t> limit(std::span<const NamedPolicy> policies, std::string_view key,
                                  std::string_view action, const std::string& resource) {
  const Principal nobody;
  const Policies none;
  const Request request{.action = action, .resource = resource};
  RequestLookup lookup(nobody, none, request);
  const auto lower = common::to_lower(key);
  std::optional<std::int64_t> smallest;
  for (const auto& policy : policies)
    for (const auto& statement : policy.document.limits())
      for (const auto& [name, maximum] : statement.limits)
        if (name == lower && statement.fits_action(lookup.subject(), lookup) &&
            statement.fits_resource(lookup.subject(), lookup))
          smallest = std::min(smallest.value_or(maximum), maximum);
  return smallest;
}

std::vector<std::string> limited_keys(const Document& document) {
  std::vector<std::string> keys;
  for (const auto& statement : document.limits())
    for (const auto& [key, maximum] : statement.limits) keys.push_back(key);
  std::sort(keys.begin(), keys.end());
  keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
  return keys;
}

}  // namespace angophora::policy
