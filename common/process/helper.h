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
// our user namespace that only we could have given.
std::vector<FoundHelper> find_helpers(const std::function<bool(const Arguments&)>& wanted);

class Helper {
 public:
  // What the program prints goes to the end of `log_file`.
  Helper(std::vector<std::string> argv, std::string log_file);

  // Its process ids: those helpers whose command line is exactly ours. Normally none or one.
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

  std::vector<std::string> argv_;
  std::string log_file_;
  pid_t child_ = 0;  // when we started it ourselves: to be reaped
};

}  // namespace angophora::process
