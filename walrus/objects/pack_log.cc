#include "walrus/objects/pack_log.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstring>

#include "common/crypto/crc.h"

namespace angophora::walrus {
namespace {

constexpr std::uint32_t kMagic = 0x4b504157;  // "WAPK"
constexpr std::size_t kOpenMax = 128;         // packs that stay open for readers

// As it stands in front of each blob, in the machine's byte order (little endian).
struct Header {
  std::uint32_t magic = kMagic;
  std::uint32_t header_crc = 0;  // of all behind it
  std::uint32_t size_bytes = 0;
  std::uint32_t data_crc = 0;
  char id[48] = {};

  std::uint32_t crc() const {
    const char* rest = reinterpret_cast<const char*>(this) + 8;
    return crypto::crc32c(std::string_view(rest, sizeof(Header) - 8));
  }
  bool is_right() const {
    return magic == kMagic && header_crc == crc() && id[sizeof(id) - 1] == '\0';
  }
};
static_assert(sizeof(Header) == kPackRecordBytes);

std::string record_of(const std::string& id, std::string_view bytes, std::uint32_t data_crc) {
  Header header;
  header.size_bytes = static_cast<std::uint32_t>(bytes.size());
  header.data_crc = data_crc;
  id.copy(header.id, sizeof(header.id) - 1);
  header.header_crc = header.crc();
  std::string record;
  record.reserve(sizeof(header) + bytes.size());
  record.append(reinterpret_cast<const char*>(&header), sizeof(header)).append(bytes);
  return record;
}

}  // namespace

// A pack that may still get blobs, or whose blobs have no rows yet.
struct PackLog::Growing {
  std::string name;
  std::shared_ptr<const int> fd;
  std::atomic<std::uint64_t> written = 0;
  std::mutex sync_mutex;  // of what follows
  std::uint64_t synced = 0;
  std::atomic<bool> failed = false;  // after a failed sync nobody knows what is on disk
};

Result<NewBlob> PackLog::append(const std::string& id, std::string_view bytes) {
  const auto crc = crypto::crc32c(bytes);
  const auto record = record_of(id, bytes, crc);
  std::lock_guard lock(mutex_);
  if (!growing_ || growing_->failed || growing_->written + record.size() > pack_bytes_max_)
    TRY_VOID(begin_pack());
  auto pack = growing_;
  const std::uint64_t begin = pack->written, end = begin + record.size();
  if (auto done = write_at(disk_, *pack->fd, record, begin, "pack " + pack->name); !done) {
    // The next one goes where this one was to begin, or into another pack.
    if (disk_.truncate(*pack->fd, begin) != 0) growing_.reset();
    return std::move(done).assume_error();
  }
  pack->written = end;
  NewBlob blob;
  blob.id = id;
  blob.size_bytes = bytes.size();
  blob.place = {pack->name, begin + kPackRecordBytes};
  blob.crc32c = crc;
  blob.settle = [pack, end, &disk = disk_] { return settle(disk, *pack, end); };
  return blob;
}

Result<> PackLog::begin_pack() {
  auto pack = std::make_shared<Growing>();
  pack->name = "pack-" + start_ + "-" + std::to_string(++begun_);
  const auto file = path(pack->name);
  const int fd = ::open(file.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd < 0) return disk_error(errno, "making " + file);
  pack->fd = http::own_fd(fd);
  if (auto synced = sync_folder(folder_); !synced) {
    ::unlink(file.c_str());
    return synced;
  }
  std::erase_if(of_this_start_, [](const auto& known) { return known.second.expired(); });
  of_this_start_[pack->name] = pack;
  growing_ = std::move(pack);
  return common::ok();
}

Result<> PackLog::settle(Disk& disk, Growing& pack, std::uint64_t end) {
  std::lock_guard lock(pack.sync_mutex);
  if (pack.failed)
    return Error(common::Errc::io, pack.name + " could not be synced; the blob is not kept");
  if (pack.synced >= end) return common::ok();
  const std::uint64_t written = pack.written;
  if (disk.sync(*pack.fd) != 0) {
    const int number = errno;
    pack.failed = true;
    return disk_error(number, "syncing " + pack.name);
  }
  pack.synced = written;
  return common::ok();
}

Result<std::shared_ptr<const int>> PackLog::file_of(const std::string& name) const {
  std::lock_guard lock(mutex_);
  if (const auto found = open_.find(name); found != open_.end()) return found->second;
  TRY(auto fd, open_to_read(path(name)));
  if (open_.size() >= kOpenMax) open_.erase(open_.begin());
  open_[name] = fd;
  return fd;
}

Result<std::shared_ptr<const OpenBlob>> PackLog::open(const std::string& id,
                                                      const BlobPlace& place) const {
  TRY(auto fd, file_of(place.pack));
  return std::shared_ptr<const OpenBlob>(
      std::make_shared<FileBlob>(id, std::move(fd), place.offset));
}

Result<std::vector<BlobStore::Pack>> PackLog::full() const {
  std::lock_guard lock(mutex_);
  const std::unique_ptr<DIR, CloseDir> dir(::opendir(folder_.c_str()));
  if (!dir) return common::errno_error(errno, "opening the folder " + folder_);
  std::vector<BlobStore::Pack> packs;
  while (const auto* entry = ::readdir(dir.get())) {
    const std::string name = entry->d_name;
    struct stat info {};
    if (!is_pack_name(name) || ::fstatat(::dirfd(dir.get()), entry->d_name, &info, 0) != 0)
      continue;
    const auto known = of_this_start_.find(name);
    if (known != of_this_start_.end() && !known->second.expired()) continue;
    packs.push_back({name, static_cast<std::uint64_t>(info.st_size),
                     !name.starts_with("pack-" + start_ + "-")});
  }
  std::sort(packs.begin(), packs.end(),
            [](const auto& a, const auto& b) { return a.name < b.name; });
  return packs;
}

Result<std::vector<BlobStore::Packed>> PackLog::list(const std::string& name) const {
  TRY(const auto fd, open_to_read(path(name)));
  struct stat info {};
  if (::fstat(*fd, &info) != 0) return common::errno_error(errno, "looking at " + name);
  const auto size = static_cast<std::uint64_t>(info.st_size);
  std::vector<BlobStore::Packed> blobs;
  for (std::uint64_t at = 0; at + sizeof(Header) <= size;) {
    char raw[sizeof(Header)];
    TRY_VOID(read_at(*fd, raw, at, name));
    Header header;
    std::memcpy(&header, raw, sizeof(header));
    if (!header.is_right() || at + sizeof(header) + header.size_bytes > size) break;
    blobs.push_back({header.id, at + sizeof(header), header.size_bytes, header.data_crc});
    at += sizeof(header) + header.size_bytes;
  }
  return blobs;
}

void PackLog::forget(const std::string& name) {
  std::lock_guard lock(mutex_);
  open_.erase(name);
}

Result<> PackLog::remove(const std::string& name) {
  forget(name);
  if (::unlink(path(name).c_str()) != 0 && errno != ENOENT)
    return common::errno_error(errno, "removing " + name);
  return common::ok();
}

}  // namespace angophora::walrus
