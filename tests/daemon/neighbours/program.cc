#include "tests/daemon/neighbours/program.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include "common/base/text.h"

extern char** environ;

namespace angophora::testing {
namespace {

constexpr std::chrono::milliseconds kLook{20};

std::string content_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream all;
  all << file.rdbuf();
  return all.str();
}

// The value of key=value or key="value" in a log line.
std::optional<std::string> value_in(std::string_view line, const std::string& key) {
  const auto at = line.find(" " + key + "=");
  if (at == std::string_view::npos) return std::nullopt;
  auto rest = line.substr(at + key.size() + 2);
  if (rest.starts_with('"')) return std::string(rest.substr(1, rest.find('"', 1) - 1));
  return std::string(rest.substr(0, rest.find(' ')));
}

}  // namespace

Program::Program(std::vector<std::string> argv, std::string log_file)
    : log_file_(std::move(log_file)), log_begin_(content_of(log_file_).size()) {
  std::vector<char*> pointers;
  for (auto& argument : argv) pointers.push_back(argument.data());
  pointers.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, 1, log_file_.c_str(), O_WRONLY | O_CREAT | O_APPEND,
                                   0600);
  posix_spawn_file_actions_adddup2(&actions, 1, 2);
  const int failure = posix_spawn(&pid_, pointers[0], &actions, nullptr, pointers.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (failure != 0) throw std::runtime_error("cannot start " + argv[0]);
}

Program::~Program() {
  if (reap()) return;
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
}

void Program::kill(int signal) {
  if (!reap()) ::kill(pid_, signal);
}

std::optional<int> Program::reap() {
  int status = 0;
  if (!exit_code_ && ::waitpid(pid_, &status, WNOHANG) == pid_)
    exit_code_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return exit_code_;
}

std::string Program::log() const { return content_of(log_file_).substr(log_begin_); }

common::awaitable<std::optional<int>> Program::ended(common::Runtime& runtime,
                                                     common::Duration limit) {
  const auto until = runtime.steady_now() + limit;
  while (!reap() && runtime.steady_now() < until) co_await runtime.sleep_for(kLook);
  co_return exit_code_;
}

common::awaitable<std::optional<std::string>> Program::logged(common::Runtime& runtime,
                                                              std::string event, std::string key,
                                                              common::Duration limit) {
  const auto until = runtime.steady_now() + limit;
  while (runtime.steady_now() < until) {
    const auto text = log();
    for (const auto line : common::split(text, '\n'))
      if (value_in(line, "event") == event)
        if (auto value = value_in(line, key)) co_return value;
    if (reap()) co_return std::nullopt;
    co_await runtime.sleep_for(kLook);
  }
  co_return std::nullopt;
}

TemporaryFolder::TemporaryFolder() {
  std::string name = std::filesystem::temp_directory_path() / "angophora-daemon-XXXXXX";
  if (!::mkdtemp(name.data())) throw std::runtime_error("cannot make a temporary folder");
  path_ = name;
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

}  // namespace angophora::testing
