// Numbers that only grow: versions of what other daemons keep a copy of.
#pragma once

#include "common/db/database.h"

namespace angophora::clc {

inline constexpr char kRegistryVersion[] = "registry";
inline constexpr char kIdentitiesVersion[] = "identities";
inline constexpr char kNetworkVersion[] = "network";
// When this database last came back from a backup, in milliseconds; see store/restoration.h.
inline constexpr char kRestored[] = "restored";
// No change of an identity up to here can be told to those who keep a copy: they start anew.
inline constexpr char kIdentitiesFloor[] = "identities_floor";

// 1 once no secret that is not sealed can be left in the database's files.
inline constexpr char kSecretsSealed[] = "secrets_sealed";

class Counters {
 public:
  explicit Counters(db::Tx& tx) : tx_(tx) {}
  // 0 for a counter that was never raised.
  db::Result<std::int64_t> value(std::string_view name);
  // The new value.
  db::Result<std::int64_t> raise(std::string_view name);

 private:
  db::Tx& tx_;
};

}  // namespace angophora::clc
