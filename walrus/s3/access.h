// Finds what a call names and checks that the caller may. For use inside of a transaction.
#pragma once

#include "walrus/domain/object.h"
#include "walrus/s3/operation.h"

namespace angophora::walrus {

Error access_denied();

// Who asks for which bucket: what a transaction needs of a call, as a copy.
struct Access {
  explicit Access(const S3Call& call)
      : bucket(call.target.bucket),
        key(call.target.key),
        asker(call.caller.asker()),
        expected_owner(call.expected_owner) {}
  std::string bucket, key;
  Asker asker;
  std::optional<std::string> expected_owner;
};

// S3Errc::no_such_bucket or access_denied.
Result<Bucket> find_bucket(Tx& tx, const Access& access, Permission wanted);
// The bucket must be there; whether its owner lets the asker in is the object's business.
Result<Bucket> find_bucket_unchecked(Tx& tx, const Access& access);
// S3Errc::no_such_bucket, no_such_key (access_denied to those who may not list the bucket) or
// access_denied.
Result<Object> find_object(Tx& tx, const Access& access, Permission wanted);

}  // namespace angophora::walrus
