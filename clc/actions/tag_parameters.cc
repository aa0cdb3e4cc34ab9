#include "clc/actions/tag_parameters.h"

#include "clc/store/tags.h"

namespace angophora::clc {
namespace {

Result<> add(const std::vector<TagParameter>& given, Tags& tags) {
  for (const auto& tag : given) {
    const auto value = tag.value.value_or(std::string());
    TRY_VOID(check_tag(tag.key, value));
    if (!tags.emplace(tag.key, value).second)
      return Error(RequestErrc::invalid_value,
                   "The tag key '" + tag.key + "' is given more than once");
  }
  if (tags.size() > kTagsMax)
    return Error(TagErrc::too_many,
                 "A resource can have at most " + std::to_string(kTagsMax) + " tags");
  return common::ok();
}

}  // namespace

Result<Tags> tags_of(const std::vector<TagParameter>& given) {
  Tags tags;
  TRY_VOID(add(given, tags));
  return tags;
}

Result<Tags> tags_for(std::string_view resource_type, const std::vector<TagSpecification>& given) {
  Tags tags;
  for (const auto& specification : given) {
    if (specification.resource_type != resource_type)
      return invalid_value("TagSpecification.ResourceType", specification.resource_type,
                           resource_type);
    if (specification.tags.empty())
      return Error(RequestErrc::invalid_value, "A tag specification must have at least one tag");
    TRY_VOID(add(specification.tags, tags));
  }
  return tags;
}

Result<> check_resources(Tx& tx, const AccountId& account, const std::vector<std::string>& ids) {
  if (ids.size() > kResourcesMax)
    return invalid_value("ResourceId", std::to_string(ids.size()) + " ids",
                         "at most " + std::to_string(kResourcesMax) + " ids");
  for (const auto& id : ids) {
    TRY(const auto owner, TagRows(tx).owner_of(id));
    if (owner != account)
      return Error(TagErrc::bad_resource, "The ID '" + id.substr(0, 100) + "' is not valid");
  }
  return common::ok();
}

void add_tags(Element& parent, const Tags& tags) {
  parent.list("tagSet", tags, [](const auto& tag, Element& item) {
    item.add("key", tag.first).add("value", tag.second);
  });
}

}  // namespace angophora::clc
