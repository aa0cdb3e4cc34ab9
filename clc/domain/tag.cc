#include "clc/domain/tag.h"

#include <algorithm>

#include "clc/domain/errors.h"
#include "common/base/text.h"

namespace angophora::clc {
namespace {

// aws: is Amazon's, euca: that of Eucalyptus' tools, which find an instance's node there.
constexpr std::string_view kReserved[] = {"aws:", "euca:"};

std::size_t characters(std::string_view utf8) {
  const auto begins = [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; };
  return static_cast<std::size_t>(std::count_if(utf8.begin(), utf8.end(), begins));
}

// What no XML document can carry.
bool has_control_characters(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) {
    return static_cast<unsigned char>(c) < ' ' && c != '\t' && c != '\n';
  });
}

common::Error invalid(std::string_view what, std::string_view value, std::string_view why) {
  return {RequestErrc::invalid_value, "Value ( " + std::string(value) + " ) for parameter " +
                                          std::string(what) + " is invalid. " + std::string(why)};
}

}  // namespace

std::string_view to_string(TagErrc e) {
  switch (e) {
    case TagErrc::bad_resource:
      return "bad resource to tag";
    case TagErrc::too_many:
      return "too many tags";
  }
  return "unknown tag error";
}

common::Result<> check_tag(std::string_view key, std::string_view value) {
  if (key.empty()) return invalid("key", key, "A tag key must not be empty.");
  for (const auto prefix : kReserved)
    if (common::equal_ignore_case(key.substr(0, prefix.size()), prefix))
      return invalid(
          "key", key,
          "Tag keys starting with '" + std::string(prefix) + "' are reserved for internal use.");
  if (characters(key) > kTagKeyMax)
    return invalid("key", key, "Tag keys have at most 128 characters.");
  if (characters(value) > kTagValueMax)
    return invalid("value", value, "Tag values have at most 256 characters.");
  if (has_control_characters(key) || has_control_characters(value))
    return invalid("key", key, "Tags have no control characters.");
  return common::ok();
}

}  // namespace angophora::clc
