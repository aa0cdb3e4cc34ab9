// Small whole files of the operator's command. Block for a moment.
#pragma once

#include <string>
#include <utility>

#include "common/base/result.h"

namespace angophora::clc::cli {

common::Result<std::string> read_file(const std::string& path, std::size_t bytes_max = 1 << 20);
// Replaces the file at once; `mode` as for chmod.
common::Result<> write_file(const std::string& path, const std::string& text, unsigned mode);

// A folder that goes away with its owner. One that was killed leaves it to the next make() in the
// same parent, which removes what nobody holds any more.
class TemporaryDir {
 public:
  static common::Result<TemporaryDir> make(const std::string& parent);
  TemporaryDir(TemporaryDir&& other) noexcept
      : path_(std::exchange(other.path_, {})), lock_(std::exchange(other.lock_, -1)) {}
  ~TemporaryDir();
  const std::string& path() const { return path_; }

 private:
  TemporaryDir(std::string path, int lock) : path_(std::move(path)), lock_(lock) {}
  std::string path_;
  int lock_;  // the folder itself, locked as long as this lives
};

}  // namespace angophora::clc::cli
