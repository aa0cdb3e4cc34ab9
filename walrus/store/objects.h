// Objects in the database. Writers keep the blobs' counts right, so that a commit is a whole.
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

  // S3Errc::no_such_key when there is none.
  Result<Object> find(const std::string& bucket, const std::string& key);
  Result<std::optional<Object>> find_if_there(const std::string& bucket, const std::string& key);
  // Puts `object` in place of what has its name, whose blobs go to `freed`. Its own blobs must
  // have been referred to already. S3Errc::no_such_bucket when the bucket has gone.
  Result<> put(const Object& object, FreedBlobs& freed);
  Result<> set_acl(const Object& object, const Acl& acl);
  // True when there was one.
  Result<bool> remove(const std::string& bucket, const std::string& key, FreedBlobs& freed);

  Result<ListPage<Object>> list(const std::string& bucket, const ListQuery& query);

 private:
  Tx& tx_;
};

}  // namespace angophora::walrus
