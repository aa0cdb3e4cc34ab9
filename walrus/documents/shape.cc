#include "walrus/documents/shape.h"

#include <algorithm>

#include "common/base/text.h"
#include "common/base/time.h"
#include "common/xml/writer.h"
#include "walrus/domain/s3_errors.h"

namespace angophora::walrus {
namespace {

using common::Error;
using common::Result;

const Shape* find_child(const Shape& shape, std::string_view name) {
  const auto found = std::find_if(shape.children.begin(), shape.children.end(),
                                  [&](const Shape& child) { return child.name == name; });
  return found == shape.children.end() ? nullptr : &*found;
}

bool is_choice(std::string_view text, std::string_view choices) {
  const auto all = common::split(choices, '|');
  return std::find(all.begin(), all.end(), text) != all.end();
}

bool holds_what_it_must(std::string_view text, const Shape& shape) {
  const auto trimmed = common::trim(text);
  switch (shape.holds) {
    case Shape::Holds::elements:
      return true;
    case Shape::Holds::text:
      return text.size() <= shape.text_max;
    case Shape::Holds::number:
      return common::parse_number<std::int32_t>(trimmed).has_value();
    case Shape::Holds::boolean:
      return common::equal_ignore_case(trimmed, "true") ||
             common::equal_ignore_case(trimmed, "false");
    case Shape::Holds::choice:
      return is_choice(trimmed, shape.choices);
    case Shape::Holds::time:
      return common::parse_iso8601(trimmed).has_value();
  }
  return false;
}

// Text keeps its white space, all else does not need it.
std::string kept_text(const xml::Element& element, const Shape& shape) {
  if (shape.holds == Shape::Holds::text) return element.text;
  if (shape.holds == Shape::Holds::boolean) return common::to_lower(common::trim(element.text));
  return std::string(common::trim(element.text));
}

Result<> check_content(const xml::Element& element, const Shape& shape) {
  if (shape.holds != Shape::Holds::elements)
    return element.children.empty() && holds_what_it_must(element.text, shape)
               ? Result<>(common::ok())
               : Result<>(malformed_xml());
  for (const auto& child : element.children)
    if (!find_child(shape, child.name)) return malformed_xml();
  for (const auto& wanted : shape.children) {
    const auto there = element.children_named(wanted.name);
    if (there.size() < wanted.least || there.size() > wanted.most) return malformed_xml();
    for (const auto* child : there) TRY_VOID(check_content(*child, wanted));
  }
  return common::ok();
}

void write_content(xml::Writer& writer, const xml::Element& element, const Shape& shape) {
  if (shape.holds != Shape::Holds::elements) {
    writer.text(kept_text(element, shape));
    return;
  }
  for (const auto& child : element.children) {
    const auto* known = find_child(shape, child.name);
    if (!known) continue;
    writer.open(child.name);
    write_content(writer, child, *known);
    writer.close();
  }
}

}  // namespace

Error malformed_xml() {
  return Error(S3Errc::malformed_xml,
               "The XML you provided was not well-formed or did not validate against our published "
               "schema");
}

Result<> check_shape(const xml::Element& root, const Shape& shape) {
  if (root.name != shape.name) return malformed_xml();
  return check_content(root, shape);
}

std::string inner_xml(const xml::Element& root, const Shape& shape) {
  xml::Writer writer(xml::Writer::Declaration::no);
  write_content(writer, root, shape);
  return std::move(writer).finish();
}

Result<xml::Element> from_inner_xml(const std::string& inner, const Shape& shape) {
  const std::string name(shape.name);
  auto root = xml::read("<" + name + ">" + inner + "</" + name + ">");
  if (!root || !check_shape(root.value(), shape))
    return Error(common::Errc::corrupt, "a stored " + name + " does not read");
  return root;
}

}  // namespace angophora::walrus
