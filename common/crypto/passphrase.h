// Keys from what people remember.
#pragma once

#include <string>
#include <string_view>

#include "common/base/result.h"

namespace angophora::crypto {

// 32 bytes for seal() and open(), by scrypt (N=32768, r=8, p=1): slow on purpose, takes 32 MiB.
// `salt` is random and kept beside what is sealed. Errc::invalid_argument for an empty passphrase.
common::Result<std::string> key_from_passphrase(std::string_view passphrase, std::string_view salt);

}  // namespace angophora::crypto
