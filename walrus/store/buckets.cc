#include "walrus/store/buckets.h"

#include <algorithm>

#include "walrus/domain/s3_errors.h"
#include "walrus/store/bucket_settings.h"
#include "walrus/store/columns.h"
#include "walrus/store/objects.h"
#include "walrus/store/usage.h"

namespace angophora::walrus {
namespace {

constexpr const char* kColumns =
    "SELECT name, acl, location, created_ms, versioning, object_lock FROM buckets ";

Result<Bucket> bucket_of(const db::Query& q) {
  Bucket bucket;
  bucket.name = q.text(0);
  TRY(bucket.acl, load_acl(q.text(1)));
  bucket.location = q.text(2);
  bucket.created = time_of(q.integer(3));
  const auto versioning = parse_versioning(q.text(4));
  if (!versioning) return Error(common::Errc::corrupt, "a stored versioning state does not read");
  bucket.versioning = *versioning;
  bucket.object_lock = q.integer(5) != 0;
  return bucket;
}

}  // namespace

Result<Bucket> Buckets::find(const std::string& name) {
  TRY(auto q, tx_.prepare(std::string(kColumns) + "WHERE name=?1"));
  q.bind(1, name);
  TRY(const bool found, q.step());
  if (!found) return Error(S3Errc::no_such_bucket, "The specified bucket does not exist");
  return bucket_of(q);
}

Result<std::vector<Bucket>> Buckets::owned_by(const std::string& canonical_id,
                                              const std::string& prefix, const std::string& after,
                                              std::size_t count_max) {
  TRY(auto q, tx_.prepare(std::string(kColumns) +
                          "WHERE owner=?1 AND name > ?2 AND substr(name, 1, length(?3)) = ?3 "
                          "ORDER BY name LIMIT ?4"));
  q.bind(1, canonical_id).bind(2, after).bind(3, prefix);
  q.bind(4, std::min<std::uint64_t>(count_max, INT64_MAX));
  std::vector<Bucket> buckets;
  for (;;) {
    TRY(const bool more, q.step());
    if (!more) return buckets;
    TRY(auto bucket, bucket_of(q));
    buckets.push_back(std::move(bucket));
  }
}

Result<std::size_t> Buckets::count_owned_by(const std::string& canonical_id) {
  TRY(auto q, tx_.prepare("SELECT count(*) FROM buckets WHERE owner=?1"));
  q.bind(1, canonical_id);
  TRY_VOID(q.step());
  return static_cast<std::size_t>(q.integer(0));
}

Result<> Buckets::insert(const Bucket& bucket) {
  TRY(auto q,
      tx_.prepare("INSERT INTO buckets (name, owner, acl, location, created_ms, versioning, "
                  "object_lock) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) "
                  "ON CONFLICT DO NOTHING"));
  q.bind(1, bucket.name).bind(2, bucket.acl.owner).bind(3, store_acl(bucket.acl));
  q.bind(4, bucket.location).bind(5, milliseconds_of(bucket.created));
  q.bind(6, to_string(bucket.versioning)).bind(7, bucket.object_lock ? 1 : 0);
  TRY(const auto added, q.run());
  if (added == 1) return common::ok();
  TRY(const auto there, find(bucket.name));
  if (there.acl.owner == bucket.acl.owner)
    return Error(
        S3Errc::bucket_already_owned_by_you,
        "Your previous request to create the named bucket succeeded and you already own it.");
  return Error(S3Errc::bucket_already_exists,
               "The requested bucket name is not available. The bucket namespace is shared by all "
               "users of the system. Please select a different name and try again.");
}

Result<> Buckets::set_acl(const std::string& name, const Acl& acl) {
  TRY(auto q, tx_.prepare("UPDATE buckets SET acl=?2 WHERE name=?1"));
  q.bind(1, name).bind(2, store_acl(acl));
  TRY_VOID(q.run());
  return common::ok();
}

Result<> Buckets::set_versioning(const std::string& name, Versioning versioning) {
  TRY(auto q, tx_.prepare("UPDATE buckets SET versioning=?2 WHERE name=?1"));
  q.bind(1, name).bind(2, to_string(versioning));
  TRY_VOID(q.run());
  return common::ok();
}

Result<> Buckets::set_object_lock(const std::string& name) {
  TRY(auto q, tx_.prepare("UPDATE buckets SET object_lock=1 WHERE name=?1"));
  q.bind(1, name);
  TRY_VOID(q.run());
  return common::ok();
}

Result<> Buckets::remove(const std::string& name) {
  TRY(const bool filled, Objects(tx_).any(name));
  if (filled) return Error(S3Errc::bucket_not_empty, "The bucket you tried to delete is not empty");
  TRY_VOID(BucketSettings(tx_).remove_all_of(name));
  TRY_VOID(Usage(tx_).forget(name));
  TRY(auto removal, tx_.prepare("DELETE FROM buckets WHERE name=?1"));
  removal.bind(1, name);
  TRY_VOID(removal.run());
  return common::ok();
}

}  // namespace angophora::walrus
