#include "nc/instances/console.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>

namespace angophora::nc {

using common::errno_error;
using common::Result;

namespace {

// virtlogd calls the turned log the same, so both ways of bounding it are read alike.
std::string turned(const std::string& path) { return path + ".0"; }

// Up to `count` bytes of the file's end; empty when there is no such file.
Result<std::string> read_end(const std::string& path, std::size_t count) {
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0 && errno == ENOENT) return std::string();
  if (fd < 0) return errno_error(errno, "opening " + path);
  const auto size = static_cast<std::size_t>(std::max<off_t>(0, lseek(fd, 0, SEEK_END)));
  std::string text(std::min(size, count), '\0');
  const auto got = pread(fd, text.data(), text.size(), static_cast<off_t>(size - text.size()));
  const int failed = got < 0 ? errno : 0;
  close(fd);
  if (failed) return errno_error(failed, "reading " + path);
  text.resize(static_cast<std::size_t>(got));
  return text;
}

}  // namespace

Result<std::string> read_console(const std::string& path) {
  TRY(auto text, read_end(path, kConsoleShownBytes));
  if (text.size() == kConsoleShownBytes) return text;
  TRY(const auto before, read_end(turned(path), kConsoleShownBytes - text.size()));
  return before + text;
}

Result<> bound_console(const std::string& path, std::uint64_t bytes_max) {
  struct stat info {};
  if (stat(path.c_str(), &info) < 0) return common::ok();
  if (static_cast<std::uint64_t>(info.st_size) <= bytes_max) return common::ok();
  TRY(const auto end, read_end(path, kConsoleShownBytes));
  std::ofstream kept(turned(path), std::ios::binary | std::ios::trunc);
  kept << end;
  kept.close();
  if (truncate(path.c_str(), 0) < 0) return errno_error(errno, "turning " + path);
  return common::ok();
}

}  // namespace angophora::nc
