// This machine and its network, as far as the doctor looks at them. FakeMachine is the same for
// tests.
//
// Threads: the I/O thread; plain functions block for a moment, the others wait at most seconds.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "common/base/result.h"
#include "common/base/time.h"

namespace angophora::doctor {

using common::Result;
using common::Task;

struct FileState {
  bool is_folder = false;
  unsigned mode = 0;  // permission bits
};

struct DiskState {
  std::uint64_t free_bytes = 0;
  std::uint64_t all_bytes = 0;
};

// An answer over HTTP or HTTPS, whatever it says.
struct Contact {
  int status = 0;
  std::string body;
  std::string date;             // header
  std::string certificate_der;  // of a TLS peer
};

class Machine {
 public:
  virtual ~Machine() = default;
  virtual common::SysTime now() = 0;
  virtual std::optional<FileState> file(const std::string& path) = 0;
  // Errc::not_found for a file that is not there.
  virtual Result<std::string> read(const std::string& path) = 0;
  virtual std::optional<DiskState> disk(const std::string& path) = 0;
  // In PATH and the sbin folders.
  virtual bool has_program(const std::string& name) = 0;
  // Its standard output.
  virtual Result<std::string> run(std::vector<std::string> argv) = 0;
  // Somebody listens at that local socket.
  virtual Result<> connect_local(const std::string& socket) = 0;

  virtual Task<std::vector<std::string>> resolve(std::string host) = 0;
  // GET of a path; TLS takes whatever certificate is shown.
  virtual Task<Contact> get(bool tls, std::string host, std::uint16_t port, std::string path) = 0;
};

}  // namespace angophora::doctor
