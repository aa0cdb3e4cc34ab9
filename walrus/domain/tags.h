// Tags of buckets and objects: what they may be, and how they come in headers and columns.
#pragma once

#include "common/base/result.h"
#include "walrus/domain/object.h"

namespace angophora::walrus {

inline constexpr std::size_t kObjectTagsMax = 10;
inline constexpr std::size_t kBucketTagsMax = 50;

// S3Errc::invalid_tag: a name is missing, too long (128 characters) or twice there, or a value is
// longer than 256 characters, or there are more than `count_max`.
Result<> check_tags(const Tags& tags, std::size_t count_max);

// x-amz-tagging: "a=1&b=2", percent-encoded. S3Errc::invalid_argument when it does not read, and
// what check_tags() says. In the order of their names.
Result<Tags> parse_tagging_header(std::string_view text);

// As kept in the database, in the header's form.
std::string store_tags(const Tags& tags);
Result<Tags> load_tags(std::string_view text);

}  // namespace angophora::walrus
