// Small files that must be whole or not there. Blocking: call on the pool.
#pragma once

#include <optional>
#include <string>

#include "common/base/result.h"

namespace angophora::registry {

using common::Errc;
using common::Error;
using common::Result;
using common::Task;

// Makes the folder (0700) and those above it.
Result<> make_folder(const std::string& path);
// Writes beside `path`, mode 0600, syncs, renames, syncs the folder.
Result<> write_file(const std::string& path, std::string_view bytes);
// Nothing when there is no such file. Errc::limit_exceeded beyond 16 MiB.
Result<std::optional<std::string>> read_file(const std::string& path);
// A file that is not there counts as removed.
Result<> remove_file(const std::string& path);

}  // namespace angophora::registry
