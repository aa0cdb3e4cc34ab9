#include "nc/images/sparse_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

namespace angophora::nc {

using common::errno_error;
using common::Result;

namespace {

constexpr std::size_t kBlockBytes = 4096;

bool is_zero(std::string_view bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [](char c) { return c == 0; });
}

Result<> write_all(int fd, const std::string& path, std::uint64_t offset, std::string_view bytes) {
  while (!bytes.empty()) {
    const auto written = pwrite(fd, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return errno_error(errno, "writing " + path);
    bytes.remove_prefix(static_cast<std::size_t>(written));
    offset += static_cast<std::uint64_t>(written);
  }
  return common::ok();
}

}  // namespace

Result<SparseFile> SparseFile::create(std::string path) {
  const int fd = open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (fd < 0) return errno_error(errno, "creating " + path);
  return SparseFile(std::move(path), fd);
}

Result<> SparseFile::write_at(std::uint64_t offset, std::string_view bytes) {
  while (!bytes.empty()) {
    const auto to_boundary = kBlockBytes - offset % kBlockBytes;
    const auto piece = bytes.substr(0, to_boundary);
    if (!is_zero(piece)) TRY_VOID(write_all(fd_, path_, offset, piece));
    bytes.remove_prefix(piece.size());
    offset += piece.size();
  }
  return common::ok();
}

Result<> SparseFile::finish(std::uint64_t size_bytes) {
  if (ftruncate(fd_, static_cast<off_t>(size_bytes)) < 0)
    return errno_error(errno, "giving " + path_ + " its size");
  if (fsync(fd_) < 0) return errno_error(errno, "syncing " + path_);
  close(std::exchange(fd_, -1));
  return common::ok();
}

SparseFile::SparseFile(SparseFile&& other) noexcept
    : path_(std::move(other.path_)), fd_(std::exchange(other.fd_, -1)) {}

SparseFile::~SparseFile() {
  if (fd_ >= 0) close(fd_);
}

}  // namespace angophora::nc
