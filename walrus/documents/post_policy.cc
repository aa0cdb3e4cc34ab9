#include "walrus/documents/post_policy.h"

#include <algorithm>
#include <boost/json.hpp>

#include "common/base/text.h"
#include "walrus/documents/json_text.h"
#include "walrus/domain/s3_errors.h"

namespace angophora::walrus {
namespace {

using common::Error;
using common::Result;
namespace json = boost::json;

constexpr std::size_t kBytesMax = 64 * 1024;
constexpr std::size_t kDepthMax = 8;
constexpr std::size_t kConditionsMax = 200;

Error invalid_policy(std::string_view why) {
  return Error(S3Errc::invalid_policy_document, "Invalid Policy: " + std::string(why));
}

Result<std::uint64_t> length_of(const json::value& value) {
  if (value.is_uint64()) return value.get_uint64();
  if (value.is_int64() && value.get_int64() >= 0)
    return static_cast<std::uint64_t>(value.get_int64());
  if (value.is_string())
    if (const auto number = common::parse_number<std::uint64_t>(text_of(value))) return *number;
  return invalid_policy("a length is not a number");
}

Result<> add_list(const json::array& list, PostPolicy& policy) {
  if (list.size() != 3 || !list[0].is_string())
    return invalid_policy("a condition has not three parts");
  const auto test = common::to_lower(text_of(list[0]));
  if (test == "content-length-range") {
    TRY(const auto least, length_of(list[1]));
    TRY(const auto most, length_of(list[2]));
    policy.length_range = {least, most};
    return common::ok();
  }
  if (test != "eq" && test != "starts-with")
    return invalid_policy("a condition has an unknown test");
  if (!list[1].is_string() || !list[2].is_string() || !text_of(list[1]).starts_with('$'))
    return invalid_policy("a condition names no field");
  policy.conditions.push_back(
      {test == "eq" ? PostPolicy::Test::equal : PostPolicy::Test::starts_with,
       common::to_lower(text_of(list[1]).substr(1)), std::string(text_of(list[2]))});
  return common::ok();
}

Result<> add_condition(const json::value& value, PostPolicy& policy) {
  if (value.is_array()) return add_list(value.get_array(), policy);
  if (!value.is_object() || value.get_object().empty())
    return invalid_policy("a condition is neither a list nor an object");
  for (const auto& [name, wanted] : value.get_object()) {
    if (!wanted.is_string()) return invalid_policy("a condition's value is no text");
    policy.conditions.push_back(
        {PostPolicy::Test::equal, common::to_lower(name), std::string(text_of(wanted))});
  }
  return common::ok();
}

// Fields that need no condition.
bool is_free(std::string_view name) {
  constexpr std::string_view kFree[] = {"awsaccesskeyid", "signature", "policy",
                                        "file",           "bucket",    "x-amz-signature"};
  return name.starts_with("x-ignore-") || name.starts_with("x-amz-checksum-") ||
         std::find(std::begin(kFree), std::end(kFree), name) != std::end(kFree);
}

bool holds(const PostPolicy::Condition& condition, const FormFields& fields) {
  for (const auto& [name, value] : fields) {
    if (name != condition.field) continue;
    return condition.test == PostPolicy::Test::equal ? value == condition.value
                                                     : value.starts_with(condition.value);
  }
  // Any value will do, also none.
  return condition.test == PostPolicy::Test::starts_with && condition.value.empty();
}

}  // namespace

Result<PostPolicy> parse_post_policy(std::string_view text) {
  if (text.size() > kBytesMax) return invalid_policy("it is too large");
  json::parse_options options;
  options.max_depth = kDepthMax;
  boost::system::error_code error;
  const auto root = json::parse({text.data(), text.size()}, error, {}, options);
  if (error || !root.is_object()) return invalid_policy("it is not JSON");
  const auto* expiration = root.get_object().if_contains("expiration");
  const auto* conditions = root.get_object().if_contains("conditions");
  if (!expiration || !expiration->is_string()) return invalid_policy("it has no expiration");
  if (!conditions || !conditions->is_array()) return invalid_policy("it has no conditions");
  const auto time = text_of(*expiration);
  const auto until = common::parse_iso8601(time);
  if (!until || !time.ends_with('Z'))
    return invalid_policy("its expiration is no ISO 8601 date in UTC");
  PostPolicy policy;
  policy.expiration = *until;
  if (conditions->get_array().size() > kConditionsMax)
    return invalid_policy("it has too many conditions");
  for (const auto& condition : conditions->get_array()) TRY_VOID(add_condition(condition, policy));
  return policy;
}

Result<> check_post_policy(const PostPolicy& policy, const FormFields& fields,
                           common::SysTime now) {
  const auto denied = [](std::string_view why) {
    return Error(S3Errc::access_denied, "Invalid according to Policy: " + std::string(why));
  };
  if (policy.expiration <= now) return denied("Policy expired.");
  for (const auto& condition : policy.conditions)
    if (!holds(condition, fields)) return denied("Policy Condition failed: " + condition.field);
  for (const auto& [name, value] : fields) {
    const bool named = std::any_of(policy.conditions.begin(), policy.conditions.end(),
                                   [&n = name](const auto& c) { return c.field == n; });
    if (!named && !is_free(name)) return denied("Extra input fields: " + name);
  }
  return common::ok();
}

}  // namespace angophora::walrus
