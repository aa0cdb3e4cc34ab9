// Byte ranges and preconditions of GET, HEAD, PUT and copies, as RFC 7232/7233 and S3 have them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "common/base/result.h"
#include "common/base/time.h"

namespace angophora::walrus {

struct ByteRange {
  std::uint64_t first = 0;
  std::uint64_t length = 0;
  bool operator==(const ByteRange&) const = default;
};

// What a Range header asks of an object of `size_bytes`. Nothing when the whole object is to be
// sent (no header, not understood, or several ranges). S3Errc::invalid_range when it lies outside.
common::Result<std::optional<ByteRange>> parse_range(std::string_view header,
                                                     std::uint64_t size_bytes);

struct Conditions {
  std::string_view if_match, if_none_match, if_modified_since, if_unmodified_since;
  bool any() const;
};
enum class Verdict { proceed, not_modified, failed };

// Judges conditions against an object's etag (without quotes) and time of last change.
Verdict judge(const Conditions& conditions, std::string_view etag, common::SysTime changed);

// What must be true of an object for its deletion. Nothing said is true of any.
struct DeleteConditions {
  std::string etag;  // a list as in If-Match
  std::optional<std::uint64_t> size_bytes;
  std::optional<common::SysTime> changed;  // in whole seconds
  bool any() const { return !etag.empty() || size_bytes || changed; }
  bool hold(std::string_view etag_there, std::uint64_t size_there,
            common::SysTime changed_there) const;
};

// True when `list` ("*" or etags, quotes optional) names `etag`.
bool names_etag(std::string_view list, std::string_view etag);

}  // namespace angophora::walrus
