// dnsmasq, kept in step with the node's guests. It outlives the daemon and is taken over by the
// next one.
//
// Threads: one at a time, on the pool; calls block until a dnsmasq that was started listens.
#pragma once

#include "common/process/helper.h"
#include "nc/network/dhcp.h"

namespace angophora::nc {

class DhcpServer {
 public:
  explicit DhcpServer(const EdgeOptions& options);

  // Running, with exactly the guests of `state`. New guests are a reload; a restart (some 20 ms)
  // only when settings changed or a lease of a guest that is gone must be forgotten. While there
  // is no document it does not run.
  common::Result<> apply(const EdgeState& state);

  // Stops it and removes its files.
  common::Result<> remove();

 private:
  common::Result<> start();
  common::Result<bool> write_if_new(const std::string& path, const std::string& text);

  const EdgeOptions& options_;
  DhcpFiles files_;
  process::Helper helper_;
};

}  // namespace angophora::nc
