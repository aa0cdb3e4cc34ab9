// The durable copy of the cloud's identities, so that S3 works while the cloud controller is down.
// Secrets in it are sealed to Walrus' encryption key, as they were received.
#pragma once

#include <optional>
#include <string>

#include "common/base/time.h"
#include "common/db/database.h"
#include "walrus/domain/identities.h"

namespace angophora::walrus {

using common::Result;
using db::Tx;

struct StoredIdentities {
  IdentityList list;
  common::SysTime checked{};  // when the cloud controller last said that this is current
  bool is_complete = false;   // else the rest of them was yet to come
};

class IdentityCopy {
 public:
  explicit IdentityCopy(Tx& tx) : tx_(tx) {}
  Result<std::optional<StoredIdentities>> load();
  Result<> apply(const IdentityChanges& changes, common::SysTime checked, bool is_complete);
  Result<> set_checked(common::SysTime checked);

 private:
  Result<> put(const IdentityList& list);
  Result<> remove(const IdentityChanges& changes);
  Tx& tx_;
};

}  // namespace angophora::walrus
