// A disk that refuses what a test wants refused. For tests alone.
#pragma once

#include <atomic>
#include <cerrno>

#include "walrus/objects/disk_file.h"

namespace angophora::walrus {

class FaultyDisk final : public Disk {
 public:
  // What the next steps of a kind end with; 0: they are done.
  std::atomic<int> write_error = 0, sync_error = 0, truncate_error = 0;
  // So much of a write is done before it fails, as when a disk becomes full.
  std::atomic<std::size_t> bytes_before_error = 0;

  ssize_t write(int fd, std::string_view bytes, std::uint64_t offset) override {
    if (write_error == 0) return Disk::write(fd, bytes, offset);
    const auto room = std::min(bytes_before_error.exchange(0), bytes.size());
    if (room > 0) return Disk::write(fd, bytes.substr(0, room), offset);
    errno = write_error;
    return -1;
  }
  int sync(int fd) override { return sync_error ? refuse(sync_error) : Disk::sync(fd); }
  int truncate(int fd, std::uint64_t size_bytes) override {
    return truncate_error ? refuse(truncate_error) : Disk::truncate(fd, size_bytes);
  }

 private:
  static int refuse(int number) {
    errno = number;
    return -1;
  }
};

}  // namespace angophora::walrus
