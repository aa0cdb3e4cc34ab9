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

inline constexpr std::array<BucketDefault, 16> kBucketDefaults = {{
    {"versioning", S3Errc::none, "", "VersioningConfiguration", ""},
    {"logging", S3Errc::none, "", "BucketLoggingStatus", ""},
    {"requestPayment", S3Errc::none, "", "RequestPaymentConfiguration",
     "<Payer>BucketOwner</Payer>"},
    {"accelerate", S3Errc::none, "", "AccelerateConfiguration", ""},
    {"notification", S3Errc::none, "", "NotificationConfiguration", ""},
    {"policy", S3Errc::no_such_bucket_policy, "The bucket policy does not exist", "", ""},
    {"policyStatus", S3Errc::no_such_bucket_policy, "The bucket policy does not exist", "", ""},
    {"lifecycle", S3Errc::no_such_lifecycle_configuration,
     "The lifecycle configuration does not exist", "", ""},
    {"cors", S3Errc::no_such_cors_configuration, "The CORS configuration does not exist", "", ""},
    {"tagging", S3Errc::no_such_tag_set, "The TagSet does not exist", "", ""},
    {"website", S3Errc::no_such_website_configuration,
     "The specified bucket does not have a website configuration", "", ""},
    {"encryption", S3Errc::no_such_encryption_configuration,
     "The server side encryption configuration was not found", "", ""},
    {"replication", S3Errc::no_such_replication_configuration,
     "The replication configuration was not found", "", ""},
    {"publicAccessBlock", S3Errc::no_such_public_access_block,
     "The public access block configuration was not found", "", ""},
    {"object-lock", S3Errc::no_such_object_lock_configuration,
     "Object Lock configuration does not exist for this bucket", "", ""},
    {"ownershipControls", S3Errc::no_such_ownership_controls,
     "The bucket ownership controls were not found", "", ""},
}};

}  // namespace angophora::walrus
