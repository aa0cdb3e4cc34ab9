// Looks at a disk image that somebody hands in, before anything trusts it, and makes it raw.
#pragma once

#include <cstdint>
#include <string>

#include "common/base/result.h"

namespace angophora::clc::cli {

using common::Result;

struct DiskImage {
  std::string format;  // raw or qcow2
  std::uint64_t virtual_bytes = 0;
};

// What the file is to become. A kernel or ramdisk may be compressed, a disk not.
enum class ImageUse { disk, boot_file };

// Errc::invalid_argument, saying what is wrong, for a format that is not raw or qcow2, and for a
// qcow2 that refers to other files (backing file, external data file), is encrypted, or claims to
// be larger than `bytes_max`. Blocks.
Result<DiskImage> inspect_disk_image(const std::string& path, std::uint64_t bytes_max,
                                     ImageUse use);

// Writes the raw bytes of a checked qcow2 to `raw_path` (sparse). Blocks.
Result<> convert_to_raw(const std::string& path, const std::string& raw_path);

}  // namespace angophora::clc::cli
