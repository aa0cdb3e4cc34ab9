// Small files, whole: read, replaced at once, removed. Any thread; they block.
#pragma once

#include <optional>
#include <string>

#include "common/base/result.h"

namespace angophora::nc {

// Nothing when there is no such file, or it cannot be read.
std::optional<std::string> read_small_file(const std::string& path);

// Makes a folder and those above it. Those it makes can be entered by everybody, whatever the
// daemon's umask: helpers give up root and must still get at their files.
common::Result<> make_open_folder(const std::string& path);

// Readable for everybody, for the same reason. Readers see the old text or the new one, never a
// part; also after a crash when `durable`.
common::Result<> replace_file(const std::string& path, const std::string& text, bool durable);

// Writes into what exists, for files of /proc/sys.
common::Result<> write_existing(const std::string& path, const std::string& text);

}  // namespace angophora::nc
