// A Runtime for tests: one thread, a clock that jumps from timer to timer, seeded randomness. One
// SimWorld holds any number of processes (SimRuntime), so that whole daemons can talk to each
// other in simulated time, and any of them can be killed at any moment.
//
//   SimWorld world(seed);
//   SimRuntime clc(world, "clc");
//   clc.spawn("loop", loop(clc));
//   EXPECT_TRUE(world.run_until([&] { return done; }, 10s));
//   auto result = world.run(clc, some_task());         // drives one Task to its end
//   clc.kill();                                        // as kill -9: nothing of it runs again
//
// Everything that happens depends on the seed alone, so a failing seed replays exactly.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>

#include "common/runtime/runtime.h"

namespace angophora::common {

namespace detail {
struct SimCore;
struct SimProcess;
}  // namespace detail

class SimRuntime;

class SimWorld {
 public:
  explicit SimWorld(std::uint64_t seed = 1);
  // Kills every process that is left.
  ~SimWorld();
  SimWorld(const SimWorld&) = delete;

  SteadyTime steady_now() const;
  SysTime now() const;

  // Calls `f` at `when`, outside of every process: for faults and checks.
  void call_at(SteadyTime when, std::function<void()> f);

  // Runs until `condition` holds; false when `limit` of simulated time passed first. It is asked
  // whenever nothing is left to do at the present moment.
  bool run_until(const std::function<bool()>& condition, Duration limit);
  void run_for(Duration duration);

  // Drives `work` as a part of `process` and returns its result. Throws when it did not end
  // within `limit`.
  template <class T>
  T run(SimRuntime& process, awaitable<T> work, Duration limit = std::chrono::hours(1));

  std::uint64_t random_u64();
  // Uniform in [0, bound).
  std::uint64_t random_below(std::uint64_t bound);

 private:
  friend class SimRuntime;
  std::shared_ptr<detail::SimCore> core_;
};

// One process of the world. Work for the pool runs as an event of its own at the same moment.
class SimRuntime final : public Runtime {
 public:
  SimRuntime(SimWorld& world, std::string name);
  // As kill().
  ~SimRuntime() override;

  // Drops all timers, handlers and blocking work, and destroys all coroutines without running
  // them; call it before the objects that they refer to are destroyed. When called from inside a
  // process the coroutines are destroyed as soon as that event returns.
  void kill();
  bool alive() const;
  // As SIGTERM: sleepers wake, stopping() is true from now on.
  void stop();
  // How far the wall clock of this machine is ahead of the world's.
  void set_clock_offset(std::chrono::milliseconds offset);
  const std::string& name() const;

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
  std::shared_ptr<detail::SimProcess> process_;
};

// --- implementation of the template ---

namespace detail {
template <class T>
awaitable<void> keep_result(awaitable<T> work, std::shared_ptr<std::optional<T>> result) {
  result->emplace(co_await std::move(work));
}
inline awaitable<void> keep_end(awaitable<void> work, std::shared_ptr<bool> ended) {
  co_await std::move(work);
  *ended = true;
}
}  // namespace detail

template <class T>
T SimWorld::run(SimRuntime& process, awaitable<T> work, Duration limit) {
  if constexpr (std::is_void_v<T>) {
    auto ended = std::make_shared<bool>(false);
    process.spawn("run", detail::keep_end(std::move(work), ended));
    if (!run_until([&] { return *ended; }, limit)) throw std::runtime_error("work did not end");
  } else {
    auto result = std::make_shared<std::optional<T>>();
    process.spawn("run", detail::keep_result<T>(std::move(work), result));
    if (!run_until([&] { return result->has_value(); }, limit))
      throw std::runtime_error("work did not end");
    return std::move(**result);
  }
}

}  // namespace angophora::common
