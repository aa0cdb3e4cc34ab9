#include "nc/images/disks.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <filesystem>

#include "common/process/process.h"
#include "nc/images/sparse_file.h"

namespace angophora::nc {

using common::Errc;
using common::errno_error;
using common::Error;
using common::Result;
using common::Task;

namespace fs = std::filesystem;

namespace {

constexpr std::uint64_t kGib = 1ull << 30;
constexpr std::uint64_t kMib = 1ull << 20;
constexpr std::uint64_t kSectorBytes = 512;
constexpr std::size_t kPageBytes = 4096;

Result<> sync_path(const std::string& path) {
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return errno_error(errno, "opening " + path);
  const int failed = fsync(fd) < 0 ? errno : 0;
  close(fd);
  if (failed) return errno_error(failed, "syncing " + path);
  return common::ok();
}

// The image is raw bytes whatever they look like, so nothing in it can name another file.
Result<> make_overlay(const std::string& path, const std::string& backing, std::uint64_t bytes) {
  unlink(path.c_str());
  const process::Command command{.argv = {"qemu-img", "create", "-q", "-f", "qcow2", "-F", "raw",
                                          "-b", backing, path, std::to_string(bytes)},
                                 .limit = std::chrono::seconds(60)};
  const auto made = process::run_checked(command);
  if (!made) return Error(made.error()).while_doing("making the root disk");
  return sync_path(path);
}

Result<> make_sparse(const std::string& path, std::uint64_t bytes, const std::string& start) {
  TRY(auto file, SparseFile::create(path));
  TRY_VOID(file.write_at(0, start));
  return file.finish(bytes);
}

// Amazon's instance store comes with a file system on it; without mkfs the guest gets it bare.
Result<> make_ephemeral(const std::string& path, std::uint64_t bytes) {
  TRY_VOID(make_sparse(path, bytes, ""));
  const process::Command command{.argv = {"mkfs.ext4", "-q", "-F", "-L", "ephemeral0", "-E",
                                          "lazy_itable_init=1,lazy_journal_init=1", path},
                                 .limit = std::chrono::seconds(60)};
  const auto made = process::run_checked(command);
  if (!made && made.error().code != Errc::not_found)
    return Error(made.error()).while_doing("making the ephemeral disk");
  return common::ok();
}

Result<> make_all(const InstanceFiles& files, const InstanceSpec& spec, const std::string& image,
                  std::uint64_t image_bytes) {
  std::error_code failed;
  fs::create_directories(files.dir(), failed);
  if (failed) return Error(Errc::io, "making " + files.dir() + ": " + failed.message());
  // The hypervisor's own user must get through to the disks, but not read the folder.
  chmod(files.dir().c_str(), 0711);
  const auto image_size = (image_bytes + kSectorBytes - 1) / kSectorBytes * kSectorBytes;
  const auto root_bytes = std::max(spec.type.disk_gib * kGib, image_size);
  TRY_VOID(make_overlay(files.root(), image, root_bytes));
  if (spec.type.ephemeral_gib > 0)
    TRY_VOID(make_ephemeral(files.ephemeral(), spec.type.ephemeral_gib * kGib));
  if (spec.type.swap_mib > 0) {
    const auto bytes = spec.type.swap_mib * kMib;
    TRY_VOID(make_sparse(files.swap(), bytes, swap_header(bytes)));
  }
  return sync_path(files.dir());
}

}  // namespace

std::string swap_header(std::uint64_t size_bytes) {
  std::string page(kPageBytes, '\0');
  const auto version = std::uint32_t{1};
  const auto last_page = static_cast<std::uint32_t>(size_bytes / kPageBytes - 1);
  std::memcpy(&page[1024], &version, sizeof version);
  std::memcpy(&page[1028], &last_page, sizeof last_page);
  std::memcpy(&page[1052], "swap", 4);  // the label
  std::memcpy(&page[kPageBytes - 10], "SWAPSPACE2", 10);
  return page;
}

bool supports_direct_io(const std::string& dir) {
  const auto path = dir + "/direct-io-probe";
  const int fd = open(path.c_str(), O_RDWR | O_CREAT | O_DIRECT | O_CLOEXEC, 0600);
  if (fd >= 0) close(fd);
  unlink(path.c_str());
  return fd >= 0;
}

FileDisks::FileDisks(common::Runtime& runtime, std::string instances_dir)
    : runtime_(runtime), instances_dir_(std::move(instances_dir)) {}

Task<> FileDisks::make(InstanceSpec spec, std::string image_path, std::uint64_t image_bytes) {
  auto work = [files = InstanceFiles(instances_dir_, spec.id), spec, image_path, image_bytes] {
    return make_all(files, spec, image_path, image_bytes);
  };
  co_return co_await runtime_.run_blocking(std::move(work));
}

Task<> FileDisks::remove(InstanceId id) {
  auto work = [dir = InstanceFiles(instances_dir_, id).dir()]() -> Result<> {
    std::error_code failed;
    fs::remove_all(dir, failed);
    if (failed) return Error(Errc::io, "removing " + dir + ": " + failed.message());
    return common::ok();
  };
  co_return co_await runtime_.run_blocking(std::move(work));
}

Task<std::vector<InstanceId>> FileDisks::list() {
  auto work = [dir = instances_dir_]() -> Result<std::vector<InstanceId>> {
    std::vector<InstanceId> all;
    std::error_code failed;
    for (const auto& folder : fs::directory_iterator(dir, failed))
      if (folder.is_directory()) all.push_back(InstanceId(folder.path().filename().string()));
    if (failed) return Error(Errc::io, "reading " + dir + ": " + failed.message());
    return all;
  };
  co_return co_await runtime_.run_blocking(std::move(work));
}

Task<DiskRoom> FileDisks::room() {
  auto work = [dir = instances_dir_]() -> Result<DiskRoom> {
    struct statvfs info {};
    if (statvfs(dir.c_str(), &info) < 0) return errno_error(errno, "looking at " + dir);
    return DiskRoom{static_cast<std::uint64_t>(info.f_blocks) * info.f_frsize,
                    static_cast<std::uint64_t>(info.f_bavail) * info.f_frsize};
  };
  co_return co_await runtime_.run_blocking(std::move(work));
}

}  // namespace angophora::nc
