// Reads XML that strangers send: UTF-8, no DTD, no entities beyond the five, no network, and limits
// on bytes, depth and count. What comes out is a plain value. Any thread.
//
//   TRY(const auto root, xml::read(body));
//   for (const auto* object : root.children_named("Object"))
//   keys.push_back(object->text_of("Key"));
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"

namespace angophora::xml {

struct Attribute {
  std::string name;  // without prefix
  std::string name_space;
  std::string value;
};

struct Element {
  std::string name;  // without prefix
  std::string name_space;
  std::vector<Attribute> attributes;
  std::string text;  // its own text, pieces joined, white space as it was
  std::vector<Element> children;

  // The first child of that name, in whatever namespace; nothing when there is none.
  const Element* child(std::string_view child_name) const;
  std::vector<const Element*> children_named(std::string_view child_name) const;
  // The child's text without white space at its ends; "" when there is no such child.
  std::string text_of(std::string_view child_name) const;
  const std::string* attribute(std::string_view attribute_name) const;
  // Follows a path of names: find("Grantee/ID").
  const Element* find(std::string_view path) const;
};

struct Limits {
  std::size_t bytes_max = 4 * 1024 * 1024;
  std::size_t depth_max = 64;
  std::size_t elements_max = 200'000;
};

// Errc::corrupt, with the line, for what is not well-formed or has a DTD; Errc::limit_exceeded.
common::Result<Element> read(std::string_view document, const Limits& limits = {});

}  // namespace angophora::xml
