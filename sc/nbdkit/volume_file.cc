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

std::unique_ptr<VolumeMap> open_map(const std::string& path, std::uint64_t bytes,
                                    std::string& why) {
  const auto map_path = VolumeMap::path_of(path);
  if (const int failure = VolumeMap::make_lost(map_path, bytes)) {
    why = map_path + ": " + std::strerror(failure);
    return nullptr;
  }
  return VolumeMap::open(map_path, bytes, why);
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
  } else if (auto map = open_map(path, bytes, why)) {
    map->settle();
    return std::unique_ptr<VolumeFile>(new VolumeFile(fd, bytes, path, std::move(map)));
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

int VolumeFile::wait_for(std::uint64_t count, std::uint64_t offset) {
  if (count == 0) return 0;
  for (auto n = offset / kChunkBytes; n <= (offset + count - 1) / kChunkBytes; ++n)
    if (const int failure = map_->wait_for(static_cast<std::uint32_t>(n))) return failure;
  return 0;
}

int VolumeFile::change(std::uint64_t count, std::uint64_t offset,
                       const std::function<int()>& work) {
  if (count == 0) return 0;
  if (const int failure = wait_for(count, offset)) return failure;
  const auto first = static_cast<std::uint32_t>(offset / kChunkBytes);
  const auto last = static_cast<std::uint32_t>((offset + count - 1) / kChunkBytes);
  const VolumeMap::Change change(*map_, first, last);
  if (const auto list = pending())
    for (const auto& snapshot : *list) {
      // One whose point in time comes after this change has nothing to keep from it.
      if (static_cast<std::int32_t>(change.epoch() - snapshot.epoch) < 0) continue;
      for (auto n = first; n <= last; ++n) snapshot.file->spare(fd_, n);
    }
  return work();
}

// Null when there is none.
std::shared_ptr<const VolumeFile::PendingList> VolumeFile::pending() {
  const std::lock_guard lock(pending_mutex_);
  const auto version = map_->version();
  if (version == pending_version_) return pending_;
  auto list = std::make_shared<PendingList>();
  for (const auto& [snapshot, epoch, failure] : map_->pending()) {
    std::string why;
    auto file = BeforeFile::open(BeforeFile::path_of(path_, snapshot), bytes_, why);
    if (file)
      list->push_back({epoch, std::move(file)});
    else
      map_->fail_pending(snapshot, EIO);
  }
  pending_.reset();
  if (!list->empty()) pending_ = std::move(list);
  pending_version_ = version;
  return pending_;
}

int VolumeFile::read(void* to, std::size_t count, std::uint64_t offset) {
  if (const int failure = wait_for(count, offset)) return failure;
  // The file is as long as the volume: an early end means that somebody cut it.
  const int failure = read_all(fd_, to, count, offset);
  return failed(failure, "reading");
}

int VolumeFile::write(const void* from, std::size_t count, std::uint64_t offset) {
  return change(count, offset,
                [&] { return failed(write_all(fd_, from, count, offset), "writing"); });
}

int VolumeFile::trim(std::uint64_t count, std::uint64_t offset) {
  return change(count, offset, [&] {
    const int failure = punch_hole(fd_, count, offset);
    return is_unsupported(failure) ? 0 : failed(failure, "trimming");
  });
}

int VolumeFile::zero(std::uint64_t count, std::uint64_t offset, bool may_trim) {
  return change(count, offset, [&] {
    if (may_trim) {
      const int failure = punch_hole(fd_, count, offset);
      if (!is_unsupported(failure)) return failed(failure, "zeroing");
    }
    const int failure = zero_range(fd_, count, offset);
    if (is_unsupported(failure)) return EOPNOTSUPP;
    return failed(failure == EDQUOT ? ENOSPC : failure, "zeroing");
  });
}

int VolumeFile::flush() {
  if (const int before = flush_failure_; before != 0) return before;
  // First what says that chunks have come: a chunk that the guest has written must not come again.
  if (const int failure = map_->sync_after_fills()) return failed(failure, "flushing the map");
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
    // What is still to come counts as data, chunk by chunk.
    const auto chunk = static_cast<std::uint32_t>(offset / kChunkBytes);
    const auto next = map_->missing().list(1, chunk);
    const auto missing_at = next.empty() ? end : next[0] * kChunkBytes;
    const bool missing = missing_at <= offset;
    const auto stop = std::min(end, missing ? (chunk + 1) * kChunkBytes : missing_at);
    const int failure =
        missing ? found(offset, stop - offset, false) : find_holes(stop, offset, found);
    if (failure != 0) return failure;
    offset = stop;
  }
  return 0;
}

int VolumeFile::find_holes(std::uint64_t end, std::uint64_t offset, const Found& found) {
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
