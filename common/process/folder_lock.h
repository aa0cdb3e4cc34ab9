// Keeps a second daemon out of a folder of state: two that write one would destroy each other's.
#pragma once

#include <string>

#include "common/base/result.h"

namespace angophora::process {

// Makes the folder when it is not there and locks it until this process ends, however it ends.
// Errc::already_exists when another process has it for longer than a dying one
// needs. Blocks up to two seconds.
common::Result<> lock_folder(const std::string& folder);

}  // namespace angophora::process
