#include "clc/actions/tag_parameters.h"

namespace angophora::clc {
namespace {

constexpr std::size_t kTagsMax = 50;
constexpr std::size_t kKeyCharsMax = 128;
constexpr std::size_t kValueCharsMax = 256;

Result<> check(const TagParameter& tag) {
  if (tag.key.starts_with("aws:"))
    return invalid_value("Tag.Key", tag.key, "a key that does not start with aws:");
  if (tag.key.size() > kKeyCharsMax)
    return invalid_value("Tag.Key", tag.key, "at most 128 characters");
  if (tag.value.size() > kValueCharsMax)
    return invalid_value("Tag.Value", tag.value, "at most 256 characters");
  return common::ok();
}

}  // namespace

Result<Tags> tags_for(std::string_view resource_type, const std::vector<TagSpecification>& given) {
  Tags tags;
  for (const auto& specification : given) {
    if (specification.resource_type != resource_type)
      return invalid_value("TagSpecification.ResourceType", specification.resource_type,
                           resource_type);
    for (const auto& tag : specification.tags) {
      TRY_VOID(check(tag));
      if (!tags.emplace(tag.key, tag.value).second)
        return Error(RequestErrc::invalid_value,
                     "The tag key '" + tag.key + "' is given more than once");
    }
  }
  if (tags.size() > kTagsMax)
    return Error(RequestErrc::invalid_value, "An object can have at most 50 tags");
  return tags;
}

void add_tags(Element& parent, const Tags& tags) {
  parent.list("tagSet", tags, [](const auto& tag, Element& item) {
    item.add("key", tag.first).add("value", tag.second);
  });
}

}  // namespace angophora::clc
