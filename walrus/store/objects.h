// Versions of objects in the database. Writers keep the blobs' counts right, so that a commit is a
// whole.
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "walrus/domain/listing.h"
#include "walrus/store/blobs.h"

namespace angophora::walrus {

class Objects {
 public:
  explicit Objects(Tx& tx) : tx_(tx) {}

  // What a request without a version is about: the newest version, unless that is a delete marker.
  // S3Errc::no_such_key when there is none.
  Result<Object> find(const std::string& bucket, const std::string& key);
  Result<std::optional<Object>> find_if_there(const std::string& bucket, const std::string& key);
  // The newest version or delete marker.
  Result<std::optional<Object>> find_latest(const std::string& bucket, const std::string& key);
  // The version or delete marker of that id; "null" is an id as well.
  Result<std::optional<Object>> find_version(const std::string& bucket, const std::string& key,
                                             const std::string& version);

  // Puts `object` on top of the versions of its key, or, unless versioning is enabled, in the place
  // of the null version, whose blobs go to `freed`. `object.version` is "null" or the new id. Its
  // own blobs must have been referred to already. S3Errc::no_such_bucket when the bucket has gone.
  Result<> put(const Object& object, FreedBlobs& freed);
  // Removes that one version for good; what was removed, if it was there. The one below becomes the
  // newest.
  Result<std::optional<Object>> remove_version(const std::string& bucket, const std::string& key,
                                               const std::string& version, FreedBlobs& freed);
  // Removes the null version; true when there was one.
  Result<bool> remove(const std::string& bucket, const std::string& key, FreedBlobs& freed);

  // Each changes the one version that `object` is.
  Result<> set_acl(const Object& object, const Acl& acl);
  Result<> set_tags(const Object& object, const Tags& tags);
  Result<> set_lock(const Object& object);  // retention and legal hold
  Result<> set_storage_class(const Object& object, const std::string& storage_class);

  // By key, without delete markers and what is below the newest.
  Result<ListPage<Object>> list(const std::string& bucket, const ListQuery& query);
  // All versions and delete markers, by key and then from the newest on. `after_sub` and
  // `next_sub` are ranks as text.
  Result<ListPage<Object>> list_versions(const std::string& bucket, const ListQuery& query);
  // Whether there is anything in the bucket.
  Result<bool> any(const std::string& bucket);

 private:
  Result<std::optional<Object>> first(db::Query& query);
  Result<std::int64_t> next_rank(const Object& object);
  Result<> promote(const std::string& bucket, const std::string& key);
  Tx& tx_;
};

}  // namespace angophora::walrus
