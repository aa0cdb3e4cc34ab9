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

std::vector<ParamShape> shapes_of(ParamList params) {
  std::vector<ParamShape> shapes;
  for (std::size_t i = 0; i < params.size(); ++i) {
    ParamShape shape{params[i].name, params[i].need};
    if (params[i].describe) params[i].describe(shape);
    shapes.push_back(std::move(shape));
  }
  return shapes;
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

namespace {

bool is_known(const std::string& name, const ParamList& params) {
  for (std::size_t i = 0; i < params.size(); ++i)
    if (name == params[i].name) return true;
  return false;
}

Result<> refuse_unknown(const Node& node, const ParamList& params) {
  for (const auto& [name, child] : node.children) {
    if (is_known(name, params)) continue;
    const Node* deepest = &child;
    while (!deepest->value && !deepest->children.empty())
      deepest = &deepest->children.begin()->second;
    return unknown_parameter(deepest->path);
  }
  return common::ok();
}

Result<> read_parameter(Node& node, const AnyParam& param, void* into) {
  const auto found = node.children.find(param.name);
  const bool there = found != node.children.end();
  if (param.need == Need::required && (!there || !says_something(found->second)))
    return missing_parameter(node.path_of(param.name));
  if (!there) return common::ok();
  if (param.need == Need::refused)
    return Error(RequestErrc::unsupported_parameter,
                 "The parameter " + found->second.path + " is not supported: " + param.reason);
  return param.read(into, found->second);
}

}  // namespace

Result<> read_structure(Node& node, ParamList params, void* into) {
  TRY_VOID(refuse_unknown(node, params));
  for (std::size_t i = 0; i < params.size(); ++i) TRY_VOID(read_parameter(node, params[i], into));
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
constexpr ParamList kFilterList{std::span<const Param<Wire>>(kFilterParams)};

}  // namespace

Result<> read_filters(Node& node, Filters& into) {
  TRY(const auto nodes, elements(node));
  for (auto* element : nodes) {
    Wire wire;
    if (element->value) return unknown_parameter(element->path);
    TRY_VOID(read_structure(*element, kFilterList, &wire));
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
  shape.members = shapes_of(kFilterList);
}
void describe_number(ParamShape& shape) { shape.kind = ParamKind::number; }
void describe_text(ParamShape& shape) { shape.kind = ParamKind::text; }

}  // namespace bind_detail
}  // namespace angophora::clc
