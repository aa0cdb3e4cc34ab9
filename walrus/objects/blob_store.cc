#include "walrus/objects/blob_store.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>

#include "common/base/encoding.h"
#include "walrus/domain/s3_errors.h"

namespace angophora::walrus {
namespace {

// Files below this size are written so fast that allocating ahead only costs.
constexpr std::uint64_t kAllocateFrom = 1 << 20;

Error disk_error(int number, std::string step) {
  if (number == ENOSPC || number == EDQUOT)
    return Error(S3Errc::insufficient_storage,
                 "The storage of this cloud is full. Nothing was changed.");
  return common::errno_error(number, std::move(step));
}

std::string shard_name(int shard) {
  return common::hex_encode(std::string(1, static_cast<char>(shard)));
}

Result<> make_folder(const std::string& path) {
  if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST)
    return common::errno_error(errno, "making the folder " + path);
  return common::ok();
}

struct CloseDir {
  void operator()(DIR* dir) const { ::closedir(dir); }
};

}  // namespace

Draft::Draft(Draft&& other) noexcept
    : store_(other.store_),
      id_(std::move(other.id_)),
      fd_(std::exchange(other.fd_, -1)),
      size_bytes_(other.size_bytes_) {}

Draft::~Draft() {
  if (fd_ < 0) return;
  ::close(fd_);
  ::unlink(store_.draft_path(id_).c_str());
}

Result<> Draft::write(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto n = ::write(fd_, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return disk_error(errno, "writing blob " + id_);
    bytes.remove_prefix(static_cast<std::size_t>(n));
    size_bytes_ += static_cast<std::uint64_t>(n);
  }
  return common::ok();
}

Result<> Draft::keep() {
  if (::fdatasync(fd_) != 0) return disk_error(errno, "syncing blob " + id_);
  if (::rename(store_.draft_path(id_).c_str(), store_.blob_path(id_).c_str()) != 0)
    return disk_error(errno, "keeping blob " + id_);
  ::close(std::exchange(fd_, -1));
  auto synced = store_.sync_shard_of(id_);
  if (!synced) ::unlink(store_.blob_path(id_).c_str());
  return synced;
}

Result<std::unique_ptr<BlobStore>> BlobStore::open(Options options, std::string start) {
  std::unique_ptr<BlobStore> store(new BlobStore(std::move(options), std::move(start)));
  TRY_VOID(store->make_folders());
  return store;
}

Result<> BlobStore::make_folders() {
  std::error_code error;
  std::filesystem::create_directories(options_.dir, error);
  if (error) return Error(error, "making the folder " + options_.dir + ": " + error.message());
  std::filesystem::remove_all(options_.dir + "/drafts", error);
  if (error) return Error(error, "emptying " + options_.dir + "/drafts: " + error.message());
  TRY_VOID(make_folder(options_.dir + "/drafts"));
  TRY_VOID(make_folder(options_.dir + "/retired"));
  TRY_VOID(make_folder(options_.dir + "/blobs"));
  for (int shard = 0; shard < kShards; ++shard) {
    const auto path = options_.dir + "/blobs/" + shard_name(shard);
    TRY_VOID(make_folder(path));
    const int fd = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) return common::errno_error(errno, "opening the folder " + path);
    shard_fds_.push_back(fd);
  }
  for (const auto& path : {options_.dir + "/blobs", options_.dir}) {
    const int fd = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) return common::errno_error(errno, "opening the folder " + path);
    const int failed = ::fsync(fd);
    ::close(fd);
    if (failed) return common::errno_error(errno, "syncing the folder " + path);
  }
  return common::ok();
}

BlobStore::~BlobStore() {
  for (const int fd : shard_fds_) ::close(fd);
}

std::string BlobStore::draft_path(const std::string& id) const {
  return options_.dir + "/drafts/" + id;
}

std::string BlobStore::blob_path(const std::string& id) const {
  return options_.dir + "/blobs/" + id.substr(0, 2) + "/" + id;
}

std::string BlobStore::retired_path(const std::string& id) const {
  return options_.dir + "/retired/" + id;
}

Result<> BlobStore::sync_shard_of(const std::string& id) {
  const auto shard = static_cast<unsigned char>((*common::hex_decode(id.substr(0, 2)))[0]);
  if (::fsync(shard_fds_[shard]) != 0) return disk_error(errno, "syncing the folder of " + id);
  return common::ok();
}

Result<Draft> BlobStore::draft(std::string name, std::optional<std::uint64_t> size_bytes) {
  TRY(const auto free, free_bytes());
  if (free < options_.reserve_bytes + size_bytes.value_or(0))
    return disk_error(ENOSPC, "making room");
  auto id = std::move(name) + "-" + start_;
  const int fd = ::open(draft_path(id).c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd < 0) return disk_error(errno, "making blob " + id);
  Draft draft(*this, std::move(id), fd);
  // KEEP_SIZE, so that a body that ends early leaves a short file and not one filled with zeros.
  if (size_bytes.value_or(0) >= kAllocateFrom &&
      ::fallocate(fd, FALLOC_FL_KEEP_SIZE, 0, static_cast<off_t>(*size_bytes)) != 0 &&
      (errno == ENOSPC || errno == EDQUOT || errno == EFBIG))
    return disk_error(ENOSPC, "making room");
  return draft;
}

Result<std::shared_ptr<const int>> BlobStore::open_blob(const std::string& id) const {
  const int fd = ::open(blob_path(id).c_str(), O_RDONLY | O_CLOEXEC);
  if (fd >= 0)
    return std::shared_ptr<const int>(new int(fd), [](const int* f) {
      ::close(*f);
      delete f;
    });
  if (errno == ENOENT) return Error(common::Errc::not_found, "blob " + id + " is not there");
  return common::errno_error(errno, "opening blob " + id);
}

Result<> BlobStore::remove(const std::string& id) {
  if (::unlink(blob_path(id).c_str()) != 0 && errno != ENOENT)
    return common::errno_error(errno, "removing blob " + id);
  return common::ok();
}

// When it was retired shows as the file's time of change.
Result<> BlobStore::retire(const std::string& id) {
  if (::utimensat(AT_FDCWD, blob_path(id).c_str(), nullptr, 0) != 0 ||
      ::rename(blob_path(id).c_str(), retired_path(id).c_str()) != 0)
    return common::errno_error(errno, "retiring blob " + id);
  return common::ok();
}

Result<> BlobStore::restore(const std::string& id) {
  if (::rename(retired_path(id).c_str(), blob_path(id).c_str()) != 0)
    return common::errno_error(errno, "restoring blob " + id);
  return sync_shard_of(id);
}

Result<std::vector<BlobStore::Retired>> BlobStore::retired() const {
  const auto path = options_.dir + "/retired";
  const std::unique_ptr<DIR, CloseDir> dir(::opendir(path.c_str()));
  if (!dir) return common::errno_error(errno, "opening the folder " + path);
  std::vector<Retired> all;
  while (const auto* entry = ::readdir(dir.get())) {
    struct stat info {};
    if (entry->d_name[0] == '.' || ::fstatat(::dirfd(dir.get()), entry->d_name, &info, 0) != 0)
      continue;
    all.push_back({entry->d_name, std::chrono::system_clock::from_time_t(info.st_mtime)});
  }
  return all;
}

Result<> BlobStore::delete_retired(const std::string& id) {
  if (::unlink(retired_path(id).c_str()) != 0 && errno != ENOENT)
    return common::errno_error(errno, "deleting retired blob " + id);
  return common::ok();
}

Result<std::vector<std::string>> BlobStore::blobs_of_earlier_starts(int shard) const {
  const auto path = options_.dir + "/blobs/" + shard_name(shard);
  const std::unique_ptr<DIR, CloseDir> dir(::opendir(path.c_str()));
  if (!dir) return common::errno_error(errno, "opening the folder " + path);
  std::vector<std::string> ids;
  while (const auto* entry = ::readdir(dir.get())) {
    const std::string name = entry->d_name;
    if (name[0] != '.' && !name.ends_with("-" + start_)) ids.push_back(name);
  }
  return ids;
}

Result<std::uint64_t> BlobStore::free_bytes() const {
  struct statvfs figures;
  if (::statvfs(options_.dir.c_str(), &figures) != 0)
    return common::errno_error(errno, "asking for the free space of " + options_.dir);
  return static_cast<std::uint64_t>(figures.f_bavail) * figures.f_frsize;
}

}  // namespace angophora::walrus
