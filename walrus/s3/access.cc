#include "walrus/s3/access.h"

#include "walrus/store/buckets.h"
#include "walrus/store/objects.h"

namespace angophora::walrus {

Error access_denied() { return Error(S3Errc::access_denied, "Access Denied"); }

Result<Bucket> find_bucket_unchecked(Tx& tx, const Access& access) {
  TRY(auto bucket, Buckets(tx).find(access.bucket));
  if (access.expected_owner && *access.expected_owner != bucket.acl.owner) return access_denied();
  return bucket;
}

Result<Bucket> find_bucket(Tx& tx, const Access& access, Permission wanted) {
  TRY(auto bucket, find_bucket_unchecked(tx, access));
  if (!allows(bucket.acl, access.asker, wanted)) return access_denied();
  return bucket;
}

Result<Object> find_object(Tx& tx, const Access& access, Permission wanted) {
  TRY(const auto bucket, find_bucket_unchecked(tx, access));
  TRY(auto object, Objects(tx).find_if_there(access.bucket, access.key));
  if (!object) {
    if (!allows(bucket.acl, access.asker, Permission::read)) return access_denied();
    return Error(S3Errc::no_such_key, "The specified key does not exist.");
  }
  if (!allows(object->acl, access.asker, wanted)) return access_denied();
  return std::move(*object);
}

}  // namespace angophora::walrus
