// Small things that all files of the local blob store need.
#pragma once

#include <dirent.h>
#include <sys/types.h>

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "walrus/objects/blob_store.h"

namespace angophora::walrus {

struct CloseDir {
  void operator()(DIR* dir) const { ::closedir(dir); }
};

// The steps that a disk may refuse because it is full, read-only or broken; tests let them fail
// (objects/faulty_disk.h). They answer as the system's calls do, with errno. Any thread.
class Disk {
 public:
  virtual ~Disk() = default;
  virtual ssize_t write(int fd, std::string_view bytes, std::uint64_t offset);
  virtual int sync(int fd);  // what is in the file, and how long it is
  virtual int truncate(int fd, std::uint64_t size_bytes);
  static Disk& real();
};

// What the disk said, in S3's words where it has any.
Error disk_error(int number, std::string step);
// One that is there already is fine.
Result<> make_folder(const std::string& path);
Result<> sync_folder(const std::string& path);
// Errc::not_found when there is no such file.
Result<std::shared_ptr<const int>> open_to_read(const std::string& path);
Result<> write_at(Disk& disk, int fd, std::string_view bytes, std::uint64_t offset,
                  const std::string& what);
// Errc::corrupt when the file ends before.
Result<> read_at(int fd, std::span<char> into, std::uint64_t offset, const std::string& what);

// A stretch of an open file as a blob.
class FileBlob final : public OpenBlob {
 public:
  FileBlob(std::string id, std::shared_ptr<const int> fd, std::uint64_t base)
      : id_(std::move(id)), fd_(std::move(fd)), base_(base) {}
  Result<> read(std::uint64_t offset, std::span<char> into) const override;
  void drop_cached(std::uint64_t offset, std::uint64_t length) const override;
  std::optional<http::FileRange> file(std::uint64_t offset, std::uint64_t length) const override {
    return http::FileRange{fd_, base_ + offset, length};
  }

 private:
  std::string id_;
  std::shared_ptr<const int> fd_;
  std::uint64_t base_;
};

}  // namespace angophora::walrus
