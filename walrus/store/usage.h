// How much lies in each bucket: counted in the transactions that change it, so that it is right
// after any crash and costs nothing to ask for.
#pragma once

#include <cstdint>

#include "common/db/database.h"
#include "walrus/domain/object.h"

namespace angophora::walrus {

using db::Tx;

struct UsageFigures {
  std::int64_t buckets = 0;
  std::int64_t objects = 0;  // versions, without delete markers
  std::int64_t bytes = 0;  // of these, as users see them: copies that share their bytes count anew
  bool operator==(const UsageFigures&) const = default;
};

class Usage {
 public:
  explicit Usage(Tx& tx) : tx_(tx) {}

  // `object` has come to its bucket, or has gone from it.
  Result<> add(const Object& object);
  Result<> take_away(const Object& object);
  // The bucket has gone.
  Result<> forget(const std::string& bucket);

  Result<UsageFigures> of_bucket(const std::string& bucket);
  Result<UsageFigures> of_all();

 private:
  Result<> change(const Object& object, std::int64_t sign);
  Tx& tx_;
};

}  // namespace angophora::walrus
