// The actions that policies must allow for the features of a bucket that one operation answers for
// as long as they are not offered.
#pragma once

#include "walrus/s3/operation.h"

namespace angophora::walrus {

struct SubresourceActions {
  std::string_view subresource, read, remove;
};

inline constexpr SubresourceActions kSubresourceActions[] = {
    {"versioning", "s3:GetBucketVersioning", ""},
    {"accelerate", "s3:GetAccelerateConfiguration", ""},
    {"notification", "s3:GetBucketNotification", ""},
    {"policy", "s3:GetBucketPolicy", "s3:DeleteBucketPolicy"},
    {"policyStatus", "s3:GetBucketPolicyStatus", ""},
    {"lifecycle", "s3:GetLifecycleConfiguration", "s3:PutLifecycleConfiguration"},
    {"cors", "s3:GetBucketCORS", "s3:PutBucketCORS"},
    {"tagging", "s3:GetBucketTagging", "s3:PutBucketTagging"},
    {"website", "s3:GetBucketWebsite", "s3:DeleteBucketWebsite"},
    {"encryption", "s3:GetEncryptionConfiguration", "s3:PutEncryptionConfiguration"},
    {"replication", "s3:GetReplicationConfiguration", "s3:PutReplicationConfiguration"},
    {"publicAccessBlock", "s3:GetBucketPublicAccessBlock", "s3:PutBucketPublicAccessBlock"},
    {"object-lock", "s3:GetBucketObjectLockConfiguration", ""},
    {"ownershipControls", "s3:GetBucketOwnershipControls", "s3:PutBucketOwnershipControls"},
};

// Of the subresource that the call names; null when there is none of these.
inline const SubresourceActions* subresource_actions(const S3Call& call) {
  for (const auto& known : kSubresourceActions)
    if (call.parameter(known.subresource)) return &known;
  return nullptr;
}

}  // namespace angophora::walrus
