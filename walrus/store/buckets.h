// Buckets in the database.
#pragma once

#include <optional>
#include <vector>

#include "common/db/database.h"
#include "walrus/domain/object.h"

namespace angophora::walrus {

using db::Tx;

class Buckets {
 public:
  explicit Buckets(Tx& tx) : tx_(tx) {}

  // S3Errc::no_such_bucket, with the name, when there is none.
  Result<Bucket> find(const std::string& name);
  // By name: those that begin with `prefix` and sort behind `after`.
  Result<std::vector<Bucket>> owned_by(const std::string& canonical_id, const std::string& prefix,
                                       const std::string& after, std::size_t count_max);
  Result<std::size_t> count_owned_by(const std::string& canonical_id);
  // S3Errc::bucket_already_owned_by_you or bucket_already_exists.
  Result<> insert(const Bucket& bucket);
  Result<> set_acl(const std::string& name, const Acl& acl);
  Result<> set_versioning(const std::string& name, Versioning versioning);
  Result<> set_object_lock(const std::string& name);
  // S3Errc::bucket_not_empty while it holds objects or delete markers. Uploads under way must be
  // gone already.
  Result<> remove(const std::string& name);

 private:
  Tx& tx_;
};

}  // namespace angophora::walrus
