// The bytes of one volume, for the export server: a sparse file as long as the volume is large.
// docs/decisions/0007-volume-format.md says what lies where and why.
//
// Threads:  all but open() may be called by several threads at once.
// Errors:   0, or the errno that the client is to see.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace angophora::sc {

class VolumeFile {
 public:
  // Opens the file and locks it, so that no second server writes to it. Null, with the reason in
  // `why`, when it cannot be opened, is locked or has not `bytes` bytes.
  static std::unique_ptr<VolumeFile> open(const std::string& path, std::uint64_t bytes,
                                          std::string& why);
  ~VolumeFile();
  VolumeFile(const VolumeFile&) = delete;
  VolumeFile& operator=(const VolumeFile&) = delete;

  std::uint64_t bytes() const { return bytes_; }

  int read(void* to, std::size_t count, std::uint64_t offset);
  // ENOSPC when the disk is full; the same write may be repeated when there is room again.
  int write(const void* from, std::size_t count, std::uint64_t offset);
  // Makes a hole. A file system that cannot is no failure: the bytes are not promised to change.
  int trim(std::uint64_t count, std::uint64_t offset);
  // The bytes read as zeros from now on; `may_trim` allows a hole. EOPNOTSUPP when this file system
  // has no faster way than writing zeros.
  int zero(std::uint64_t count, std::uint64_t offset, bool may_trim);
  // What was written is on the disk. After one failure all later calls fail as well: the system
  // has forgotten what it could not write.
  int flush();

  // Calls `found(offset, count, hole)` for the pieces of a range, in order, without gaps.
  using Found = std::function<int(std::uint64_t offset, std::uint64_t count, bool hole)>;
  int extents(std::uint64_t count, std::uint64_t offset, const Found& found);

 private:
  VolumeFile(int fd, std::uint64_t bytes, std::string path)
      : fd_(fd), bytes_(bytes), path_(std::move(path)) {}
  int failed(int number, const char* step);

  const int fd_;
  const std::uint64_t bytes_;
  const std::string path_;
  std::atomic<int> flush_failure_{0};
  std::atomic<bool> damage_noted_{false};
};

}  // namespace angophora::sc
