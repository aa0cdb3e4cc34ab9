#include "walrus/objects/local_blob_store.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>

#include "common/base/encoding.h"
#include "common/crypto/crc.h"
#include "walrus/objects/disk_file.h"

namespace angophora::walrus {
namespace {

// Files below this size are written so fast that allocating ahead only costs.
constexpr std::uint64_t kAllocateFrom = 1 << 20;

std::string shard_name(int shard) {
  return common::hex_encode(std::string(1, static_cast<char>(shard)));
}

}  // namespace

// Its file goes when it is destroyed without having been kept.
class FileDraft final : public Draft {
 public:
  FileDraft(LocalBlobStore& store, std::string id, int fd)
      : Draft(std::move(id)), store_(store), fd_(fd) {}
  FileDraft(const FileDraft&) = delete;
  ~FileDraft() override {
    if (fd_ < 0) return;
    ::close(fd_);
    ::unlink(store_.draft_path(id_).c_str());
  }

  Result<> write(std::string_view bytes) override {
    TRY_VOID(write_at(*store_.options_.disk, fd_, bytes, size_bytes_, "blob " + id_));
    crc_ = crypto::crc32c(bytes, crc_);
    size_bytes_ += bytes.size();
    return common::ok();
  }
  Result<NewBlob> keep() override {
    TRY_VOID(keep_file());
    return NewBlob{id_, size_bytes_, {}, crc_};
  }

 private:
  // On disk under its final name when this returns success: data, name and folder.
  Result<> keep_file() {
    if (store_.options_.disk->sync(fd_) != 0) return disk_error(errno, "syncing blob " + id_);
    if (::rename(store_.draft_path(id_).c_str(), store_.blob_path(id_).c_str()) != 0)
      return disk_error(errno, "keeping blob " + id_);
    ::close(std::exchange(fd_, -1));
    auto synced = store_.sync_folder_of(id_);
    if (!synced) ::unlink(store_.blob_path(id_).c_str());
    return synced;
  }

  LocalBlobStore& store_;
  int fd_;
  std::uint32_t crc_ = 0;
};

// In memory until it is kept.
class PackedDraft final : public Draft {
 public:
  PackedDraft(LocalBlobStore& store, std::string id, std::uint64_t size_bytes)
      : Draft(std::move(id)), store_(store), promised_bytes_(size_bytes) {
    bytes_.reserve(size_bytes);
  }

  Result<> write(std::string_view bytes) override {
    if (bytes_.size() + bytes.size() > promised_bytes_)
      return Error(common::Errc::invalid_argument, "blob " + id_ + " is longer than promised");
    bytes_ += bytes;
    size_bytes_ = bytes_.size();
    return common::ok();
  }
  Result<NewBlob> keep() override { return store_.packs_.append(id_, bytes_); }

 private:
  LocalBlobStore& store_;
  std::uint64_t promised_bytes_;
  std::string bytes_;
};

Result<std::unique_ptr<BlobStore>> LocalBlobStore::open(Options options, std::string start) {
  std::unique_ptr<LocalBlobStore> store(new LocalBlobStore(std::move(options), std::move(start)));
  TRY_VOID(store->make_folders());
  return std::unique_ptr<BlobStore>(std::move(store));
}

Result<> LocalBlobStore::make_folders() {
  std::error_code error;
  std::filesystem::create_directories(options_.dir, error);
  if (error) return Error(error, "making the folder " + options_.dir + ": " + error.message());
  std::filesystem::remove_all(options_.dir + "/drafts", error);
  if (error) return Error(error, "emptying " + options_.dir + "/drafts: " + error.message());
  TRY_VOID(make_folder(options_.dir + "/drafts"));
  TRY_VOID(make_folder(options_.dir + "/retired"));
  TRY_VOID(make_folder(options_.dir + "/packs"));
  TRY_VOID(make_folder(options_.dir + "/blobs"));
  for (int shard = 0; shard < kShards; ++shard) {
    const auto path = options_.dir + "/blobs/" + shard_name(shard);
    TRY_VOID(make_folder(path));
    const int fd = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) return common::errno_error(errno, "opening the folder " + path);
    shard_fds_.push_back(fd);
  }
  TRY_VOID(sync_folder(options_.dir + "/blobs"));
  return sync_folder(options_.dir);
}

LocalBlobStore::~LocalBlobStore() {
  for (const int fd : shard_fds_) ::close(fd);
}

std::string LocalBlobStore::draft_path(const std::string& id) const {
  return options_.dir + "/drafts/" + id;
}

std::string LocalBlobStore::blob_path(const std::string& id) const {
  return options_.dir + "/blobs/" + id.substr(0, 2) + "/" + id;
}

std::string LocalBlobStore::retired_path(const std::string& id) const {
  return options_.dir + "/retired/" + id;
}

std::string LocalBlobStore::used_path(const std::string& id) const {
  return is_pack_name(id) ? packs_.path(id) : blob_path(id);
}

Result<> LocalBlobStore::sync_folder_of(const std::string& id) {
  if (is_pack_name(id)) return sync_folder(options_.dir + "/packs");
  const auto shard = static_cast<unsigned char>((*common::hex_decode(id.substr(0, 2)))[0]);
  if (::fsync(shard_fds_[shard]) != 0) return disk_error(errno, "syncing the folder of " + id);
  return common::ok();
}

Result<std::unique_ptr<Draft>> LocalBlobStore::draft(std::string name,
                                                     std::optional<std::uint64_t> size_bytes) {
  TRY(const auto free, free_bytes());
  if (free < options_.reserve_bytes + size_bytes.value_or(0))
    return disk_error(ENOSPC, "making room");
  auto id = std::move(name) + "-" + start_;
  if (size_bytes && *size_bytes <= options_.packed_bytes_max)
    return std::unique_ptr<Draft>(std::make_unique<PackedDraft>(*this, id + "-p", *size_bytes));
  const int fd = ::open(draft_path(id).c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd < 0) return disk_error(errno, "making blob " + id);
  std::unique_ptr<Draft> draft = std::make_unique<FileDraft>(*this, std::move(id), fd);
  // KEEP_SIZE, so that a body that ends early leaves a short file and not one filled with zeros.
  if (size_bytes.value_or(0) >= kAllocateFrom &&
      ::fallocate(fd, FALLOC_FL_KEEP_SIZE, 0, static_cast<off_t>(*size_bytes)) != 0 &&
      (errno == ENOSPC || errno == EDQUOT || errno == EFBIG))
    return disk_error(ENOSPC, "making room");
  return draft;
}

Result<std::shared_ptr<const OpenBlob>> LocalBlobStore::open(const std::string& id,
                                                             const BlobPlace& place) const {
  if (!place.pack.empty()) return packs_.open(id, place);
  TRY(auto fd, open_to_read(blob_path(id)));
  return std::shared_ptr<const OpenBlob>(std::make_shared<FileBlob>(id, std::move(fd), 0));
}

Result<> LocalBlobStore::remove(const std::string& id) {
  if (::unlink(blob_path(id).c_str()) != 0 && errno != ENOENT)
    return common::errno_error(errno, "removing blob " + id);
  return common::ok();
}

// When it was retired shows as the file's time of change.
Result<> LocalBlobStore::retire(const std::string& id) {
  packs_.forget(id);
  if (::utimensat(AT_FDCWD, used_path(id).c_str(), nullptr, 0) != 0 ||
      ::rename(used_path(id).c_str(), retired_path(id).c_str()) != 0)
    return common::errno_error(errno, "retiring " + id);
  return common::ok();
}

Result<> LocalBlobStore::restore(const std::string& id) {
  if (::rename(retired_path(id).c_str(), used_path(id).c_str()) != 0)
    return common::errno_error(errno, "restoring " + id);
  return sync_folder_of(id);
}

Result<std::vector<LocalBlobStore::Retired>> LocalBlobStore::retired() const {
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

Result<> LocalBlobStore::delete_retired(const std::string& id) {
  if (::unlink(retired_path(id).c_str()) != 0 && errno != ENOENT)
    return common::errno_error(errno, "deleting retired blob " + id);
  return common::ok();
}

Result<std::vector<std::string>> LocalBlobStore::blobs_of_earlier_starts(int shard) const {
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

Result<std::uint64_t> LocalBlobStore::free_bytes() const {
  struct statvfs figures;
  if (::statvfs(options_.dir.c_str(), &figures) != 0)
    return common::errno_error(errno, "asking for the free space of " + options_.dir);
  return static_cast<std::uint64_t>(figures.f_bavail) * figures.f_frsize;
}

}  // namespace angophora::walrus
