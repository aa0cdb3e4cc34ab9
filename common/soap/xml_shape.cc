#include "common/soap/xml_shape.h"

#include <algorithm>
#include <utility>

namespace angophora::soap {
namespace {

std::string attribute_text(const xmlAttr* attribute) {
  return text_of(reinterpret_cast<const xmlNode*>(attribute));
}

std::string_view space_of(const xmlAttr* attribute) {
  return attribute->ns ? reinterpret_cast<const char*>(attribute->ns->href) : "";
}

}  // namespace

Error malformed(std::string what) { return Error(SoapErrc::malformed, std::move(what)); }
Error bad_signature(std::string what) { return Error(SoapErrc::bad_signature, std::move(what)); }

std::string_view name_of(const xmlNode* node) { return reinterpret_cast<const char*>(node->name); }

Result<std::vector<std::string>> exact_attributes(const xmlNode* node,
                                                  std::vector<AttributeName> required,
                                                  std::vector<AttributeName> optional) {
  auto& allowed = required;
  const auto required_count = required.size();
  allowed.insert(allowed.end(), optional.begin(), optional.end());
  std::vector<std::string> values(allowed.size());
  for (const auto* a = node->properties; a; a = a->next) {
    const std::string_view name = reinterpret_cast<const char*>(a->name);
    const auto found = std::find_if(allowed.begin(), allowed.end(), [&](const auto& want) {
      return want.name == name && want.name_space == space_of(a);
    });
    if (found == allowed.end())
      return malformed(std::string(name_of(node)) + " has an attribute " + std::string(name));
    values[static_cast<std::size_t>(found - allowed.begin())] = attribute_text(a);
  }
  for (std::size_t i = 0; i < required_count; ++i)
    if (values[i].empty())
      return malformed(std::string(name_of(node)) + " lacks its attribute " +
                       std::string(allowed[i].name));
  return values;
}

Result<std::vector<xmlNode*>> exact_children(const xmlNode* parent, std::vector<ChildName> want) {
  auto children = element_children(parent);
  const auto name = std::string(name_of(parent));
  if (children.size() != want.size())
    return malformed(name + " has " + std::to_string(children.size()) + " elements, not " +
                     std::to_string(want.size()));
  for (std::size_t i = 0; i < want.size(); ++i)
    if (!is_element(children[i], want[i].name_space, want[i].name))
      return malformed("element " + std::to_string(i + 1) + " of " + name + " is not " +
                       std::string(want[i].name));
  if (!only_space_between(parent)) return malformed(name + " has text between its elements");
  return children;
}

Result<std::string> leaf_text(const xmlNode* node, std::size_t bytes_max) {
  auto text = text_of(node);
  if (!element_children(node).empty() || text.empty() || text.size() > bytes_max)
    return malformed(std::string(name_of(node)) + " is not a short text");
  return text;
}

bool is_plain_id(std::string_view id) {
  return !id.empty() && id.size() <= 128 && std::all_of(id.begin(), id.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '.';
  });
}

}  // namespace angophora::soap
