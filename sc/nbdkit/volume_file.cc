#include "sc/nbdkit/volume_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace angophora::sc {
namespace {

constexpr const char* kRawSuffix = ".raw";
constexpr const char* kDamageSuffix = ".damage";

// Beside VOLUME-ID.raw.
std::string damage_path(const std::string& path) {
  auto stem = path;
  if (stem.ends_with(kRawSuffix)) stem.resize(stem.size() - std::strlen(kRawSuffix));
  return stem + kDamageSuffix;
}

// The first note stays: it is nearest to the cause.
bool note_damage(const std::string& path, const std::string& sentence) {
  const int fd = ::open(damage_path(path).c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd < 0) return errno == EEXIST;
  const bool written =
      ::write(fd, sentence.data(), sentence.size()) == static_cast<ssize_t>(sentence.size());
  ::close(fd);
  return written;
}

int punch_hole(int fd, std::uint64_t count, std::uint64_t offset) {
  const int how = FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE;
  for (;;) {
    if (::fallocate(fd, how, static_cast<off_t>(offset), static_cast<off_t>(count)) == 0) return 0;
    if (errno != EINTR) return errno;
  }
}

int zero_range(int fd, std::uint64_t count, std::uint64_t offset) {
  const int how = FALLOC_FL_ZERO_RANGE | FALLOC_FL_KEEP_SIZE;
  for (;;) {
    if (::fallocate(fd, how, static_cast<off_t>(offset), static_cast<off_t>(count)) == 0) return 0;
    if (errno != EINTR) return errno;
  }
}

bool is_unsupported(int number) { return number == EOPNOTSUPP || number == ENOSYS; }

}  // namespace

std::unique_ptr<VolumeFile> VolumeFile::open(const std::string& path, std::uint64_t bytes,
                                             std::string& why) {
  const int fd = ::open(path.c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW);
  if (fd < 0) {
    why = path + ": " + std::strerror(errno);
    return nullptr;
  }
  struct stat status {};
  if (::fstat(fd, &status) != 0 || !S_ISREG(status.st_mode)) {
    why = path + " is no file";
  } else if (static_cast<std::uint64_t>(status.st_size) != bytes) {
    why = path + " has " + std::to_string(status.st_size) + " bytes, not " + std::to_string(bytes);
  } else if (::flock(fd, LOCK_EX | LOCK_NB) != 0) {
    why = path + " is served by another program";
  } else {
    return std::unique_ptr<VolumeFile>(new VolumeFile(fd, bytes, path));
  }
  ::close(fd);
  return nullptr;
}

VolumeFile::~VolumeFile() { ::close(fd_); }

int VolumeFile::failed(int number, const char* step) {
  if (number != EIO) return number;
  if (!damage_noted_.exchange(true) &&
      !note_damage(path_, std::string("an I/O error while ") + step))
    damage_noted_ = false;  // the next failure tries again
  return number;
}

int VolumeFile::read(void* to, std::size_t count, std::uint64_t offset) {
  auto* at = static_cast<char*>(to);
  while (count > 0) {
    const auto n = ::pread(fd_, at, count, static_cast<off_t>(offset));
    if (n < 0 && errno == EINTR) continue;
    // The file is as long as the volume: an early end means that somebody cut it.
    if (n <= 0) return failed(n < 0 ? errno : EIO, "reading");
    at += n;
    offset += static_cast<std::uint64_t>(n);
    count -= static_cast<std::size_t>(n);
  }
  return 0;
}

int VolumeFile::write(const void* from, std::size_t count, std::uint64_t offset) {
  const auto* at = static_cast<const char*>(from);
  while (count > 0) {
    const auto n = ::pwrite(fd_, at, count, static_cast<off_t>(offset));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return failed(errno == EDQUOT ? ENOSPC : errno, "writing");
    at += n;
    offset += static_cast<std::uint64_t>(n);
    count -= static_cast<std::size_t>(n);
  }
  return 0;
}

int VolumeFile::trim(std::uint64_t count, std::uint64_t offset) {
  if (count == 0) return 0;
  const int failure = punch_hole(fd_, count, offset);
  return is_unsupported(failure) ? 0 : failed(failure, "trimming");
}

int VolumeFile::zero(std::uint64_t count, std::uint64_t offset, bool may_trim) {
  if (count == 0) return 0;
  if (may_trim) {
    const int failure = punch_hole(fd_, count, offset);
    if (!is_unsupported(failure)) return failed(failure, "zeroing");
  }
  const int failure = zero_range(fd_, count, offset);
  if (is_unsupported(failure)) return EOPNOTSUPP;
  return failed(failure == EDQUOT ? ENOSPC : failure, "zeroing");
}

int VolumeFile::flush() {
  if (const int before = flush_failure_; before != 0) return before;
  if (::fdatasync(fd_) == 0) return flush_failure_;  // another thread may have met the failure
  const int number = errno == EDQUOT ? ENOSPC : errno;
  flush_failure_ = number;
  if (!damage_noted_.exchange(true) &&
      !note_damage(path_, std::string("flushing failed: ") + std::strerror(number)))
    damage_noted_ = false;
  return number;
}

int VolumeFile::extents(std::uint64_t count, std::uint64_t offset, const Found& found) {
  const auto end = std::min(offset + count, bytes_);
  while (offset < end) {
    const auto data = ::lseek(fd_, static_cast<off_t>(offset), SEEK_DATA);
    if (data < 0 && errno != ENXIO) return failed(errno, "looking for holes");
    const auto data_at = data < 0 ? end : std::min(static_cast<std::uint64_t>(data), end);
    if (data_at > offset) {
      if (const int failure = found(offset, data_at - offset, true)) return failure;
      offset = data_at;
      continue;
    }
    const auto hole = ::lseek(fd_, static_cast<off_t>(offset), SEEK_HOLE);
    if (hole < 0) return failed(errno, "looking for holes");
    const auto hole_at = std::min(static_cast<std::uint64_t>(hole), end);
    if (const int failure = found(offset, hole_at - offset, false)) return failure;
    offset = hole_at;
  }
  return 0;
}

}  // namespace angophora::sc
