#include "walrus/s3/deletion.h"

#include "common/base/text.h"
#include "walrus/store/objects.h"

namespace angophora::walrus {
namespace {

Result<> check_conditions(const Deletion& deletion, const std::optional<Object>& there) {
  if (!there || deletion.conditions.hold(there->etag, there->size_bytes, there->changed))
    return common::ok();
  return Error(S3Errc::precondition_failed,
               "At least one of the pre-conditions you specified did not hold");
}

Result<Deleted> delete_version(Tx& tx, const Bucket& bucket, const Deletion& deletion,
                               FreedBlobs& freed) {
  Objects objects(tx);
  TRY(const auto there, objects.find_version(bucket.name, deletion.key, deletion.version));
  TRY_VOID(check_conditions(deletion, there));
  Deleted deleted{false, deletion.version};
  if (!there) return deleted;
  TRY_VOID(check_unlocked(*there, deletion.bypasses_governance, deletion.now));
  TRY_VOID(objects.remove_version(bucket.name, deletion.key, deletion.version, freed));
  deleted.delete_marker = there->delete_marker;
  return deleted;
}

Object marker_of(const Bucket& bucket, const Deletion& deletion) {
  Object marker;
  marker.bucket = bucket.name;
  marker.key = deletion.key;
  marker.delete_marker = true;
  marker.changed = deletion.now;
  marker.acl.owner = deletion.owner.empty() ? bucket.acl.owner : deletion.owner;
  marker.version =
      bucket.versioning == Versioning::enabled ? deletion.new_id : std::string(kNullVersion);
  return marker;
}

}  // namespace

Result<> check_unlocked(const Object& object, bool bypasses_governance, common::SysTime now) {
  const Error refusal(S3Errc::access_denied,
                      "Access Denied because object protected by object lock.");
  if (object.legal_hold) return refusal;
  if (!object.retention || object.retention->until <= now) return common::ok();
  if (object.retention->compliance || !bypasses_governance) return refusal;
  return common::ok();
}

Result<Deleted> remove_object(Tx& tx, const Bucket& bucket, const Deletion& deletion,
                              FreedBlobs& freed) {
  if (!deletion.version.empty()) return delete_version(tx, bucket, deletion, freed);
  Objects objects(tx);
  TRY(const auto there, objects.find_latest(bucket.name, deletion.key));
  TRY_VOID(check_conditions(deletion, there));
  // Nothing to hold a condition against: no marker either.
  if (!there && deletion.conditions.any()) return Deleted{};
  if (bucket.versioning == Versioning::off) {
    TRY_VOID(objects.remove(bucket.name, deletion.key, freed));
    return Deleted{};
  }
  const auto marker = marker_of(bucket, deletion);
  TRY_VOID(objects.put(marker, freed));
  return Deleted{true, marker.version};
}

bool wants_bypass(const S3Call& call) {
  return common::equal_ignore_case(call.header("x-amz-bypass-governance-retention"), "true");
}

}  // namespace angophora::walrus
