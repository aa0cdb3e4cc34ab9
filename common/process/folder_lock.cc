#include "common/process/folder_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <filesystem>

namespace angophora::process {

using common::Errc;
using common::Error;

common::Result<> lock_folder(const std::string& folder) {
  std::error_code failed;
  std::filesystem::create_directories(folder, failed);
  if (failed) return Error(Errc::io, "making " + folder + ": " + failed.message());
  const auto path = folder + "/lock";
  const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0) return common::errno_error(errno, "opening " + path);
  if (::flock(fd, LOCK_EX | LOCK_NB) == 0) return common::ok();  // open until the process ends
  const int why = errno;
  ::close(fd);
  if (why != EWOULDBLOCK) return common::errno_error(why, "locking " + path);
  return Error(Errc::already_exists,
               "another daemon works in " + folder + ": give each a state_dir of its own");
}

}  // namespace angophora::process
