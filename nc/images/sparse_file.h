// A file that is written piece by piece; runs of zeros become holes. Blocks: pool only, one thread
// at a time.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "common/base/result.h"

namespace angophora::nc {

class SparseFile {
 public:
  // Makes the file, or empties one that is there.
  static common::Result<SparseFile> create(std::string path);

  common::Result<> write_at(std::uint64_t offset, std::string_view bytes);
  // Gives the file its size, brings it to the disk and closes it.
  common::Result<> finish(std::uint64_t size_bytes);

  SparseFile(SparseFile&& other) noexcept;
  ~SparseFile();

 private:
  SparseFile(std::string path, int fd) : path_(std::move(path)), fd_(fd) {}
  std::string path_;
  int fd_ = -1;
};

}  // namespace angophora::nc
