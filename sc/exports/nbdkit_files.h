// The files and the command line of one export's server. Everything here blocks.
#pragma once

#include <string>
#include <vector>

#include "sc/exports/nbdkit_server.h"

namespace angophora::sc {

class NbdkitFiles {
 public:
  NbdkitFiles(const NbdkitOptions& options, const ExportSpec& spec);

  std::vector<std::string> argv(std::uint16_t port) const;
  // What the server says until it listens; afterwards it speaks to the system log.
  std::string log() const { return stem_ + ".log"; }

  // Writes the key for the server to read; what an earlier server said of itself goes.
  Result<> write() const;
  // The process that has said that it listens; 0: none yet.
  pid_t server() const;
  // The last lines of its log, for the sentence of a failure.
  std::string last_words() const;

 private:
  const NbdkitOptions& options_;
  const ExportSpec& spec_;
  const std::string stem_;
};

// The volume that a server program of ours has, by its arguments; empty for any other program.
VolumeId volume_of(const NbdkitOptions& options, const std::vector<std::string>& argv);
// The files' names begin with it.
std::string file_stem(const VolumeId& volume, std::int64_t epoch);
// Removes the files in the folder whose names begin with none of `stems`; of one volume alone when
// `only` is not empty.
Result<> remove_files(const std::string& folder, const std::vector<std::string>& stems,
                      const VolumeId& only);

}  // namespace angophora::sc
