#include "walrus/s3/access.h"

#include "walrus/s3/acl_document.h"
#include "walrus/store/buckets.h"
#include "walrus/store/objects.h"

namespace angophora::walrus {
namespace {

// Whatever is asked about a bucket or what is in it begins with this.
Question question_of(const Access& access, const Bucket& bucket) {
  Question question;
  question.action = access.action;
  question.bucket = access.bucket;
  question.key = access.key;
  question.owner = question.bucket_owner = bucket.acl.owner;
  return question;
}

}  // namespace

Access::Access(const S3Call& call)
    : bucket(call.target.bucket),
      key(call.target.key),
      asker(call.caller.asker()),
      expected_owner(call.expected_owner),
      action(call.permission),
      sets_acl(has_acl_headers(call)),
      requester(call.requester) {}

Error access_denied() { return Error(S3Errc::access_denied, "Access Denied"); }

Result<> may(const Access& access, const Bucket& bucket, std::optional<Permission> wanted) {
  auto question = question_of(access, bucket);
  if (wanted) {
    question.acl = &bucket.acl;
    question.permission = *wanted;
  }
  return judge(*access.requester, question);
}

Result<> may(const Access& access, const Bucket& bucket, const Object& object, Permission wanted) {
  auto question = question_of(access, bucket);
  question.owner = object.acl.owner;
  question.acl = &object.acl;
  question.permission = wanted;
  return judge(*access.requester, question);
}

Result<> may_in_account(const Access& access) {
  return judge(*access.requester, {.action = access.action, .bucket = access.bucket});
}

Result<Bucket> find_bucket_unchecked(Tx& tx, const Access& access) {
  TRY(auto bucket, Buckets(tx).find(access.bucket));
  if (access.expected_owner && *access.expected_owner != bucket.acl.owner) return access_denied();
  return bucket;
}

Result<Bucket> find_bucket(Tx& tx, const Access& access, std::optional<Permission> wanted) {
  TRY(auto bucket, find_bucket_unchecked(tx, access));
  TRY_VOID(may(access, bucket, wanted));
  return bucket;
}

Result<Bucket> find_bucket_for_object(Tx& tx, const Access& access) {
  TRY(auto bucket, find_bucket(tx, access, Permission::write));
  if (access.sets_acl)
    TRY_VOID(may(access.about("s3:PutObjectAcl", access.key), bucket, Permission::write));
  return bucket;
}

Result<Object> find_object(Tx& tx, const Access& access, Permission wanted) {
  TRY(const auto bucket, find_bucket_unchecked(tx, access));
  TRY(auto object, Objects(tx).find_if_there(access.bucket, access.key));
  if (!object) {
    if (!may(access.about("s3:ListBucket", ""), bucket, Permission::read)) return access_denied();
    return Error(S3Errc::no_such_key, "The specified key does not exist.");
  }
  TRY_VOID(may(access, bucket, *object, wanted));
  return std::move(*object);
}

}  // namespace angophora::walrus
