// What an XML document of a client may look like: which elements, how many of each, what they hold.
// One description checks a document, bounds it, and brings it into the form in which it is kept.
// Pure; fuzzed with the documents that use it.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "common/base/result.h"
#include "common/xml/reader.h"

namespace angophora::walrus {

struct Shape {
  enum class Holds {
    elements,  // those of `children`
    text,      // at most `text_max` bytes
    number,    // a decimal number of at most 2^31-1
    boolean,   // true or false, in any case
    choice,    // one of `choices`, between '|'
    time,      // ISO 8601
  };
  std::string_view name;
  std::size_t least = 0, most = 1;
  Holds holds = Holds::text;
  std::string_view choices = {};
  std::span<const Shape> children = {};
  std::size_t text_max = 1024;
};

// S3Errc::malformed_xml when `root` is not what `shape` says; an element that the shape does not
// know is refused too.
common::Result<> check_shape(const xml::Element& root, const Shape& shape);

// What is inside of `root`, as XML without name spaces. `root` has that shape.
std::string inner_xml(const xml::Element& root, const Shape& shape);

// The element that inner_xml() was made of. Errc::corrupt.
common::Result<xml::Element> from_inner_xml(const std::string& inner, const Shape& shape);

common::Error malformed_xml();

}  // namespace angophora::walrus
