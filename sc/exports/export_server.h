// Serves the bytes of volumes over the network, a server program per volume. The programs live on
// when the daemon ends, and the next daemon takes them over.
//
// Threads:  I/O thread. Calls that name one volume never overlap; others may.
// Lifetime: outlives the runtime's coroutines.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "common/runtime/runtime.h"
#include "sc/domain/volume.h"

namespace angophora::sc {

using common::Task;

// One attachment's export.
struct ExportSpec {
  VolumeId volume;
  std::int64_t epoch = 0;
  std::uint64_t size_bytes = 0;
  std::uint16_t port = 0;  // 0: one that is free
  std::string key;         // 32 bytes
};

class ExportServer {
 public:
  virtual ~ExportServer() = default;

  // Makes sure that this export, and no other of its volume, is served; the port. When it returns
  // a client that has the key can connect. Errc::unavailable when it cannot be served now.
  virtual Task<std::uint16_t> serve(ExportSpec spec) = 0;
  // Ends whatever export of the volume there is. When it returns every connection is closed and
  // nothing of them reaches the volume any more.
  virtual Task<> end(VolumeId volume) = 0;
  // Ends and removes what earlier lives of the daemon left behind, but for the exports named.
  virtual Task<> sweep(std::vector<ExportSpec> keep) = 0;

  // The volumes whose servers have ended since they were served, each told once.
  virtual std::vector<VolumeId> ended() = 0;
  // Why no volume can be exported at all; empty when they can.
  virtual std::string why_not() const = 0;
};

// The user name that goes with the key.
std::string psk_username(const VolumeId& volume, std::int64_t epoch);

}  // namespace angophora::sc
