#include "clc/actions/bind.h"

#include <algorithm>

#include "common/base/encoding.h"

namespace angophora::clc {

Error missing_parameter(std::string_view path) {
  return {RequestErrc::missing_parameter,
          "The request must contain the parameter " + std::string(path)};
}

Error unknown_parameter(std::string_view path) {
  return {RequestErrc::unknown_parameter,
          "The parameter " + std::string(path) + " is not recognized"};
}

Error invalid_value(std::string_view path, std::string_view value, std::string_view expected) {
  std::string shown(value.substr(0, 100));
  if (shown.size() < value.size()) shown += "...";
  return {RequestErrc::invalid_value, "Invalid value '" + shown + "' for " + std::string(path) +
                                          ": it must be " + std::string(expected)};
}

namespace bind_detail {
namespace {

// A name of digits only.
bool is_index(const std::string& name) {
  return !name.empty() &&
         std::all_of(name.begin(), name.end(), [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

Result<> read_text(const Node&, std::string_view text, std::string& into) {
  into = std::string(text);
  return common::ok();
}

Result<> read_text(const Node& node, std::string_view text, bool& into) {
  if (common::equal_ignore_case(text, "true") || text == "1")
    into = true;
  else if (common::equal_ignore_case(text, "false") || text == "0")
    into = false;
  else
    return invalid_value(node.path, text, "true or false");
  return common::ok();
}

Result<> read_text(const Node& node, std::string_view text, common::SysTime& into) {
  const auto time = common::parse_iso8601(text);
  if (!time) return invalid_value(node.path, text, "a time such as 2026-11-22T02:40:58Z");
  into = *time;
  return common::ok();
}

Result<> read_text(const Node& node, std::string_view text, Base64& into) {
  auto bytes = common::base64_decode(text);
  if (!bytes) return invalid_value(node.path, text, "base64");
  into.bytes = std::move(*bytes);
  return common::ok();
}

Result<std::vector<Node*>> elements(Node& node) {
  if (node.value) {
    if (!node.children.empty()) return unknown_parameter(node.children.begin()->second.path);
    if (node.value->empty()) return std::vector<Node*>{};
    return std::vector<Node*>{&node};
  }
  if (const auto member = node.children.find("member");
      member != node.children.end() && node.children.size() == 1)
    return elements(member->second);
  std::vector<Node*> found;
  for (auto& [name, child] : node.children) {
    if (!is_index(name)) return unknown_parameter(child.path);
    found.push_back(&child);
  }
  return found;
}

// boto 2 sends a list where EC2 has a single value: GetConsoleOutput's InstanceId.1.
Result<std::string_view> text_of(const Node& node) {
  if (const auto only = node.children.find("1");
      !node.value && only != node.children.end() && node.children.size() == 1)
    return text_of(only->second);
  if (!node.children.empty()) return unknown_parameter(node.children.begin()->second.path);
  return node.value ? std::string_view(*node.value) : std::string_view();
}

bool says_something(const Node& node) {
  return !node.children.empty() || (node.value && !node.value->empty());
}

Result<> refuse_unknown(const Node& node, const std::vector<const char*>& names) {
  for (const auto& [name, child] : node.children) {
    const bool known = std::any_of(names.begin(), names.end(),
                                   [&name = name](const char* n) { return name == n; });
    if (known) continue;
    const Node* deepest = &child;
    while (!deepest->value && !deepest->children.empty())
      deepest = &deepest->children.begin()->second;
    return unknown_parameter(deepest->path);
  }
  return common::ok();
}

namespace {

// A filter as it travels.
struct Wire {
  std::string name;
  std::vector<std::string> values;
};
constexpr Param<Wire> kFilterParams[] = {
    required<&Wire::name>("Name"),
    optional<&Wire::values>("Value"),
};

}  // namespace

Result<> read_filters(Node& node, Filters& into) {
  TRY(const auto nodes, elements(node));
  for (auto* element : nodes) {
    Wire wire;
    if (element->value) return unknown_parameter(element->path);
    TRY_VOID(read_structure<Wire>(*element, kFilterParams, wire));
    if (wire.values.empty()) return missing_parameter(element->path_of("Value"));
    if (wire.values.size() > 200)
      return Error(RequestErrc::bad_filter,
                   "The filter '" + wire.name + "' has more than 200 values");
    into.push_back({std::move(wire.name), std::move(wire.values)});
  }
  return common::ok();
}

Result<> read_client_token(Node& node, std::string& into) {
  constexpr std::size_t kCharactersMax = 64;
  TRY_VOID(read(node, into));
  const auto is_printable = [](char c) { return c >= ' ' && c <= '~'; };
  if (into.size() > kCharactersMax || !std::all_of(into.begin(), into.end(), is_printable))
    return invalid_value(node.path, into, "at most 64 printable ASCII characters");
  return common::ok();
}

void describe_filters(ParamShape& shape) {
  shape.kind = ParamKind::structure;
  shape.is_list = true;
  shape.members = shapes_of(std::span<const Param<Wire>>(kFilterParams));
}
void describe_number(ParamShape& shape) { shape.kind = ParamKind::number; }
void describe_text(ParamShape& shape) { shape.kind = ParamKind::text; }

}  // namespace bind_detail
}  // namespace angophora::clc
