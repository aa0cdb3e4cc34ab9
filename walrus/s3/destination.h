// The bucket that an object is written into, with what it says about new objects.
#pragma once

#include "walrus/documents/bucket_access.h"
#include "walrus/s3/access.h"

namespace angophora::walrus {

struct Destination {
  Bucket bucket;
  Ownership ownership = Ownership::object_writer;
  PublicAccessBlock public_access;
  std::optional<Retention> retention;         // that new versions get
  std::string encryption_algorithm, kms_key;  // of those that ask for none
  bool has_lifecycle = false;
};

// The same refusals as find_bucket_for_object().
Result<Destination> find_destination(Tx& tx, const Access& access, common::SysTime now);

Result<Ownership> find_ownership(Tx& tx, const std::string& bucket);
Result<PublicAccessBlock> find_public_access(Tx& tx, const std::string& bucket);

// What the request wants the new object to be: owner and list, headers, class, tags, lock. Neither
// content nor version. S3Errc::invalid_argument, invalid_request, invalid_tag, access_denied, ...
Result<Object> new_object(const S3Call& call, const Destination& destination, common::SysTime now);

// The list of headers under the bucket's ownership and public access block.
// S3Errc::access_control_list_not_supported, access_denied.
Result<Acl> acl_of_new(const S3Call& call, const Destination& destination);

// What a list that is put on the bucket or on what is in it must be, under ownership and public
// access block. S3Errc::access_control_list_not_supported, access_denied.
Result<> check_put_acl(Tx& tx, const std::string& bucket, const Acl& acl);

// What a new version is called: `new_id` where versioning is enabled, else "null".
std::string version_in(const Bucket& bucket, const std::string& new_id);

}  // namespace angophora::walrus
