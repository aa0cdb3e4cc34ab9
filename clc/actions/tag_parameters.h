// TagSpecification.N: tags that a new object gets.
#pragma once

#include "clc/actions/action.h"
#include "clc/domain/instance.h"

namespace angophora::clc {

struct TagParameter {
  std::string key;
  std::string value;
  static auto params() {
    return std::to_array(
        {required<&TagParameter::key>("Key"), optional<&TagParameter::value>("Value")});
  }
};

struct TagSpecification {
  std::string resource_type;
  std::vector<TagParameter> tags;
  static auto params() {
    return std::to_array({required<&TagSpecification::resource_type>("ResourceType"),
                          optional<&TagSpecification::tags>("Tag")});
  }
};

// The tags for a new object of `resource_type`; tags for anything else are refused, as are more
// than 50, keys over 128 or values over 256 characters, and keys that start with "aws:".
Result<Tags> tags_for(std::string_view resource_type, const std::vector<TagSpecification>& given);

// <tagSet> as every describing answer has it.
void add_tags(Element& parent, const Tags& tags);

}  // namespace angophora::clc
