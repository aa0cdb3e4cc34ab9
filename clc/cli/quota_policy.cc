#include "clc/cli/quota_policy.h"

#include <boost/json.hpp>

#include "common/base/text.h"

namespace angophora::clc::cli {
namespace {

namespace json = boost::json;
using common::Errc;
using common::Error;
using common::Result;

constexpr char kOperator[] = "NumericLessThanEquals";

Error other_shape() {
  return {Errc::corrupt, std::string("the policy '") + kQuotaPolicy +
                             "' was not written by `angophora quota`; move what it says elsewhere "
                             "first (GetAccountPolicy, GetUserPolicy)"};
}

json::object around(json::object limits) {
  json::object statement = {{"Effect", "Limit"},
                            {"Action", "*"},
                            {"Resource", "*"},
                            {"Condition", json::object{{kOperator, std::move(limits)}}}};
  return {{"Version", "2012-10-17"}, {"Statement", json::array{std::move(statement)}}};
}

// What stands where the limits are in a policy of that shape; null in any other.
const json::object* find_limits(const json::value& policy) {
  boost::system::error_code failure;
  const auto* found =
      policy.find_pointer(std::string("/Statement/0/Condition/") + kOperator, failure);
  return found ? found->if_object() : nullptr;
}

}  // namespace

Result<std::map<std::string, std::int64_t>> read_quota_policy(const std::string& document) {
  std::map<std::string, std::int64_t> limits;
  if (document.empty()) return limits;
  boost::system::error_code failure;
  const auto policy = json::parse(document, failure);
  if (failure) return other_shape();
  const auto* found = find_limits(policy);
  if (!found || policy != json::value(around(*found))) return other_shape();
  for (const auto& [key, value] : *found) {
    const auto* text = value.if_string();
    const auto most = text ? common::parse_number<std::int64_t>(*text) : std::nullopt;
    if (!most) return other_shape();
    limits[std::string(key)] = *most;
  }
  return limits;
}

Result<std::string> change_quota_policy(const std::string& document, const QuotaChanges& changes) {
  TRY(auto limits, read_quota_policy(document));
  for (const auto& [key, most] : changes) {
    if (most)
      limits[key] = *most;
    else
      limits.erase(key);
  }
  if (limits.empty()) return std::string();
  json::object texts;
  for (const auto& [key, most] : limits) texts[key] = std::to_string(most);
  return json::serialize(around(std::move(texts)));
}

}  // namespace angophora::clc::cli
