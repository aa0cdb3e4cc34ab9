#include "walrus/s3/destination.h"

#include "walrus/documents/encryption_rule.h"
#include "walrus/documents/object_lock.h"
#include "walrus/domain/tags.h"
#include "walrus/s3/acl_document.h"
#include "walrus/s3/object_headers.h"
#include "walrus/store/bucket_settings.h"

namespace angophora::walrus {
namespace {

// The document under `name`; nothing when it is not set.
Result<std::optional<xml::Element>> find_setting(Tx& tx, const std::string& bucket,
                                                 std::string_view name, const Shape& shape) {
  TRY(const auto text, BucketSettings(tx).find(bucket, name));
  if (!text) return std::optional<xml::Element>();
  TRY(auto root, from_inner_xml(*text, shape));
  return std::optional(std::move(root));
}

Result<std::optional<Retention>> retention_of_headers(const S3Call& call, common::SysTime now) {
  const auto mode = call.header("x-amz-object-lock-mode");
  const auto until_text = call.header("x-amz-object-lock-retain-until-date");
  if (mode.empty() && until_text.empty()) return std::optional<Retention>();
  if (mode.empty() || until_text.empty())
    return invalid_argument(
        "x-amz-object-lock-retain-until-date and x-amz-object-lock-mode must both be supplied");
  const auto compliance = parse_compliance(mode);
  if (!compliance) return invalid_argument("Unknown wormMode directive.");
  const auto until = common::parse_iso8601(until_text);
  if (!until) return invalid_argument("The retain until date must be provided in ISO 8601 format");
  if (*until <= now) return invalid_argument("The retain until date must be in the future!");
  return std::optional(Retention{*compliance, *until});
}

Result<bool> hold_of_headers(const S3Call& call) {
  const auto hold = call.header("x-amz-object-lock-legal-hold");
  if (hold == "ON") return true;
  if (hold.empty() || hold == "OFF") return false;
  return invalid_argument("Legal Hold must be either of 'ON' or 'OFF'");
}

Result<> add_lock(const S3Call& call, const Destination& destination, common::SysTime now,
                  Object& object) {
  TRY(object.retention, retention_of_headers(call, now));
  TRY(object.legal_hold, hold_of_headers(call));
  if ((object.retention || call.has_header("x-amz-object-lock-legal-hold")) &&
      !destination.bucket.object_lock)
    return Error(S3Errc::invalid_request, "Bucket is missing Object Lock Configuration");
  const Access access(call);
  if (object.retention)
    TRY_VOID(
        may(access.about("s3:PutObjectRetention", access.key), destination.bucket, std::nullopt));
  if (object.legal_hold)
    TRY_VOID(
        may(access.about("s3:PutObjectLegalHold", access.key), destination.bucket, std::nullopt));
  if (!object.retention) object.retention = destination.retention;
  return common::ok();
}

bool is_public(const Acl& acl) {
  for (const auto& grant : acl.grants)
    if (grant.group && grant.grantee != kLogDelivery) return true;
  return false;
}

}  // namespace

Result<Ownership> find_ownership(Tx& tx, const std::string& bucket) {
  TRY(const auto root, find_setting(tx, bucket, "ownershipControls", kOwnershipShape));
  return root ? ownership_of(*root) : Ownership::object_writer;
}

Result<PublicAccessBlock> find_public_access(Tx& tx, const std::string& bucket) {
  TRY(const auto root, find_setting(tx, bucket, "publicAccessBlock", kPublicAccessShape));
  return root ? public_access_of(*root) : PublicAccessBlock{};
}

Result<Destination> find_destination(Tx& tx, const Access& access, common::SysTime now) {
  Destination found;
  TRY(found.bucket, find_bucket_for_object(tx, access));
  TRY(found.ownership, find_ownership(tx, access.bucket));
  TRY(found.public_access, find_public_access(tx, access.bucket));
  TRY(const auto encryption, find_setting(tx, access.bucket, "encryption", kEncryptionShape));
  if (encryption) {
    found.encryption_algorithm = algorithm_of(*encryption);
    found.kms_key = kms_key_of(*encryption);
  }
  TRY(const auto lifecycle, BucketSettings(tx).find(access.bucket, "lifecycle"));
  found.has_lifecycle = lifecycle.has_value();
  if (!found.bucket.object_lock) return found;
  TRY(const auto lock, find_setting(tx, access.bucket, "object-lock", kObjectLockShape));
  if (lock) found.retention = default_retention(*lock, now);
  return found;
}

Result<Acl> acl_of_new(const S3Call& call, const Destination& destination) {
  const auto& bucket_owner = destination.bucket.acl.owner;
  // What an unsigned caller leaves belongs to the bucket's owner.
  auto owner = call.caller.anonymous() ? bucket_owner : call.caller.canonical_id;
  const auto canned = call.header("x-amz-acl");
  const bool hands_over = canned == "bucket-owner-full-control";
  if (destination.ownership == Ownership::bucket_owner_enforced) {
    if (has_acl_headers(call) && !hands_over)
      return Error(S3Errc::access_control_list_not_supported, "The bucket does not allow ACLs");
    return *canned_acl("private", bucket_owner, bucket_owner);
  }
  if (destination.ownership == Ownership::bucket_owner_preferred && hands_over)
    owner = bucket_owner;
  TRY(auto acl, acl_of_headers(call, owner, bucket_owner));
  if (destination.public_access.block_acls && is_public(acl)) return access_denied();
  return acl;
}

Result<Object> new_object(const S3Call& call, const Destination& destination, common::SysTime now) {
  Object object;
  object.bucket = call.target.bucket;
  object.key = call.target.key;
  object.changed = now;
  TRY(object.acl, acl_of_new(call, destination));
  TRY(object.headers, headers_to_keep(call));
  TRY(object.storage_class, storage_class_of(call));
  TRY(object.tags, parse_tagging_header(call.header("x-amz-tagging")));
  TRY_VOID(add_lock(call, destination, now, object));
  return object;
}

Result<> check_put_acl(Tx& tx, const std::string& bucket, const Acl& acl) {
  TRY(const auto ownership, find_ownership(tx, bucket));
  if (ownership == Ownership::bucket_owner_enforced)
    return Error(S3Errc::access_control_list_not_supported, "The bucket does not allow ACLs");
  TRY(const auto block, find_public_access(tx, bucket));
  if (block.block_acls && is_public(acl)) return access_denied();
  return common::ok();
}

std::string version_in(const Bucket& bucket, const std::string& new_id) {
  return bucket.versioning == Versioning::enabled ? new_id : std::string(kNullVersion);
}

}  // namespace angophora::walrus
