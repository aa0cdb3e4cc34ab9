// The guest's serial console as a file. Blocking; pool only.
#pragma once

#include <cstdint>
#include <string>

#include "common/base/result.h"

namespace angophora::nc {

// EC2 shows that much.
inline constexpr std::size_t kConsoleShownBytes = 64 * 1024;

// The last bytes of the console, also across a turn of the log; empty when there is none yet.
common::Result<std::string> read_console(const std::string& path);

// Turns the log when it is larger than `bytes_max`: its end is kept beside it, and it starts
// afresh. The guest keeps it open for appending, so nothing is lost but the oldest.
common::Result<> bound_console(const std::string& path, std::uint64_t bytes_max);

}  // namespace angophora::nc
