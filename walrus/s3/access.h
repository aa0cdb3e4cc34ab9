// Finds what a call names and checks that the caller may (walrus/access). For use inside of a
// transaction.
#pragma once

#include "walrus/domain/object.h"
#include "walrus/s3/operation.h"

namespace angophora::walrus {

Error access_denied();

// Who asks for which bucket, and what for: what a transaction needs of a call, as a copy.
struct Access {
  explicit Access(const S3Call& call);
  // The same caller, who asks for something else.
  Access about(std::string_view other_action, std::string other_key) const {
    auto other = *this;
    other.action = other_action;
    other.key = std::move(other_key);
    return other;
  }
  std::string bucket, key;  // without a key it is about the bucket itself
  std::string version;      // of ?versionId; "": the newest
  Asker asker;
  std::optional<std::string> expected_owner;
  std::string action;          // that policies must allow
  bool offers_to_pay = false;  // x-amz-request-payer
  // Whom the list lets in that the request's headers name for what it makes: canonical ids, ""
  // for all but single accounts. Who asks is left out.
  std::vector<std::string> lets_in;
  std::shared_ptr<const Requester> requester;
};

// Whether the caller may do access.action with the bucket itself, or with access.key in it, as far
// as that is the business of the bucket's owner. `wanted` of the bucket's list lets others in;
// without it no list does. S3Errc::access_denied.
Result<> may(const Access& access, const Bucket& bucket, std::optional<Permission> wanted);
// The same about an object that is there, whose own list counts.
Result<> may(const Access& access, const Bucket& bucket, const Object& object,
             std::optional<Permission> wanted);
// About no bucket at all: s3:ListAllMyBuckets, or a bucket that is yet to be made.
Result<> may_in_account(const Access& access);

// S3Errc::no_such_bucket or access_denied.
Result<Bucket> find_bucket(Tx& tx, const Access& access, std::optional<Permission> wanted);
// For an object that is going to be written: a list that lets others in than who asks and the
// bucket's owner takes s3:PutObjectAcl too.
Result<Bucket> find_bucket_for_object(Tx& tx, const Access& access);
// The bucket with what it says about access; nobody is asked whether they may.
// S3Errc::no_such_bucket.
Result<Bucket> find_bucket_with_rules(Tx& tx, const std::string& name);
// The bucket must be there; whether its owner lets the asker in is the object's business.
Result<Bucket> find_bucket_unchecked(Tx& tx, const Access& access);
// The version that access names, or the newest; it may be a delete marker (see refuse_marker()).
// S3Errc::no_such_bucket, no_such_key, no_such_version (access_denied to those who may not list the
// bucket) or access_denied.
Result<Object> find_object(Tx& tx, const Access& access, std::optional<Permission> wanted);
// S3Errc::no_such_key or method_not_allowed when `object` is a delete marker, with the headers that
// say so.
Result<> refuse_marker(S3Call& call, const Object& object);

}  // namespace angophora::walrus
