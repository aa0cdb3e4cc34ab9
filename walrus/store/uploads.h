// Uploads in parts, as long as they are under way.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "walrus/domain/listing.h"
#include "walrus/store/blobs.h"

namespace angophora::walrus {

class Uploads {
 public:
  explicit Uploads(Tx& tx) : tx_(tx) {}

  // S3Errc::no_such_bucket when the bucket has gone.
  Result<> insert(const Upload& upload);
  // S3Errc::no_such_upload unless there is that id under that name.
  Result<Upload> find(const std::string& bucket, const std::string& key, const std::string& id);
  Result<ListPage<Upload>> list(const std::string& bucket, const ListQuery& query);

  // Puts a part in place of the one of its number. Its blobs must have been referred to already.
  Result<> put_part(const Upload& upload, const Part& part, FreedBlobs& freed);
  // Up to `count_max` parts with numbers behind `after`, in order.
  Result<std::vector<Part>> parts(const Upload& upload, int after, std::size_t count_max);

  // Forgets the upload and its parts, whose blobs lose a reference.
  Result<> remove(const Upload& upload, FreedBlobs& freed);
  Result<> remove_all_of(const std::string& bucket, FreedBlobs& freed);

 private:
  Tx& tx_;
};

}  // namespace angophora::walrus
