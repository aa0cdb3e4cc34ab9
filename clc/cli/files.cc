#include "clc/cli/files.h"

#include <fcntl.h>
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

Result<TemporaryDir> TemporaryDir::make(const std::string& parent) {
  std::string pattern = parent + "/angophora-XXXXXX";
  if (!mkdtemp(pattern.data())) return common::errno_error(errno, "making a folder in " + parent);
  return TemporaryDir(std::move(pattern));
}

TemporaryDir::~TemporaryDir() {
  std::error_code ignored;
  if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
}

}  // namespace angophora::clc::cli
