#include "common/process/helper.h"

#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <memory>

#include "common/base/text.h"
#include "common/process/spawn.h"

namespace angophora::process {
namespace {

using common::Errc;
using common::errno_error;
using common::Error;
using common::Result;

constexpr std::chrono::seconds kStopLimit{3};

// What can be read of a file of /proc; a process may end at any moment, also between two reads
// (a stream would throw then).
std::string read_file(const std::string& path) {
  const Descriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  std::string text;
  char buffer[4096];
  for (;;) {
    const auto n = file ? read(file.get(), buffer, sizeof buffer) : 0;
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return text;
    text.append(buffer, static_cast<std::size_t>(n));
  }
}

std::vector<std::string> arguments_of(const std::string& folder) {
  const auto line = read_file(folder + "/cmdline");
  std::vector<std::string> argv;
  for (std::size_t at = 0; at < line.size();) {
    const auto end = line.find('\0', at);
    argv.push_back(line.substr(at, end - at));
    if (end == std::string::npos) break;
    at = end + 1;
  }
  return argv;
}

std::string_view status_field(std::string_view status, std::string_view name) {
  for (const auto line : common::split(status, '\n')) {
    if (!line.starts_with(name)) continue;
    return common::trim(line.substr(name.size()));
  }
  return {};
}

// Namespaces by the name that /proc/PID/ns gives them: "user", "net".
bool shares_our(const std::string& kind, const std::string& folder) {
  struct stat ours {};
  struct stat theirs {};
  if (stat(("/proc/self/ns/" + kind).c_str(), &ours) != 0) return false;
  if (stat((folder + "/ns/" + kind).c_str(), &theirs) != 0) return false;
  return ours.st_ino == theirs.st_ino && ours.st_dev == theirs.st_dev;
}

// Anybody may start a program with our arguments; adopting that would let him switch the helper
// off. Only what has our user or kept privileges in our own user namespace counts.
bool is_trusted(const std::string& folder, const std::optional<uid_t>& user) {
  const auto status = read_file(folder + "/status");
  const auto uids = common::split(status_field(status, "Uid:"), '\t');
  if (uids.empty()) return false;
  if (uids[0] == std::to_string(getuid())) return true;
  if (user && uids[0] == std::to_string(*user)) return true;
  const auto privileges = status_field(status, "CapEff:");
  return privileges.find_first_not_of('0') != std::string_view::npos && shares_our("user", folder);
}

bool is_zombie(const std::string& folder) {
  return status_field(read_file(folder + "/status"), "State:").starts_with('Z');
}

// True when `pid` ended within `limit`.
bool wait_for_end(pid_t pid, std::chrono::milliseconds limit) {
  const Descriptor process = open_process(pid);
  if (!process) return true;
  pollfd fd{process.get(), POLLIN, 0};
  return poll(&fd, 1, static_cast<int>(limit.count())) == 1;
}

// SIGTERM, then SIGKILL.
Result<> end(pid_t pid, std::chrono::milliseconds limit) {
  if (kill(pid, SIGTERM) != 0 && errno != ESRCH) return errno_error(errno, "sending a signal");
  if (wait_for_end(pid, limit)) return common::ok();
  kill(pid, SIGKILL);
  if (!wait_for_end(pid, limit)) return Error(Errc::io, "it does not end");
  return common::ok();
}

}  // namespace

Helper::Helper(std::vector<std::string> argv, std::string log_file, HelperOptions options)
    : argv_(std::move(argv)), log_file_(std::move(log_file)), options_(std::move(options)) {}

void Helper::reap() {
  if (child_ > 0 && waitpid(child_, nullptr, WNOHANG) != 0) child_ = 0;
}

std::vector<FoundHelper> find_helpers(const std::function<bool(const Arguments&)>& wanted,
                                      const std::optional<uid_t>& user) {
  std::vector<FoundHelper> found;
  const std::unique_ptr<DIR, int (*)(DIR*)> folder(opendir("/proc"), closedir);
  if (!folder) return found;
  while (const auto* entry = readdir(folder.get())) {
    const auto pid = common::parse_number<pid_t>(entry->d_name);
    if (!pid) continue;
    const auto path = "/proc/" + std::string(entry->d_name);
    auto argv = arguments_of(path);
    if (!argv.empty() && wanted(argv) && !is_zombie(path) && shares_our("net", path) &&
        is_trusted(path, user))
      found.push_back({*pid, std::move(argv)});
  }
  return found;
}

bool Helper::is_it(const Arguments& argv) const {
  if (options_.mark.empty()) return argv == argv_;
  // The launcher has the same arguments until it has become the program.
  return argv.front() == argv_.front() &&
         std::find(argv.begin(), argv.end(), options_.mark) != argv.end();
}

std::vector<FoundHelper> Helper::find_all() {
  reap();
  return find_helpers([this](const Arguments& argv) { return is_it(argv); }, options_.user);
}

std::vector<pid_t> Helper::find() {
  std::vector<pid_t> pids;
  for (const auto& found : find_all()) pids.push_back(found.pid);
  return pids;
}

// Those that were started with other settings.
Result<> Helper::stop_others() {
  for (const auto& found : find_all())
    if (found.argv != argv_) TRY_VOID(end(found.pid, kStopLimit));
  return common::ok();
}

Result<bool> Helper::ensure() {
  TRY_VOID(stop_others());
  auto running = find();
  for (std::size_t i = 1; i < running.size(); ++i) kill(running[i], SIGTERM);
  if (!running.empty()) return false;
  const Descriptor nothing(open("/dev/null", O_RDONLY | O_CLOEXEC));
  const Descriptor log(open(log_file_.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0640));
  if (!nothing || !log) return errno_error(errno, "opening " + log_file_);
  auto whole = options_.launcher;
  whole.insert(whole.end(), argv_.begin(), argv_.end());
  TRY(child_, spawn(whole, {}, nothing.get(), log.get(), log.get(), Group::own_session));
  // The kernel lets us go on a moment before the child's command line can be read.
  for (int i = 0; i < 1000 && find().empty() && !ended_within(std::chrono::milliseconds(1));) ++i;
  return true;
}

Result<> Helper::signal(int number) {
  const auto running = find();
  if (running.empty()) return Error(Errc::not_found, argv_.front() + " does not run");
  for (const auto pid : running)
    if (kill(pid, number) != 0 && errno != ESRCH)
      return errno_error(errno, "signalling " + argv_.front());
  return common::ok();
}

bool Helper::ended_within(std::chrono::milliseconds limit) {
  if (child_ > 0 && !wait_for_end(child_, limit)) return false;
  reap();
  return true;
}

Result<> Helper::stop(std::chrono::milliseconds limit) {
  for (const auto pid : find()) {
    if (auto ended = end(pid, limit); !ended)
      return std::move(ended).assume_error().while_doing("stopping " + argv_.front());
  }
  reap();
  return common::ok();
}

}  // namespace angophora::process
