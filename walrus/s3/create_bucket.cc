// CreateBucket: takes a name that nobody has yet. Any signed caller may whose policies let him.
#include "common/base/text.h"
#include "walrus/documents/bucket_access.h"
#include "walrus/s3/access.h"
#include "walrus/s3/acl_document.h"
#include "walrus/s3/body.h"
#include "walrus/s3/replies.h"
#include "walrus/store/bucket_settings.h"
#include "walrus/store/buckets.h"

namespace angophora::walrus::create_bucket {
namespace {

constexpr std::size_t kDocumentBytesMax = 64 * 1024;

// The region that the body names, when it is one of ours.
Task<std::string> read_location(Services& s, S3Call& call) {
  CO_TRY(const auto document, co_await read_document(call, kDocumentBytesMax));
  if (document.empty()) co_return std::string();
  const auto root = xml::read(document);
  if (!root || root.value().name != "CreateBucketConfiguration")
    co_return Error(S3Errc::malformed_xml,
                    "The XML you provided was not well-formed or did not "
                    "validate against our published schema");
  const auto location = root.value().text_of("LocationConstraint");
  if (!location.empty() && location != s.settings.region && location != "us-east-1" &&
      location != "US" && location != "EU")
    co_return Error(S3Errc::invalid_location_constraint,
                    "The specified location-constraint is not valid: the region of this cloud is " +
                        s.settings.region);
  co_return location;
}

// x-amz-object-ownership. S3Errc::invalid_argument, invalid_bucket_acl_with_ownership.
Result<std::string> ownership_of_header(const S3Call& call, const Acl& acl) {
  const std::string wanted(call.header("x-amz-object-ownership"));
  if (wanted.empty()) return wanted;
  const auto ownership = parse_ownership(wanted);
  if (!ownership) return Error(S3Errc::invalid_argument, "Invalid x-amz-object-ownership header");
  const bool is_private = acl == *canned_acl("private", acl.owner, "");
  if (*ownership == Ownership::bucket_owner_enforced && !is_private)
    return Error(S3Errc::invalid_bucket_acl_with_ownership,
                 "Bucket cannot have ACLs set with ObjectOwnership's BucketOwnerEnforced setting");
  return wanted;
}

Result<> keep_settings(Tx& tx, const Bucket& bucket, const std::string& ownership) {
  BucketSettings settings(tx);
  if (!ownership.empty())
    TRY_VOID(settings.put(bucket.name, "ownershipControls", ownership_inner_xml(ownership),
                          bucket.created));
  if (bucket.object_lock)
    TRY_VOID(settings.put(bucket.name, "object-lock",
                          "<ObjectLockEnabled>Enabled</ObjectLockEnabled>", bucket.created));
  return common::ok();
}

Task<http::Response> run(Services& s, S3Call& call) {
  if (call.caller.anonymous()) co_return access_denied();
  if (!is_bucket_name(call.target.bucket))
    co_return Error(S3Errc::invalid_bucket_name, "The specified bucket is not valid.");
  const Access access(call);
  CO_TRY_VOID(may_in_account(access));
  if (has_acl_headers(call)) CO_TRY_VOID(may_in_account(access.about("s3:PutBucketAcl", "")));
  Bucket bucket;
  bucket.name = call.target.bucket;
  CO_TRY(bucket.location, co_await read_location(s, call));
  CO_TRY(bucket.acl, acl_of_headers(call, call.caller.canonical_id, ""));
  CO_TRY(const auto ownership, ownership_of_header(call, bucket.acl));
  bucket.created = s.runtime.now();
  bucket.object_lock =
      common::equal_ignore_case(call.header("x-amz-bucket-object-lock-enabled"), "true");
  if (bucket.object_lock) bucket.versioning = Versioning::enabled;
  auto insert = [bucket, ownership, most = s.settings.buckets_max](Tx& tx) -> Result<> {
    auto inserted = Buckets(tx).insert(bucket);
    if (!inserted && inserted.error().code == S3Errc::bucket_already_owned_by_you) {
      // The same request again, perhaps because its answer was lost.
      TRY(const auto there, Buckets(tx).find(bucket.name));
      if (there.acl == bucket.acl && there.location == bucket.location) return common::ok();
    }
    if (!inserted) return std::move(inserted).assume_error();
    TRY(const auto owned, Buckets(tx).count_owned_by(bucket.acl.owner));
    if (owned > most)
      return Error(S3Errc::too_many_buckets,
                   "You have attempted to create more buckets than allowed");
    return keep_settings(tx, bucket, ownership);
  };
  CO_TRY_VOID(co_await s.db.write(std::move(insert)));
  auto response = empty_reply(200);
  response.headers.add("Location", "/" + bucket.name);
  co_return response;
}

}  // namespace

extern const S3Operation CreateBucket{.name = "CreateBucket",
                                      .method = "PUT",
                                      .resource = Resource::bucket,
                                      .permission = "s3:CreateBucket",
                                      .run = run};

}  // namespace angophora::walrus::create_bucket
