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
#include <mutex>
#include <string>
#include <vector>

#include "sc/nbdkit/before_file.h"
#include "sc/nbdkit/volume_map.h"

namespace angophora::sc {

class VolumeFile {
 public:
  // Opens the file and locks it, so that no second server writes to it; makes the map where there
  // is none. Null, with the reason in `why`, when it cannot be opened, is locked or has not `bytes`
  // bytes.
  static std::unique_ptr<VolumeFile> open(const std::string& path, std::uint64_t bytes,
                                          std::string& why);
  ~VolumeFile();
  VolumeFile(const VolumeFile&) = delete;
  VolumeFile& operator=(const VolumeFile&) = delete;

  std::uint64_t bytes() const { return bytes_; }

  // What is still to come from a snapshot is waited for, by all calls that touch it; EIO when it
  // cannot come.
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
  struct Pending {
    std::uint32_t epoch = 0;
    std::unique_ptr<BeforeFile> file;
  };
  using PendingList = std::vector<Pending>;

  VolumeFile(int fd, std::uint64_t bytes, std::string path, std::unique_ptr<VolumeMap> map)
      : fd_(fd), bytes_(bytes), path_(std::move(path)), map_(std::move(map)) {}
  int failed(int number, const char* step);
  int wait_for(std::uint64_t count, std::uint64_t offset);
  // Runs `change` of the range's bytes with all that must come before and after it.
  int change(std::uint64_t count, std::uint64_t offset, const std::function<int()>& work);
  std::shared_ptr<const PendingList> pending();
  int find_holes(std::uint64_t end, std::uint64_t offset, const Found& found);

  const int fd_;
  const std::uint64_t bytes_;
  const std::string path_;
  const std::unique_ptr<VolumeMap> map_;
  std::mutex pending_mutex_;
  std::uint32_t pending_version_ = 0;
  std::shared_ptr<const PendingList> pending_;
  std::atomic<int> flush_failure_{0};
  std::atomic<bool> damage_noted_{false};
};

}  // namespace angophora::sc
