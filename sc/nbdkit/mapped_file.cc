#include "sc/nbdkit/mapped_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace angophora::sc {

std::unique_ptr<MappedFile> MappedFile::open(const std::string& path, std::size_t bytes,
                                             std::uint64_t file_bytes, std::string& why) {
  const int fd = ::open(path.c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW);
  if (fd < 0) {
    why = path + ": " + std::strerror(errno);
    return nullptr;
  }
  struct stat status {};
  if (::fstat(fd, &status) != 0 || !S_ISREG(status.st_mode) ||
      static_cast<std::uint64_t>(status.st_size) != file_bytes) {
    why = path + " has not the size that it must have";
    ::close(fd);
    return nullptr;
  }
  void* memory = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (memory == MAP_FAILED) {
    why = path + ": " + std::strerror(errno);
    ::close(fd);
    return nullptr;
  }
  return std::unique_ptr<MappedFile>(new MappedFile(fd, memory, bytes));
}

MappedFile::~MappedFile() {
  ::munmap(memory_, bytes_);
  ::close(fd_);
}

int MappedFile::sync() const { return ::fdatasync(fd_) == 0 ? 0 : errno; }

int make_file(const std::string& path, const std::vector<char>& head, std::uint64_t allocated,
              std::uint64_t bytes) {
  struct stat status {};
  if (::lstat(path.c_str(), &status) == 0) return 0;
  std::string unfinished = path + ".XXXXXX.new";  // removed at the daemon's start
  const int fd = ::mkostemps(unfinished.data(), 4, O_CLOEXEC);
  if (fd < 0) return errno;
  int failure = ::posix_fallocate(fd, 0, static_cast<off_t>(allocated));
  if (failure == 0) failure = write_all(fd, head.data(), head.size(), 0);
  if (failure == 0 && ::ftruncate(fd, static_cast<off_t>(bytes)) != 0) failure = errno;
  if (failure == 0 && ::fsync(fd) != 0) failure = errno;
  ::close(fd);
  if (failure == 0 &&
      ::renameat2(AT_FDCWD, unfinished.c_str(), AT_FDCWD, path.c_str(), RENAME_NOREPLACE) != 0)
    failure = errno;
  if (failure != 0) ::unlink(unfinished.c_str());
  if (failure != 0 && failure != EEXIST) return failure;
  return sync_folder_of(path);
}

int sync_folder_of(const std::string& path) {
  const auto slash = path.rfind('/');
  const auto folder = slash == std::string::npos ? std::string(".") : path.substr(0, slash);
  const int fd = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return errno;
  const int failure = ::fsync(fd) == 0 ? 0 : errno;
  ::close(fd);
  return failure;
}

int read_all(int fd, void* to, std::size_t count, std::uint64_t offset) {
  auto* at = static_cast<char*>(to);
  while (count > 0) {
    const auto n = ::pread(fd, at, count, static_cast<off_t>(offset));
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return n < 0 ? errno : EIO;
    at += n;
    offset += static_cast<std::uint64_t>(n);
    count -= static_cast<std::size_t>(n);
  }
  return 0;
}

int write_all(int fd, const void* from, std::size_t count, std::uint64_t offset) {
  const auto* at = static_cast<const char*>(from);
  while (count > 0) {
    const auto n = ::pwrite(fd, at, count, static_cast<off_t>(offset));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return errno == EDQUOT ? ENOSPC : errno;
    at += n;
    offset += static_cast<std::uint64_t>(n);
    count -= static_cast<std::size_t>(n);
  }
  return 0;
}

BootId this_boot() {
  BootId id;
  const int fd = ::open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
  if (fd < 0) return id;
  const auto n = ::read(fd, id.text, 36);
  ::close(fd);
  if (n != 36) id = {};
  return id;
}

}  // namespace angophora::sc
