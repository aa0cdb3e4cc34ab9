// A daemon's program as a child process of a test. Killed and reaped by its destructor.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "common/runtime/runtime.h"

namespace angophora::testing {

class Program {
 public:
  // `argv[0]` is the path of the program; what it logs is appended to `log_file`.
  Program(std::vector<std::string> argv, std::string log_file);
  Program(const Program&) = delete;
  ~Program();

  void kill(int signal);
  // The exit code once it has ended, 128 + number for a signal; nothing after `limit`.
  common::awaitable<std::optional<int>> ended(common::Runtime& runtime, common::Duration limit);
  // The value of `key` in the first line with event=`event` that this process logged.
  common::awaitable<std::optional<std::string>> logged(common::Runtime& runtime, std::string event,
                                                       std::string key, common::Duration limit);
  std::string log() const;  // of this process alone

 private:
  std::optional<int> reap();

  std::string log_file_;
  std::size_t log_begin_ = 0;
  pid_t pid_ = 0;
  std::optional<int> exit_code_;
};

// A folder that goes with its owner.
class TemporaryFolder {
 public:
  TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  ~TemporaryFolder();
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

}  // namespace angophora::testing
