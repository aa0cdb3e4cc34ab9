// Secrets of access keys as they are kept: sealed by the masters, each for its row alone.
#pragma once

#include <string>

#include "clc/domain/identity.h"
#include "common/crypto/key_ring.h"

namespace angophora::clc {

// As it is kept. `nonce` as for crypto::seal.
common::Result<AccessKey> sealed(const crypto::KeyRing& masters, AccessKey key,
                                 std::string_view nonce);
// What the user signs with. What was kept before there were masters is not sealed until the next
// start.
common::Result<std::string> open_secret(const crypto::KeyRing& masters, const AccessKey& key);

// The same of the secret of a one-time token with which a component enrols.
common::Result<std::string> sealed_token(const crypto::KeyRing& masters, const std::string& id,
                                         std::string_view secret, std::string_view nonce);
common::Result<std::string> open_token(const crypto::KeyRing& masters, const std::string& id,
                                       const std::string& kept);

}  // namespace angophora::clc
