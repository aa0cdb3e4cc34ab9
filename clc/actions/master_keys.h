// The master keys on disk, STATE_DIR/keys/masters: they seal the secrets of the database, so that
// it opens nothing by itself. Blocking.
#pragma once

#include <string>
#include <vector>

#include "common/crypto/key_ring.h"
#include "common/runtime/runtime.h"

namespace angophora::clc::actions {

using common::Error;
using common::Result;

// The newest first. Errc::corrupt, with the file's name, for a broken file.
Result<std::vector<crypto::RingKey>> load_or_make_masters(const std::string& state_dir,
                                                          common::Runtime& runtime);
crypto::RingKey new_master(common::Runtime& runtime);
// Replaces the file at once, mode 0600.
Result<> write_masters(const std::string& state_dir, const std::vector<crypto::RingKey>& keys);

}  // namespace angophora::clc::actions
