#include "walrus/objects/disk_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "walrus/domain/s3_errors.h"

namespace angophora::walrus {

ssize_t Disk::write(int fd, std::string_view bytes, std::uint64_t offset) {
  return ::pwrite(fd, bytes.data(), bytes.size(), static_cast<off_t>(offset));
}

int Disk::sync(int fd) { return ::fdatasync(fd); }

int Disk::truncate(int fd, std::uint64_t size_bytes) {
  return ::ftruncate(fd, static_cast<off_t>(size_bytes));
}

Disk& Disk::real() {
  static Disk disk;
  return disk;
}

Error disk_error(int number, std::string step) {
  if (number == ENOSPC || number == EDQUOT)
    return Error(S3Errc::insufficient_storage,
                 "The storage of this cloud is full. Nothing was changed.");
  return common::errno_error(number, std::move(step));
}

Result<> make_folder(const std::string& path) {
  if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST)
    return common::errno_error(errno, "making the folder " + path);
  return common::ok();
}

Result<> sync_folder(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return common::errno_error(errno, "opening the folder " + path);
  const int failed = ::fsync(fd) == 0 ? 0 : errno;
  ::close(fd);
  if (failed) return disk_error(failed, "syncing the folder " + path);
  return common::ok();
}

Result<std::shared_ptr<const int>> open_to_read(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd >= 0) return http::own_fd(fd);
  if (errno == ENOENT) return Error(common::Errc::not_found, path + " is not there");
  return common::errno_error(errno, "opening " + path);
}

Result<> write_at(Disk& disk, int fd, std::string_view bytes, std::uint64_t offset,
                  const std::string& what) {
  while (!bytes.empty()) {
    const auto n = disk.write(fd, bytes, offset);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return disk_error(errno, "writing " + what);
    bytes.remove_prefix(static_cast<std::size_t>(n));
    offset += static_cast<std::uint64_t>(n);
  }
  return common::ok();
}

Result<> read_at(int fd, std::span<char> into, std::uint64_t offset, const std::string& what) {
  while (!into.empty()) {
    const auto n = ::pread(fd, into.data(), into.size(), static_cast<off_t>(offset));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return common::errno_error(errno, "reading " + what);
    if (n == 0) return Error(common::Errc::corrupt, what + " is shorter than it must be");
    into = into.subspan(static_cast<std::size_t>(n));
    offset += static_cast<std::uint64_t>(n);
  }
  return common::ok();
}

void FileBlob::drop_cached(std::uint64_t offset, std::uint64_t length) const {
  ::posix_fadvise(*fd_, static_cast<off_t>(base_ + offset), static_cast<off_t>(length),
                  POSIX_FADV_DONTNEED);
}

Result<> FileBlob::read(std::uint64_t offset, std::span<char> into) const {
  return read_at(*fd_, into, base_ + offset, "blob " + id_);
}

}  // namespace angophora::walrus
