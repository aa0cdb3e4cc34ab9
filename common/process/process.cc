#include "common/process/process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "common/process/spawn.h"

namespace angophora::process {
namespace {

using common::Errc;
using common::errno_error;
using common::Error;

struct Pipe {
  Descriptor read_end, write_end;
};

Result<Pipe> make_pipe() {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return errno_error(errno, "making a pipe");
  Pipe made{Descriptor(ends[0]), Descriptor(ends[1])};
  fcntl(ends[0], F_SETFL, O_NONBLOCK);
  return made;
}

// A file in memory rather than a pipe: the child reads at its own pace, nobody has to feed it.
Result<Descriptor> input_file(const std::string& text) {
  Descriptor file(memfd_create("input", MFD_CLOEXEC));
  if (!file) return errno_error(errno, "making a program's input");
  for (std::size_t done = 0; done < text.size();) {
    const auto n = write(file.get(), text.data() + done, text.size() - done);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return errno_error(errno, "writing a program's input");
    done += static_cast<std::size_t>(n);
  }
  lseek(file.get(), 0, SEEK_SET);
  return file;
}

Result<Descriptor> timer(std::chrono::milliseconds limit) {
  Descriptor fd(timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC));
  if (!fd) return errno_error(errno, "making a timer");
  itimerspec at{};
  at.it_value.tv_sec = limit.count() / 1000;
  at.it_value.tv_nsec = limit.count() % 1000 * 1'000'000 + 1;  // never 0, which would disarm it
  timerfd_settime(fd.get(), 0, &at, nullptr);
  return fd;
}

// Takes what is there now. False at the end of the stream.
bool take(int fd, std::string& into, std::size_t bytes_max, bool& truncated) {
  std::array<char, 16384> buffer;
  for (;;) {
    const auto n = read(fd, buffer.data(), buffer.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return errno == EAGAIN;
    if (n == 0) return false;
    const auto room = bytes_max - std::min(bytes_max, into.size());
    if (static_cast<std::size_t>(n) > room) truncated = true;
    into.append(buffer.data(), std::min(room, static_cast<std::size_t>(n)));
  }
}

// Reads until the child ended (true) or the limit passed (false). What a grandchild still holds
// open does not keep us.
bool watch(int child, int clock, Pipe& out, Pipe& err, std::size_t bytes_max, Outcome& outcome) {
  bool out_open = true, err_open = true;
  for (;;) {
    std::array<pollfd, 4> fds{{{out_open ? out.read_end.get() : -1, POLLIN, 0},
                               {err_open ? err.read_end.get() : -1, POLLIN, 0},
                               {child, POLLIN, 0},
                               {clock, POLLIN, 0}}};
    if (poll(fds.data(), fds.size(), -1) < 0 && errno != EINTR) return false;
    if (out_open) out_open = take(out.read_end.get(), outcome.out, bytes_max, outcome.truncated);
    if (err_open) err_open = take(err.read_end.get(), outcome.err, bytes_max, outcome.truncated);
    if (fds[2].revents) {
      if (out_open) take(out.read_end.get(), outcome.out, bytes_max, outcome.truncated);
      if (err_open) take(err.read_end.get(), outcome.err, bytes_max, outcome.truncated);
      return true;
    }
    if (fds[3].revents) return false;
  }
}

int reap(pid_t pid) {
  int status = 0;
  while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

std::string last_lines(const std::string& text) {
  auto end = text.find_last_not_of(" \n");
  if (end == std::string::npos) return "";
  const auto begin = end > 500 ? end - 500 : 0;
  std::string out = text.substr(begin, end + 1 - begin);
  for (auto& c : out)
    if (c == '\n') c = ' ';
  return out;
}

}  // namespace

Result<Outcome> run(const Command& command) {
  TRY(auto in, input_file(command.input));
  TRY(auto out, make_pipe());
  TRY(auto err, make_pipe());
  TRY(auto clock, timer(command.limit));
  TRY(const auto pid, spawn(command.argv, command.environment, in.get(), out.write_end.get(),
                            err.write_end.get(), Group::own_group));
  out.write_end.reset();
  err.write_end.reset();
  const auto child = open_process(pid);
  Outcome outcome;
  const bool ended =
      child && watch(child.get(), clock.get(), out, err, command.output_bytes_max, outcome);
  // Also when it ended by itself: what it left running in its group goes with it.
  kill(-pid, SIGKILL);
  outcome.exit_code = reap(pid);
  if (!ended)
    return Error(Errc::timed_out, command.argv.front() + " did not end within " +
                                      std::to_string(command.limit.count()) + " ms");
  return outcome;
}

Result<std::string> run_checked(const Command& command) {
  TRY(auto outcome, run(command));
  if (outcome.exit_code == 0) return std::move(outcome.out);
  return Error(Errc::io, command.argv.front() + " ended with " + std::to_string(outcome.exit_code) +
                             ": " + last_lines(outcome.err));
}

}  // namespace angophora::process
