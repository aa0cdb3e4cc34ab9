#include "common/process/watched.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>

#include "common/process/helper.h"

namespace angophora::process {

using common::Errc;
using common::Error;
using common::Result;

Result<Watched> Watched::start(const std::vector<std::string>& argv, const std::string& log_file) {
  const Descriptor nothing(open("/dev/null", O_RDONLY | O_CLOEXEC));
  const Descriptor log(open(log_file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
  if (!nothing || !log) return common::errno_error(errno, "opening " + log_file);
  TRY(const pid_t pid, spawn(argv, {}, nothing.get(), log.get(), log.get(), Group::own_session));
  // Until we reap it, its number is its own.
  auto handle = open_process(pid);
  if (!handle) return common::errno_error(errno, "watching " + argv.front());
  return Watched(pid, std::move(handle));
}

Result<Watched> Watched::adopt(pid_t pid, const std::vector<std::string>& argv) {
  auto handle = open_process(pid);
  // Looked at after the handle was taken: what is seen now is what the handle means.
  const auto found = find_helpers([&](const Arguments& theirs) { return theirs == argv; });
  for (const auto& helper : found)
    if (handle && helper.pid == pid) return Watched(pid, std::move(handle));
  return Error(Errc::not_found, argv.front() + " has ended");
}

bool Watched::ended_within(std::chrono::milliseconds limit) {
  if (!handle_) return true;
  pollfd fd{handle_.get(), POLLIN, 0};
  int ready = 0;
  do ready = poll(&fd, 1, static_cast<int>(limit.count()));
  while (ready < 0 && errno == EINTR);
  if (ready != 1) return false;
  // Fails harmlessly for a process that was never our child.
  (void)waitid(static_cast<idtype_t>(P_PIDFD), static_cast<id_t>(handle_.get()), nullptr,
               WEXITED | WNOHANG);
  handle_.reset();
  return true;
}

bool Watched::signal(int number) {
  return syscall(SYS_pidfd_send_signal, handle_.get(), number, nullptr, 0) == 0 || errno == ESRCH;
}

Result<> Watched::stop(std::chrono::milliseconds limit) {
  for (const int number : {SIGTERM, SIGKILL}) {
    if (ended()) return common::ok();
    if (!signal(number))
      return common::errno_error(errno, "ending process " + std::to_string(pid_));
    if (ended_within(limit)) return common::ok();
  }
  return Error(Errc::io, "process " + std::to_string(pid_) + " cannot be ended");
}

}  // namespace angophora::process
