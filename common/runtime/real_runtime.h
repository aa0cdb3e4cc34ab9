// The Runtime of a daemon: one I/O thread (the caller of run()), a pool for blocking work,
// SIGTERM and SIGINT as the order to stop.
#pragma once

#include <memory>

#include "common/runtime/runtime.h"

namespace angophora::common {

struct RealRuntimeOptions {
  std::size_t pool_threads = 4;
  std::size_t pool_queue_max = 4096;               // jobs that may wait for a pool thread
  Duration stop_grace = std::chrono::seconds(10);  // run() returns at latest this long after stop()
  bool handle_signals = true;
};

class RealRuntime final : public Runtime {
 public:
  explicit RealRuntime(RealRuntimeOptions options = {});
  ~RealRuntime() override;

  // Serves until stop() was called and all that holds work_guard()s has let go, or the grace is
  // over. Returns on the calling thread.
  void run();
  // Any thread.
  void stop();
  std::shared_ptr<void> work_guard() override;

  SysTime now() override;
  SteadyTime steady_now() override;
  asio::any_io_executor executor() override;
  TimerId call_at(SteadyTime when, std::function<void()> f) override;
  void cancel(TimerId id) override;
  bool post_blocking(std::function<void()> work, std::function<void()> done) override;
  std::string random_bytes(std::size_t count) override;
  bool stopping() const override;
  TimerId on_stop(std::function<void()> f) override;
  // What is still suspended when this ends is destroyed with it.
  std::function<void()> resumer(std::function<void()> resume) override;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace angophora::common
