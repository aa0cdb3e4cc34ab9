// Small whole files of the operator's command. Block for a moment.
#pragma once

#include <string>

#include "common/base/result.h"

namespace angophora::clc::cli {

common::Result<std::string> read_file(const std::string& path, std::size_t bytes_max = 1 << 20);
// Replaces the file at once; `mode` as for chmod.
common::Result<> write_file(const std::string& path, const std::string& text, unsigned mode);

// A folder that goes away with its owner.
class TemporaryDir {
 public:
  static common::Result<TemporaryDir> make(const std::string& parent);
  TemporaryDir(TemporaryDir&& other) noexcept : path_(std::exchange(other.path_, {})) {}
  ~TemporaryDir();
  const std::string& path() const { return path_; }

 private:
  explicit TemporaryDir(std::string path) : path_(std::move(path)) {}
  std::string path_;
};

}  // namespace angophora::clc::cli
