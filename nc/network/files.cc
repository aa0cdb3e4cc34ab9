#include "nc/network/files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>

namespace angophora::nc {
namespace {

using common::errno_error;
using common::Result;

Result<> write_all(int fd, const std::string& text, const std::string& path) {
  for (std::size_t done = 0; done < text.size();) {
    const auto n = write(fd, text.data() + done, text.size() - done);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return errno_error(errno, "writing " + path);
    done += static_cast<std::size_t>(n);
  }
  return common::ok();
}

void sync_folder_of(const std::string& path) {
  const int folder =
      open(std::filesystem::path(path).parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder < 0) return;
  fsync(folder);
  close(folder);
}

}  // namespace

std::optional<std::string> read_small_file(const std::string& path) {
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return std::nullopt;
  std::string text;
  char buffer[16384];
  ssize_t n = 0;
  while ((n = read(fd, buffer, sizeof buffer)) > 0 || (n < 0 && errno == EINTR))
    if (n > 0) text.append(buffer, static_cast<std::size_t>(n));
  close(fd);
  if (n < 0) return std::nullopt;
  return text;
}

Result<> make_open_folder(const std::string& path) {
  std::error_code failure;
  const std::filesystem::path folder(path);
  if (std::filesystem::is_directory(folder, failure)) return common::ok();
  if (folder.has_parent_path() && folder.parent_path() != folder)
    TRY_VOID(make_open_folder(folder.parent_path()));
  if (mkdir(path.c_str(), 0755) != 0 || chmod(path.c_str(), 0755) != 0)
    return errno_error(errno, "making the folder " + path);
  return common::ok();
}

Result<> replace_file(const std::string& path, const std::string& text, bool durable) {
  const auto fresh = path + ".new";
  const int fd = open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (fd < 0) return errno_error(errno, "writing " + fresh);
  fchmod(fd, 0644);
  auto written = write_all(fd, text, fresh);
  if (written && durable && fsync(fd) != 0) written = errno_error(errno, "writing " + fresh);
  close(fd);
  TRY_VOID(written);
  if (rename(fresh.c_str(), path.c_str()) != 0) return errno_error(errno, "writing " + path);
  if (durable) sync_folder_of(path);
  return common::ok();
}

Result<> write_existing(const std::string& path, const std::string& text) {
  const int fd = open(path.c_str(), O_WRONLY | O_CLOEXEC);
  if (fd < 0) return errno_error(errno, "writing " + path);
  const auto written = write_all(fd, text, path);
  close(fd);
  return written;
}

}  // namespace angophora::nc
