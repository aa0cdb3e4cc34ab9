#include "sc/backends/file_backend.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <optional>

#include "sc/backends/snapshot_files.h"

namespace angophora::sc {

namespace {

namespace fs = std::filesystem;
using common::Errc;
using common::errno_error;

constexpr std::string_view kSuffix = ".raw";
constexpr std::string_view kUnfinished = ".new";
constexpr std::string_view kDamage = ".damage";

class File {
 public:
  explicit File(int fd) : fd_(fd) {}
  File(const File&) = delete;
  ~File() {
    if (fd_ >= 0) ::close(fd_);
  }
  int fd() const { return fd_; }
  explicit operator bool() const { return fd_ >= 0; }

 private:
  int fd_;
};

std::string path_of(const std::string& folder, const VolumeId& id) {
  return folder + "/" + id.value + std::string(kSuffix);
}

Result<> sync_folder(const std::string& folder) {
  const File file(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!file || ::fsync(file.fd()) != 0) return errno_error(errno, "syncing " + folder);
  return common::ok();
}

std::string damage_path_of(const std::string& folder, const VolumeId& id) {
  return folder + "/" + id.value + std::string(kDamage);
}

// What the export server noted.
std::string noted_damage(const std::string& folder, const VolumeId& id) {
  const File file(::open(damage_path_of(folder, id).c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  if (!file) return errno == ENOENT ? "" : "the note of its damage cannot be read";
  char text[500];
  const auto n = ::read(file.fd(), text, sizeof text);
  return n > 0 ? std::string(text, static_cast<std::size_t>(n)) : "its damage was noted";
}

Volume volume_of(VolumeId id, std::uint64_t bytes) {
  Volume volume;
  volume.id = std::move(id);
  volume.size_gib = static_cast<std::uint32_t>(bytes / kBytesPerGib);
  volume.lost = bytes == 0 || bytes % kBytesPerGib != 0;
  if (volume.lost)
    volume.damage = "its file has " + std::to_string(bytes) + " bytes, which is no whole GiB";
  return volume;
}

Result<std::optional<Volume>> find(const std::string& folder, const VolumeId& id) {
  struct stat status {};
  const auto path = path_of(folder, id);
  if (::lstat(path.c_str(), &status) == 0) {
    auto volume = volume_of(id, static_cast<std::uint64_t>(status.st_size));
    if (volume.damage.empty()) volume.damage = noted_damage(folder, id);
    return std::optional(std::move(volume));
  }
  if (errno == ENOENT) return std::optional<Volume>();
  return errno_error(errno, "looking at " + path);
}

Result<std::vector<Volume>> list_folder(const std::string& folder) {
  std::vector<Volume> volumes;
  std::error_code failure;
  fs::directory_iterator at(folder, failure);
  for (; !failure && at != fs::directory_iterator(); at.increment(failure)) {
    const auto name = at->path().filename().string();
    if (!name.ends_with(kSuffix)) continue;
    const VolumeId id(name.substr(0, name.size() - kSuffix.size()));
    if (!check_id(id)) continue;
    TRY(auto volume, find(folder, id));
    if (volume) volumes.push_back(std::move(*volume));
  }
  if (failure) return Error(Errc::io, "reading " + folder + ": " + failure.message());
  std::sort(volumes.begin(), volumes.end(),
            [](const Volume& a, const Volume& b) { return a.id < b.id; });
  return volumes;
}

Error no_room(int number, const VolumeId& id, const std::string& path) {
  if (number == ENOSPC || number == EDQUOT)
    return Error(VolumeErrc::pool_full, "the pool has no room for volume " + id.value);
  if (number == EFBIG)
    return Error(VolumeErrc::bad_size,
                 "the pool's file system cannot hold a file as large as volume " + id.value);
  return errno_error(number, "making " + path);
}

// Writes the whole file under a name that nobody looks at and gives it its own in one step.
Result<> make_file(const std::string& folder, const VolumeId& id, std::uint64_t bytes,
                   const std::string& unique) {
  const auto path = path_of(folder, id);
  const auto unfinished = path + "." + unique + std::string(kUnfinished);
  const File file(::open(unfinished.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (!file) return no_room(errno, id, unfinished);
  int failure = 0;
  if (::ftruncate(file.fd(), static_cast<off_t>(bytes)) != 0 || ::fsync(file.fd()) != 0 ||
      ::renameat2(AT_FDCWD, unfinished.c_str(), AT_FDCWD, path.c_str(), RENAME_NOREPLACE) != 0)
    failure = errno;
  if (failure != 0) ::unlink(unfinished.c_str());
  // Another request was faster: its volume is as good, when it has the same size.
  if (failure != 0 && failure != EEXIST) return no_room(failure, id, path);
  return sync_folder(folder);
}

Result<> create_volume(const std::string& folder, const PoolLimits& limits, const VolumeId& id,
                       std::uint32_t size_gib, const ChunkMap& source, const std::string& unique) {
  auto check = [&](const Volume& present) -> Result<> {
    if (present.damage.empty() && present.size_gib == size_gib) return common::ok();
    return Error(VolumeErrc::size_mismatch, "volume " + id.value + " exists with " +
                                                std::to_string(present.size_gib) + " GiB, not " +
                                                std::to_string(size_gib));
  };
  TRY(const auto present, find(folder, id));
  if (present) {
    TRY_VOID(check(*present));
    return sync_folder(folder);
  }
  TRY(const auto volumes, list_folder(folder));
  TRY(const auto pool, look_at_pool(folder));
  std::uint64_t promised_gib = 0;
  for (const auto& volume : volumes) promised_gib += volume.size_gib;
  TRY_VOID(check_room(pool, limits, promised_gib, size_gib));
  const auto bytes = size_gib * kBytesPerGib;
  TRY_VOID(snapshot_files::prepare(path_of(folder, id), bytes, source));
  TRY_VOID(make_file(folder, id, bytes, unique));
  TRY(const auto made, find(folder, id));
  if (!made) return Error(Errc::io, "volume " + id.value + " vanished while it was made");
  return check(*made);
}

Result<> remove_volume(const std::string& folder, const VolumeId& id) {
  const auto path = path_of(folder, id);
  // The note goes last: without it a damaged volume would look whole after a crash in between.
  if (::unlink(path.c_str()) != 0 && errno != ENOENT) return errno_error(errno, "removing " + path);
  TRY_VOID(snapshot_files::remove_all(path));
  const auto damage = damage_path_of(folder, id);
  if (::unlink(damage.c_str()) != 0 && errno != ENOENT)
    return errno_error(errno, "removing " + damage);
  return sync_folder(folder);
}

Result<> remove_unfinished(const std::string& folder) {
  std::error_code failure;
  std::vector<fs::path> unfinished;
  for (fs::directory_iterator at(folder, failure); !failure && at != fs::directory_iterator();
       at.increment(failure))
    if (at->path().filename().string().ends_with(kUnfinished)) unfinished.push_back(at->path());
  for (const auto& path : unfinished)
    if (!failure) fs::remove(path, failure);
  if (failure) return Error(Errc::io, "cleaning " + folder + ": " + failure.message());
  return sync_folder(folder);
}

}  // namespace

Result<Pool> look_at_pool(const std::string& folder) {
  struct statvfs status {};
  if (::statvfs(folder.c_str(), &status) != 0) return errno_error(errno, "looking at " + folder);
  return Pool{static_cast<std::uint64_t>(status.f_blocks) * status.f_frsize,
              static_cast<std::uint64_t>(status.f_bavail) * status.f_frsize};
}

Result<std::unique_ptr<FileBackend>> FileBackend::open(common::Runtime& runtime, std::string folder,
                                                       PoolLimits limits) {
  std::error_code failure;
  fs::create_directories(folder, failure);
  if (failure) return Error(Errc::io, "making " + folder + ": " + failure.message());
  if (::chmod(folder.c_str(), 0700) != 0) return errno_error(errno, "guarding " + folder);
  TRY_VOID(remove_unfinished(folder));
  TRY_VOID(snapshot_files::remove_orphans(folder));
  return std::unique_ptr<FileBackend>(new FileBackend(runtime, std::move(folder), limits));
}

Task<> FileBackend::create(VolumeId id, std::int64_t size_gib) {
  ChunkMap nothing;
  co_return co_await create_from(std::move(id), size_gib, std::move(nothing));
}

Task<> FileBackend::create_from(VolumeId id, std::int64_t size_gib, ChunkMap source) {
  CO_TRY_VOID(check_id(id));
  CO_TRY_VOID(check_size(id, size_gib));
  const auto unique = runtime_.random_hex(8);
  std::function<Result<>()> work = [folder = folder_, limits = limits_, making = making_, id,
                                    size_gib, source = std::move(source), unique] {
    const std::lock_guard turn(*making);
    return create_volume(folder, limits, id, static_cast<std::uint32_t>(size_gib), source, unique);
  };
  co_return co_await runtime_.run_blocking(std::move(work));
}

Task<> FileBackend::remove(VolumeId id) {
  CO_TRY_VOID(check_id(id));
  std::function<Result<>()> work = [folder = folder_, id] { return remove_volume(folder, id); };
  co_return co_await runtime_.run_blocking(std::move(work));
}

Task<std::optional<Volume>> FileBackend::find(VolumeId id) {
  CO_TRY_VOID(check_id(id));
  std::function<Result<std::optional<Volume>>()> work = [folder = folder_, id] {
    return sc::find(folder, id);
  };
  co_return co_await runtime_.run_blocking(std::move(work));
}

Task<std::vector<Volume>> FileBackend::list() {
  std::function<Result<std::vector<Volume>>()> work = [folder = folder_] {
    return list_folder(folder);
  };
  co_return co_await runtime_.run_blocking(std::move(work));
}

Task<Pool> FileBackend::pool() {
  std::function<Result<Pool>()> work = [folder = folder_] { return look_at_pool(folder); };
  co_return co_await runtime_.run_blocking(std::move(work));
}

}  // namespace angophora::sc
