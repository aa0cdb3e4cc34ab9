#include "clc/actions/parameters.h"

#include <algorithm>

#include "clc/domain/errors.h"
#include "common/base/encoding.h"
#include "common/base/text.h"

namespace angophora::clc {
namespace {

constexpr std::size_t kDepthMax = 12;

bool belongs_to_protocol(std::string_view name) {
  static constexpr std::string_view kNames[] = {
      "Action",    "Version",          "AWSAccessKeyId", "Signature",    "SignatureMethod",
      "Timestamp", "SignatureVersion", "Expires",        "SecurityToken"};
  if (std::find(std::begin(kNames), std::end(kNames), name) != std::end(kNames)) return true;
  return common::to_lower(name.substr(0, 6)) == "x-amz-";
}

std::string canonical_text(std::vector<std::pair<std::string, std::string>>& pairs) {
  std::sort(pairs.begin(), pairs.end());
  std::string text;
  for (const auto& [name, value] : pairs) {
    if (name == "ClientToken") continue;
    text.append(common::percent_encode(name)).append("=").append(common::percent_encode(value));
    text.append("&");
  }
  return text;
}

Error given_twice(const std::string& name) {
  return {RequestErrc::invalid_value, "The parameter " + name + " was given twice"};
}

Result<bool> parse_dry_run(std::string_view text) {
  if (common::equal_ignore_case(text, "true")) return true;
  if (common::equal_ignore_case(text, "false")) return false;
  return Error(RequestErrc::invalid_value,
               "Invalid value '" + std::string(text) + "' for DryRun: it takes true or false");
}

}  // namespace

bool Parameters::Order::operator()(const std::string& a, const std::string& b) const {
  const auto x = common::parse_number<std::uint32_t>(a), y = common::parse_number<std::uint32_t>(b);
  if (x && y && *x != *y) return *x < *y;
  if (x.has_value() != y.has_value()) return x.has_value();
  return a < b;
}

std::string Parameters::Node::path_of(std::string_view child) const {
  return path.empty() ? std::string(child) : path + "." + std::string(child);
}

Result<Parameters> Parameters::parse(std::vector<std::pair<std::string, std::string>> pairs) {
  std::erase_if(pairs, [](const auto& pair) { return belongs_to_protocol(pair.first); });
  Parameters parameters;
  bool dry_run_given = false;
  for (const auto& [name, value] : pairs) {
    if (name == "DryRun") {
      if (dry_run_given) return given_twice(name);
      dry_run_given = true;
      TRY(parameters.dry_run_, parse_dry_run(value));
      continue;
    }
    const auto parts = common::split(name, '.');
    if (parts.size() > kDepthMax || std::find(parts.begin(), parts.end(), "") != parts.end())
      return Error(RequestErrc::unknown_parameter, "The parameter " + name + " is not recognized");
    Node* node = &parameters.root_;
    for (const auto part : parts) {
      auto path = node->path_of(part);
      node = &node->children[std::string(part)];
      node->path = std::move(path);
    }
    if (node->value) return given_twice(name);
    node->value = value;
  }
  parameters.root_.canonical = canonical_text(pairs);
  return parameters;
}

}  // namespace angophora::clc
