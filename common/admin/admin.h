// The administration listener of a daemon: GET /metrics for Prometheus, /healthz (200 while the
// daemon's I/O thread turns) and /readyz (200, or 503 with the reason in plain words).
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "common/admin/metrics.h"
#include "common/http/server.h"
#include "common/runtime/runtime.h"

namespace angophora::admin {

class Admin {
 public:
  // Not ready, reason "starting", until set_ready(). `metrics` is borrowed and outlives this; the
  // process's own figures are added to it. Port 0 lets the system choose. Errc::io when binding
  // fails.
  static common::Result<std::unique_ptr<Admin>> listen(common::Runtime& runtime,
                                                       std::string address, std::uint16_t port,
                                                       Metrics& metrics);
  // Any thread. `reason` is one sentence for the operator when not ready. Each change is logged.
  void set_ready(bool ready, std::string reason = {});
  std::uint16_t port() const;
  ~Admin();

 private:
  struct State;
  Admin(std::shared_ptr<State> state, std::unique_ptr<http::Server> server);

  std::shared_ptr<State> state_;
  std::unique_ptr<http::Server> server_;
};

}  // namespace angophora::admin
