// A process that is held by a handle of the kernel's, not by its number: a number may be given to
// another process, a handle never means another one. Ours or somebody else's child.
//
// Threads: any thread, one at a time.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <string>
#include <vector>

#include "common/base/result.h"
#include "common/process/spawn.h"

namespace angophora::process {

class Watched {
 public:
  Watched() = default;  // of nothing, which has ended

  // Starts `argv` in a session of its own; it lives on when we end. What it prints goes to the end
  // of `log_file`.
  static common::Result<Watched> start(const std::vector<std::string>& argv,
                                       const std::string& log_file);
  // Takes over one that runs with exactly these arguments. Errc::not_found when it has ended.
  static common::Result<Watched> adopt(pid_t pid, const std::vector<std::string>& argv);

  pid_t pid() const { return pid_; }
  bool ended() { return ended_within(std::chrono::milliseconds(0)); }
  // True at once when it has ended, at the latest after `limit`. Reaps what was our child.
  bool ended_within(std::chrono::milliseconds limit);
  // SIGTERM, after `limit` SIGKILL. When it returns success the process is gone, with all that it
  // had open.
  common::Result<> stop(std::chrono::milliseconds limit);

 private:
  Watched(pid_t pid, Descriptor handle) : pid_(pid), handle_(std::move(handle)) {}
  bool signal(int number);

  pid_t pid_ = 0;
  Descriptor handle_;
};

}  // namespace angophora::process
