// Tags on the wire: TagSpecification.N of what makes an object, Tag.N of CreateTags and DeleteTags,
// and <tagSet> in answers.
#pragma once

#include "clc/actions/action.h"
#include "clc/domain/tag.h"

namespace angophora::clc {

struct TagParameter {
  std::string key;
  std::optional<std::string> value;  // none is not "" when tags are deleted
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

// What CreateTags and DeleteTags may name in one request.
inline constexpr std::size_t kResourcesMax = 1000;

// The tags that `given` makes. RequestErrc::invalid_value for those that AWS would not take and for
// a key that is there twice, TagErrc::too_many for more than 50.
Result<Tags> tags_of(const std::vector<TagParameter>& given);

// The tags for a new object of `resource_type`, e.g. "key-pair"; tags for anything else are
// refused, and what tags_of() refuses.
Result<Tags> tags_for(std::string_view resource_type, const std::vector<TagSpecification>& given);

// Fails with TagErrc::bad_resource unless each of `ids` is an object of the account that can carry
// tags. One answer for what is not there, what is somebody else's and what is no id at all.
Result<> check_resources(Tx& tx, const AccountId& account, const std::vector<std::string>& ids);

// <tagSet> as every describing answer has it.
void add_tags(Element& parent, const Tags& tags);

}  // namespace angophora::clc
