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
  // over. Returns on the calling thread, once: no coroutine is left then, so what they referred to
  // may be destroyed, and it may use this until it is.
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
  std::function<void()> resumer(std::function<void()> resume) override;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

// Runs a daemon until it is told to stop; returns its exit code. `start` is called once, on the I/O
// thread; when it fails the program ends, with the reason in the log.
int run_daemon(RealRuntime& runtime, std::function<Task<>()> start);

}  // namespace angophora::common
