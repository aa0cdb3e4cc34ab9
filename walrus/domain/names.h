// What buckets and objects may be called, and which of them a request names.
#pragma once

#include <string>
#include <string_view>

#include "common/base/result.h"

namespace angophora::walrus {

// Amazon's rules: 3 to 63 of a-z 0-9 . -, letter or digit at both ends, no two dots together, no
// dot beside a dash, not an IP address.
bool is_bucket_name(std::string_view name);

inline constexpr std::size_t kKeyBytesMax = 1024;

// What a request is about: the service (both empty), a bucket, or an object.
struct Target {
  std::string bucket;
  std::string key;
  bool operator==(const Target&) const = default;
};

// Takes bucket and key from the path, and the bucket from the Host header when that is
// BUCKET.DOMAIN. `domain` empty: path style only. S3Errc::invalid_uri when an escape does not read.
common::Result<Target> parse_target(std::string_view host, std::string_view path,
                                    std::string_view domain);

// What x-amz-copy-source names: [/]bucket/key[?versionId=...], percent-encoded.
struct CopySource {
  std::string bucket, key;
  std::string version;  // "" when it names none
  bool operator==(const CopySource&) const = default;
};
// S3Errc::invalid_argument, invalid_uri.
common::Result<CopySource> parse_copy_source(std::string_view header);

}  // namespace angophora::walrus
