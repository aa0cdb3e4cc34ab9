// Copies of a database in use, for backups. Blocking; any thread.
#pragma once

#include <string>

#include "common/base/result.h"

namespace angophora::db {

// Copies the database in `from`, which others may write meanwhile, to the new file `to`, mode 0600:
// as it was at one moment, whole in one file, checked. DbErrc::corrupt when the copy is not sound.
common::Result<> copy_database(const std::string& from, const std::string& to);

// Writes the database anew, so that nothing which it held before and holds no more is left in its
// files. Nobody else has it open.
common::Result<> scrub_database(const std::string& path);

// True when another process has that database open. Errc::not_found when there is no such file.
common::Result<bool> is_open_elsewhere(const std::string& path);

}  // namespace angophora::db
