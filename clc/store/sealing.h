// Secrets at rest: all of them sealed, with the newest of the masters.
#pragma once

#include <string>
#include <vector>

#include "common/crypto/key_ring.h"
#include "common/db/database.h"

namespace angophora::clc {

struct Resealed {
  std::int64_t rows = 0;        // that were changed
  std::int64_t were_plain = 0;  // of these
  // What no master opens, "access key AKIA..." or "enrolment token ...": it stays as it is, and
  // opens no door.
  std::vector<std::string> unreadable;
};

// Seals what is plain and, with the newest master, what an older one sealed; some hundred rows a
// transaction, while everything goes on.
common::Task<Resealed> reseal_secrets(common::Runtime& runtime, db::Database& database,
                                      std::shared_ptr<crypto::KeyRing> masters);

// Whether there is a secret that the masters open; slow when there is none.
common::Result<bool> opens_any(db::Tx& tx, const crypto::KeyRing& masters);

}  // namespace angophora::clc
