// What a bucket answers about features that it does not have: as Amazon does for a bucket where
// they were never set.
#pragma once

#include <array>
#include <string_view>

#include "walrus/domain/s3_errors.h"

namespace angophora::walrus {

struct BucketDefault {
  std::string_view subresource;
  S3Errc error;  // none: `xml` is the answer
  std::string_view message;
  std::string_view root;     // of the answer
  std::string_view content;  // XML inside of it
};

inline constexpr std::array<BucketDefault, 4> kBucketDefaults = {{
    {"accelerate", S3Errc::none, "", "AccelerateConfiguration", ""},
    {"notification", S3Errc::none, "", "NotificationConfiguration", ""},
    {"website", S3Errc::no_such_website_configuration,
     "The specified bucket does not have a website configuration", "", ""},
    {"replication", S3Errc::no_such_replication_configuration,
     "The replication configuration was not found", "", ""},
}};

}  // namespace angophora::walrus
