#include "walrus/documents/policy_status.h"

#include <algorithm>
#include <array>
#include <boost/json.hpp>

#include "common/base/text.h"
#include "walrus/documents/json_text.h"

namespace angophora::walrus {
namespace {

namespace json = boost::json;

// Conditions on these narrow a statement down, when their values are fixed.
constexpr std::array<std::string_view, 12> kNarrowing = {
    "aws:sourceip",
    "aws:sourcevpc",
    "aws:sourcevpce",
    "aws:sourcearn",
    "aws:sourceaccount",
    "aws:sourceowner",
    "aws:userid",
    "aws:principalarn",
    "aws:principalorgid",
    "aws:principalaccount",
    "s3:x-amz-server-side-encryption-aws-kms-key-id",
    "s3:dataaccesspointaccount"};

bool holds_star(const json::value& value) {
  if (value.is_string()) return text_of(value) == "*";
  if (!value.is_array()) return false;
  const auto& all = value.get_array();
  return std::any_of(all.begin(), all.end(),
                     [](const auto& one) { return one.is_string() && text_of(one) == "*"; });
}

bool is_everybody(const json::object& statement) {
  const auto* principal = statement.if_contains("Principal");
  if (!principal) return statement.if_contains("NotPrincipal") != nullptr;
  if (!principal->is_object()) return holds_star(*principal);
  const auto* accounts = principal->get_object().if_contains("AWS");
  return accounts && holds_star(*accounts);
}

// A wildcard, or a network of the whole world, narrows nothing.
bool is_fixed(const json::value& value) {
  if (value.is_array()) {
    const auto& all = value.get_array();
    return std::all_of(all.begin(), all.end(), [](const auto& one) { return is_fixed(one); });
  }
  if (!value.is_string()) return false;
  const auto text = text_of(value);
  return text.find('*') == std::string_view::npos && !text.ends_with("/0");
}

bool is_narrowed(const json::object& statement) {
  const auto* conditions = statement.if_contains("Condition");
  if (!conditions || !conditions->is_object()) return false;
  for (const auto& [test, keys] : conditions->get_object()) {
    const auto name = common::to_lower({test.data(), test.size()});
    if (name.find("not") != std::string::npos || name.ends_with("ifexists") || !keys.is_object())
      continue;
    for (const auto& [key, values] : keys.get_object()) {
      const auto lower = common::to_lower({key.data(), key.size()});
      const bool narrows =
          std::find(kNarrowing.begin(), kNarrowing.end(), lower) != kNarrowing.end();
      if (narrows && is_fixed(values)) return true;
    }
  }
  return false;
}

bool opens(const json::value& value) {
  if (!value.is_object()) return false;
  const auto& statement = value.get_object();
  const auto* effect = statement.if_contains("Effect");
  return effect && effect->is_string() && text_of(*effect) == "Allow" && is_everybody(statement) &&
         !is_narrowed(statement);
}

}  // namespace

bool is_public_policy(std::string_view text) {
  boost::system::error_code error;
  const auto root = json::parse({text.data(), text.size()}, error);
  if (error || !root.is_object()) return false;
  const auto* statements = root.get_object().if_contains("Statement");
  if (!statements) return false;
  if (!statements->is_array()) return opens(*statements);
  const auto& all = statements->get_array();
  return std::any_of(all.begin(), all.end(), opens);
}

}  // namespace angophora::walrus
