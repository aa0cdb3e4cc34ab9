// Runs another program to its end. No shell is involved: arguments are handed over as they are.
//
// Threads:  any thread, several at once; run() blocks, so daemons call it inside run_blocking.
// Child:    a process group of its own, no inherited descriptors but the three standard ones,
//           default signal handling, LC_ALL=C so that messages can be read by programs.
// Errors:   Errc::not_found when there is no such program, Errc::timed_out when the limit passed
//           (the whole process group is dead then), Errc::io for what the system refused.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "common/base/result.h"

namespace angophora::process {

using common::Result;

struct Command {
  std::vector<std::string> argv;  // argv[0] is looked up in PATH and the sbin folders
  std::string input = {};         // the whole standard input
  std::chrono::milliseconds limit = std::chrono::seconds(10);
  std::size_t output_bytes_max = 1 << 20;     // of each of out and err; what comes after is dropped
  std::vector<std::string> environment = {};  // NAME=VALUE, beside PATH and LC_ALL
};

struct Outcome {
  int exit_code = 0;  // 128 + number when a signal ended it
  std::string out;
  std::string err;
  bool truncated = false;  // out or err was longer than allowed
};

// What the program did, whatever its exit code.
Result<Outcome> run(const Command& command);

// The standard output of a program that ended with 0; else Errc::io with the command's name, its
// exit code and the end of what it said on standard error.
Result<std::string> run_checked(const Command& command);

}  // namespace angophora::process
