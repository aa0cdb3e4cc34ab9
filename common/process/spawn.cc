#include "common/process/spawn.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

namespace angophora::process {
namespace {

using common::Errc;
using common::Error;
using common::Result;

constexpr const char* kFolders[] = {"/usr/local/sbin", "/usr/local/bin", "/usr/sbin",
                                    "/usr/bin",        "/sbin",          "/bin"};
constexpr const char* kPath = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

// Our own list of folders: a daemon's PATH often lacks the sbin folders.
std::string find_program(const std::string& name) {
  if (name.find('/') != std::string::npos) return access(name.c_str(), X_OK) == 0 ? name : "";
  for (const char* folder : kFolders) {
    auto path = std::string(folder) + "/" + name;
    if (access(path.c_str(), X_OK) == 0) return path;
  }
  return "";
}

struct Actions {
  Actions() { posix_spawn_file_actions_init(&value); }
  ~Actions() { posix_spawn_file_actions_destroy(&value); }
  posix_spawn_file_actions_t value;
};

struct Attributes {
  Attributes() { posix_spawnattr_init(&value); }
  ~Attributes() { posix_spawnattr_destroy(&value); }
  posix_spawnattr_t value;
};

std::vector<char*> pointers(const std::vector<std::string>& texts) {
  std::vector<char*> out;
  for (const auto& text : texts) out.push_back(const_cast<char*>(text.c_str()));
  out.push_back(nullptr);
  return out;
}

void set_up(Attributes& attributes, Group group) {
  sigset_t none, all;
  sigemptyset(&none);
  sigfillset(&all);
  posix_spawnattr_setsigmask(&attributes.value, &none);
  posix_spawnattr_setsigdefault(&attributes.value, &all);
  short flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF;
  if (group == Group::own_session) {
    flags |= POSIX_SPAWN_SETSID;
  } else {
    flags |= POSIX_SPAWN_SETPGROUP;
    posix_spawnattr_setpgroup(&attributes.value, 0);
  }
  posix_spawnattr_setflags(&attributes.value, flags);
}

// A standard descriptor that is already in its place would keep its close-on-exec flag, and one
// that is in another's place would be overwritten: move all above the three first.
Result<Descriptor> lifted(int fd) {
  Descriptor copy(fcntl(fd, F_DUPFD_CLOEXEC, 3));
  if (!copy) return common::errno_error(errno, "handing a descriptor to a program");
  return copy;
}

}  // namespace

void Descriptor::reset() {
  if (fd_ >= 0) close(fd_);
  fd_ = -1;
}

Descriptor open_process(pid_t pid) {
  return Descriptor(static_cast<int>(syscall(SYS_pidfd_open, pid, 0)));  // close-on-exec by itself
}

Result<pid_t> spawn(const std::vector<std::string>& argv,
                    const std::vector<std::string>& environment, int in, int out, int err,
                    Group group) {
  if (argv.empty()) return Error(Errc::invalid_argument, "a command without a program");
  const auto program = find_program(argv.front());
  if (program.empty())
    return Error(Errc::not_found, "the program " + argv.front() + " is not installed");
  TRY(const auto lifted_in, lifted(in));
  TRY(const auto lifted_out, lifted(out));
  TRY(const auto lifted_err, lifted(err));
  Actions actions;
  posix_spawn_file_actions_adddup2(&actions.value, lifted_in.get(), 0);
  posix_spawn_file_actions_adddup2(&actions.value, lifted_out.get(), 1);
  posix_spawn_file_actions_adddup2(&actions.value, lifted_err.get(), 2);
  posix_spawn_file_actions_addclosefrom_np(&actions.value, 3);
  Attributes attributes;
  set_up(attributes, group);
  std::vector<std::string> variables{kPath, "LC_ALL=C"};
  variables.insert(variables.end(), environment.begin(), environment.end());
  pid_t pid = 0;
  const int failure = posix_spawn(&pid, program.c_str(), &actions.value, &attributes.value,
                                  pointers(argv).data(), pointers(variables).data());
  if (failure != 0) return common::errno_error(failure, "starting " + argv.front());
  return pid;
}

}  // namespace angophora::process
