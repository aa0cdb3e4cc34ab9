// A process whose work on the pool takes time: nothing is on disk at once, so that the daemon can
// die between any two of its steps there.
#pragma once

#include "common/runtime/sim_runtime.h"

namespace angophora::sim {

class SlowPool final : public common::Runtime {
 public:
  // All outlive it. Each piece of work takes up to a tenth of `slowness`, which may change, before
  // it is done, and as long again until that is known.
  SlowPool(common::SimRuntime& process, common::SimWorld& world, const common::Duration& slowness)
      : process_(process), world_(world), slowness_(slowness) {}

  bool post_blocking(std::function<void()> work, std::function<void()> done) override {
    const auto before = some_time(), after = some_time();
    auto* process = &process_;
    process_.call_at(steady_now() + before,
                     [process, after, work = std::move(work), done = std::move(done)]() mutable {
                       work();
                       process->call_at(process->steady_now() + after, std::move(done));
                     });
    return true;
  }

  common::SysTime now() override { return process_.now(); }
  common::SteadyTime steady_now() override { return process_.steady_now(); }
  common::asio::any_io_executor executor() override { return process_.executor(); }
  TimerId call_at(common::SteadyTime when, std::function<void()> f) override {
    return process_.call_at(when, std::move(f));
  }
  void cancel(TimerId id) override { process_.cancel(id); }
  std::string random_bytes(std::size_t count) override { return process_.random_bytes(count); }
  bool stopping() const override { return process_.stopping(); }
  TimerId on_stop(std::function<void()> f) override { return process_.on_stop(std::move(f)); }
  std::function<void()> resumer(std::function<void()> resume) override {
    return process_.resumer(std::move(resume));
  }

 private:
  common::Duration some_time() {
    const auto us = std::chrono::duration_cast<std::chrono::microseconds>(slowness_ / 10).count();
    return std::chrono::microseconds(world_.random_below(static_cast<std::uint64_t>(us) + 1));
  }

  common::SimRuntime& process_;
  common::SimWorld& world_;
  const common::Duration& slowness_;
};

}  // namespace angophora::sim
