// Secrets at rest: all of them sealed, with the newest of the masters.
#pragma once

#include "common/crypto/key_ring.h"
#include "common/db/database.h"

namespace angophora::clc {

struct Resealed {
  std::int64_t rows = 0;        // that were changed
  std::int64_t were_plain = 0;  // of these
};

// Seals what is plain and, with the newest master, what an older one sealed; some hundred rows a
// transaction, while everything goes on. Errc::corrupt when a master is missing that sealed
// something.
common::Task<Resealed> reseal_secrets(common::Runtime& runtime, db::Database& database,
                                      std::shared_ptr<crypto::KeyRing> masters);

}  // namespace angophora::clc
