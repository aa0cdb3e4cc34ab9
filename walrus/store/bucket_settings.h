// What is set on a bucket by documents: CORS, lifecycle, policy, ... under the name of the query
// parameter that reads it. The documents were checked when they came.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "common/base/time.h"
#include "common/db/database.h"
#include "walrus/domain/object.h"

namespace angophora::walrus {

using db::Tx;

class BucketSettings {
 public:
  explicit BucketSettings(Tx& tx) : tx_(tx) {}

  Result<std::optional<std::string>> find(const std::string& bucket, std::string_view name);
  // When it was last set.
  Result<std::optional<common::SysTime>> changed(const std::string& bucket, std::string_view name);
  // S3Errc::no_such_bucket when the bucket has gone.
  Result<> put(const std::string& bucket, std::string_view name, const std::string& document,
               common::SysTime now);
  // What decides about access to the bucket, by name: policy, publicAccessBlock,
  // requestPayment.
  Result<std::vector<std::pair<std::string, std::string>>> all_about_access(
      const std::string& bucket);
  Result<> remove(const std::string& bucket, std::string_view name);
  Result<> remove_all_of(const std::string& bucket);
  // Up to `count_max` buckets that have it set, by name, behind `after`.
  Result<std::vector<std::string>> buckets_with(std::string_view name, const std::string& after,
                                                std::size_t count_max);

 private:
  Tx& tx_;
};

}  // namespace angophora::walrus
