#include "clc/cli/files.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace angophora::clc::cli {

using common::Errc;
using common::Error;
using common::Result;

Result<std::string> read_file(const std::string& path, std::size_t bytes_max) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return common::errno_error(errno, "reading " + path);
  std::string text(bytes_max + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (file.bad()) return Error(Errc::io, "reading " + path + " failed");
  text.resize(static_cast<std::size_t>(file.gcount()));
  if (text.size() > bytes_max) return Error(Errc::limit_exceeded, path + " is too large");
  return text;
}

Result<> write_file(const std::string& path, const std::string& text, unsigned mode) {
  const std::string fresh = path + ".new";
  unlink(fresh.c_str());
  const int fd = open(fresh.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
  if (fd < 0) return common::errno_error(errno, "writing " + fresh);
  const bool whole =
      write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size()) && fsync(fd) == 0;
  const int failure = errno;
  close(fd);
  if (!whole) return common::errno_error(failure, "writing " + fresh);
  if (rename(fresh.c_str(), path.c_str()) != 0)
    return common::errno_error(errno, "replacing " + path);
  return common::ok();
}

namespace {

constexpr std::string_view kScratchPrefix = ".angophora-scratch-";

// The folder, locked; -1 when another holds it, or it is no folder of this user.
int lock_folder(const std::string& path) {
  const int fd = open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  struct stat opened {
  }, named{};
  if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0 && fstat(fd, &opened) == 0 &&
      lstat(path.c_str(), &named) == 0 && opened.st_ino == named.st_ino &&
      opened.st_uid == geteuid())
    return fd;
  if (fd >= 0) close(fd);
  return -1;
}

void remove_abandoned(const std::string& parent) {
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator(parent, ignored)) {
    if (!entry.path().filename().string().starts_with(kScratchPrefix)) continue;
    const int lock = lock_folder(entry.path().string());
    if (lock < 0) continue;
    std::filesystem::remove_all(entry.path(), ignored);
    close(lock);
  }
}

}  // namespace

Result<TemporaryDir> TemporaryDir::make(const std::string& parent) {
  remove_abandoned(parent);
  for (;;) {
    std::string path = parent + "/" + std::string(kScratchPrefix) + "XXXXXX";
    if (!mkdtemp(path.data())) return common::errno_error(errno, "making a folder in " + parent);
    // Another may have taken it for abandoned before it was locked.
    const int lock = lock_folder(path);
    if (lock >= 0) return TemporaryDir(std::move(path), lock);
  }
}

TemporaryDir::~TemporaryDir() {
  std::error_code ignored;
  if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
  if (lock_ >= 0) close(lock_);
}

}  // namespace angophora::clc::cli
