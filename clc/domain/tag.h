// Tags: pairs of texts that a user hangs on what is his. One mechanism for all kinds of objects;
// which kinds there are says clc/store/tags.cc.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "common/base/result.h"

namespace angophora::clc {

using Tags = std::map<std::string, std::string>;

inline constexpr std::size_t kTagsMax = 50;       // of one object
inline constexpr std::size_t kTagKeyMax = 128;    // characters, not bytes
inline constexpr std::size_t kTagValueMax = 256;  // likewise

enum class TagErrc {
  bad_resource = 1,  // nothing that this account could tag
  too_many,          // more than kTagsMax on one object
};
std::string_view to_string(TagErrc e);

// RequestErrc::invalid_value for a pair that AWS would not take: too long, or with a key that is
// empty or reserved for the cloud itself.
common::Result<> check_tag(std::string_view key, std::string_view value);

}  // namespace angophora::clc

ANGOPHORA_ERROR_ENUM(angophora::clc, TagErrc)
