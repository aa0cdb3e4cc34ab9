#include "common/registry/files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>

namespace angophora::registry {
namespace {

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  int get() const { return fd_; }
  bool ok() const { return fd_ >= 0; }

 private:
  int fd_;
};

Result<> write_all(int fd, std::string_view bytes, const std::string& path) {
  while (!bytes.empty()) {
    const auto count = ::write(fd, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return common::errno_error(errno, "writing " + path);
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
  if (fsync(fd) < 0) return common::errno_error(errno, "syncing " + path);
  return common::ok();
}

}  // namespace

Result<> make_folder(const std::string& path) {
  std::error_code error;
  const auto parent = std::filesystem::path(path).parent_path();
  if (!parent.empty()) std::filesystem::create_directories(parent, error);
  if (mkdir(path.c_str(), 0700) < 0 && errno != EEXIST)
    return common::errno_error(errno, "making the folder " + path);
  return common::ok();
}

Result<> write_file(const std::string& path, std::string_view bytes) {
  const auto fresh = path + ".new";
  {
    // A fresh file, so that one left over with other permissions is not written to.
    unlink(fresh.c_str());
    const Descriptor file(open(fresh.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    if (!file.ok()) return common::errno_error(errno, "making " + fresh);
    TRY_VOID(write_all(file.get(), bytes, fresh));
  }
  if (rename(fresh.c_str(), path.c_str()) < 0) return common::errno_error(errno, "naming " + path);
  const auto folder = std::filesystem::path(path).parent_path().string();
  const Descriptor above(
      open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!above.ok() || fsync(above.get()) < 0)
    return common::errno_error(errno, "syncing the folder of " + path);
  return common::ok();
}

Result<std::optional<std::string>> read_file(const std::string& path) {
  constexpr std::size_t kBytesMax = 16 << 20;
  const Descriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.ok()) {
    if (errno == ENOENT) return std::optional<std::string>();
    return common::errno_error(errno, "opening " + path);
  }
  std::string bytes;
  char buffer[65536];
  for (;;) {
    const auto count = ::read(file.get(), buffer, sizeof buffer);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return common::errno_error(errno, "reading " + path);
    if (count == 0) return std::optional<std::string>(std::move(bytes));
    bytes.append(buffer, static_cast<std::size_t>(count));
    if (bytes.size() > kBytesMax) return Error(Errc::limit_exceeded, path + " is too long");
  }
}

Result<> remove_file(const std::string& path) {
  if (unlink(path.c_str()) < 0 && errno != ENOENT)
    return common::errno_error(errno, "removing " + path);
  return common::ok();
}

}  // namespace angophora::registry
