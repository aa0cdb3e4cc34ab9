// The durable copy of the cloud's identities, so that S3 works while the cloud controller is down.
// Secrets in it are sealed to Walrus' encryption key, as they were received.
#pragma once

#include <optional>
#include <string>

#include "common/base/time.h"
#include "common/db/database.h"

namespace angophora::walrus {

using common::Result;
using db::Tx;

struct StoredIdentities {
  std::int64_t version = 0;
  common::SysTime checked{};  // when the cloud controller last said that this is current
  std::string document;
  bool operator==(const StoredIdentities&) const = default;
};

class IdentityCopy {
 public:
  explicit IdentityCopy(Tx& tx) : tx_(tx) {}
  Result<std::optional<StoredIdentities>> load();
  Result<> save(const StoredIdentities& identities);
  Result<> set_checked(common::SysTime checked);

 private:
  Tx& tx_;
};

}  // namespace angophora::walrus
