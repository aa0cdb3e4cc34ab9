// A long-running program that a daemon needs beside it (dnsmasq, nbdkit ...). It is nobody's
// child in spirit: it lives on when the daemon stops or is killed, and the next daemon finds it
// again by its exact command line. So its arguments must be unique to it on the host (name a file
// in the daemon's own state folder), and what may change goes into that file.
//
// Threads: any thread, one at a time; everything may block for a moment.
// Errors:  Errc::not_found when the program is not installed, Errc::io otherwise.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "common/base/result.h"

namespace angophora::process {

using Arguments = std::vector<std::string>;

struct FoundHelper {
  pid_t pid = 0;
  Arguments argv;
};

// The helpers that run with arguments that are `wanted`: those of our own network namespace
// (another one may be another node's, with the same settings) that have our user, or privileges in
// our user namespace that only we could have given, or are of `user`.
std::vector<FoundHelper> find_helpers(const std::function<bool(const Arguments&)>& wanted,
                                      const std::optional<uid_t>& user = std::nullopt);

struct HelperOptions {
  // Runs the program in its own place, e.g. setpriv or systemd-run --scope with their options.
  std::vector<std::string> launcher = {};
  // A user beside our own that the program may run as.
  std::optional<uid_t> user = {};
  // The one argument by which it is found; when empty its whole command line. For programs whose
  // settings stand in their arguments: ensure() replaces one that has others.
  std::string mark = {};
};

class Helper {
 public:
  // What the program prints goes to the end of `log_file`.
  Helper(std::vector<std::string> argv, std::string log_file, HelperOptions options = {});

  // Its process ids: those helpers whose command line is ours. Normally none or one.
  std::vector<pid_t> find();

  // Starts it unless it runs. True when it was started now. Of several, one stays.
  common::Result<bool> ensure();

  // Sends a signal; Errc::not_found when it does not run.
  common::Result<> signal(int number);

  // True when the one that ensure() started here has ended, at the latest after `limit`; for the
  // moments after a start.
  bool ended_within(std::chrono::milliseconds limit);

  // SIGTERM, then after `limit` SIGKILL. Nothing left is a success, whoever ended it.
  common::Result<> stop(std::chrono::milliseconds limit = std::chrono::seconds(3));

 private:
  void reap();

  bool is_it(const Arguments& argv) const;
  std::vector<FoundHelper> find_all();
  common::Result<> stop_others();

  std::vector<std::string> argv_;
  std::string log_file_;
  HelperOptions options_;
  pid_t child_ = 0;  // when we started it ourselves: to be reaped
};

}  // namespace angophora::process
