#include "common/process/folder_lock.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/file.h>
#include <unistd.h>

#include <filesystem>

namespace angophora::process {

using common::Errc;
using common::Error;

namespace {

// A daemon that was killed while it started a program has left a copy of itself, which has the lock
// until it is that program: a few milliseconds, more on a machine that has much to do.
constexpr int kLooks = 75;
constexpr int kLookMs = 20;

bool try_to_lock(int fd) {
  for (int i = 0; i < kLooks; ++i) {
    if (::flock(fd, LOCK_EX | LOCK_NB) == 0) return true;
    if (errno != EWOULDBLOCK) return false;
    ::poll(nullptr, 0, kLookMs);
  }
  errno = EWOULDBLOCK;
  return false;
}

}  // namespace

common::Result<> lock_folder(const std::string& folder) {
  std::error_code failed;
  std::filesystem::create_directories(folder, failed);
  if (failed) return Error(Errc::io, "making " + folder + ": " + failed.message());
  const auto path = folder + "/lock";
  const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0) return common::errno_error(errno, "opening " + path);
  if (try_to_lock(fd)) return common::ok();  // open until the process ends
  const int why = errno;
  ::close(fd);
  if (why != EWOULDBLOCK) return common::errno_error(why, "locking " + path);
  return Error(Errc::already_exists,
               "another daemon works in " + folder + ": give each a state_dir of its own");
}

}  // namespace angophora::process
