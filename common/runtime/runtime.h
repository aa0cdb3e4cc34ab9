// Time, timers, background work, blocking work and randomness: everything that a simulation must
// decide instead of the machine. A Runtime is handed in everywhere; nobody uses a raw timer,
// thread, clock or random device (tests/lint greps for them).
//
// Threads: one I/O thread per daemon runs all coroutines, so a daemon's state in memory needs no
// locks. What blocks (libvirt, SQLite, files, hashing, signing) goes to a bounded pool with
// run_blocking and comes back to the I/O thread.
//
// g++ 12 coroutine rules: parameters by value, arguments inside a co_await expression are names,
// literals or std::move(name); no co_await inside ?:; no capturing lambda as a coroutine.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "common/base/result.h"
#include "common/base/time.h"

namespace angophora::common {

namespace asio = boost::asio;
template <class T>
using awaitable = boost::asio::awaitable<T>;

using Duration = std::chrono::nanoseconds;
// Monotonic; only differences mean anything.
using SteadyTime = std::chrono::time_point<std::chrono::steady_clock, Duration>;

class Runtime {
 public:
  using TimerId = std::uint64_t;

  virtual ~Runtime() = default;

  virtual SysTime now() = 0;
  virtual SteadyTime steady_now() = 0;
  // Where coroutines of this daemon run.
  virtual asio::any_io_executor executor() = 0;

  // Calls `f` on the I/O thread at `when` unless cancelled before. I/O thread only.
  virtual TimerId call_at(SteadyTime when, std::function<void()> f) = 0;
  virtual void cancel(TimerId id) = 0;

  // Runs `work` on the pool and `done` on the I/O thread afterwards. False when the pool's queue
  // is full; then neither is called.
  virtual bool post_blocking(std::function<void()> work, std::function<void()> done) = 0;

  // Cryptographically strong outside of a simulation. Any thread.
  virtual std::string random_bytes(std::size_t count) = 0;

  // True once the daemon was told to stop; sleepers wake early then, loops must end.
  virtual bool stopping() const = 0;
  // Calls `f` once on the I/O thread when the daemon is told to stop (at once if it already was).
  virtual TimerId on_stop(std::function<void()> f) = 0;
  // While it lives, the daemon that was told to stop waits (within its grace): for promises to
  // finish. Null where nothing waits.
  virtual std::shared_ptr<void> work_guard() { return nullptr; }

  // A function that makes `resume` run on the I/O thread soon, from any thread, once. A runtime
  // may own the suspended coroutine meanwhile, so that it can be destroyed with its process.
  virtual std::function<void()> resumer(std::function<void()> resume);

  // --- built on the above, the same everywhere ---

  // Starts a background coroutine. What it throws is logged under `name` and ends only itself.
  void spawn(std::string name, awaitable<void> work);

  // Returns after `duration`, or earlier when the daemon is told to stop.
  awaitable<void> sleep_for(Duration duration);

  // The result of `work` (a plain function that returns Result<T>), run on the pool.
  // Errc::limit_exceeded when the pool's queue is full.
  template <class F>
  auto run_blocking(F work) -> awaitable<std::invoke_result_t<F&>>;

  // The result of `work`, or Errc::timed_out after `limit`; the work then goes on by itself and
  // its result is dropped, so it must own what it touches.
  template <class T>
  Task<T> with_deadline(Duration limit, Task<T> work, std::string what);

  std::uint64_t random_u64();
  // Uniform in [0, bound).
  std::uint64_t random_below(std::uint64_t bound);
  // `digits` lower-case hex digits.
  std::string random_hex(std::size_t digits);
};

// Something to wait for: wait() ends when notify() is called after the wait began, or after the
// limit. I/O thread only. Must outlive its waiters, or be destroyed after them.
class Wake {
 public:
  // Wakes all who wait now.
  void notify();
  // True when notified, false when `limit` passed or the daemon stops.
  awaitable<bool> wait(Runtime& runtime, Duration limit);
  // How often notify() was called. A loop that takes it before its work and hands it to wait()
  // afterwards misses nothing: wait() ends at once when there was a notify() in between.
  std::uint64_t notified() const { return notified_; }
  awaitable<bool> wait(Runtime& runtime, Duration limit, std::uint64_t seen);

 private:
  struct Waiter;
  std::list<std::shared_ptr<Waiter>> waiters_;
  std::uint64_t notified_ = 0;
};

// --- implementation of the templates ---

namespace detail {
// Suspends until the function handed to `start` is called, once, on the I/O thread.
awaitable<void> suspend(Runtime& runtime, std::function<void(std::function<void()>)> start);
void report_lost(std::string_view what, const Error* error);
}  // namespace detail

template <class F>
auto Runtime::run_blocking(F work) -> awaitable<std::invoke_result_t<F&>> {
  using R = std::invoke_result_t<F&>;
  struct Shared {
    F work;
    std::optional<R> result;
    std::exception_ptr failure;
  };
  auto shared = std::make_shared<Shared>(Shared{std::move(work), std::nullopt, nullptr});
  bool full = false;
  std::function<void(std::function<void()>)> start = [this, shared,
                                                      &full](std::function<void()> resume) {
    auto run = [shared] {
      try {
        shared->result.emplace(shared->work());
      } catch (...) {
        shared->failure = std::current_exception();
      }
    };
    full = !post_blocking(run, resume);
    if (full) resume();
  };
  co_await detail::suspend(*this, std::move(start));
  if (full) co_return R(Error(Errc::limit_exceeded, "the pool for blocking work is full"));
  if (shared->failure) std::rethrow_exception(shared->failure);
  co_return std::move(*shared->result);
}

namespace detail {
template <class T>
struct Race {
  std::optional<Result<T>> result;
  std::function<void()> resume;
  bool late = false;
  void finish() {
    if (resume) std::exchange(resume, nullptr)();
  }
};
template <class T>
awaitable<void> run_racer(std::shared_ptr<Race<T>> race, Task<T> work, std::string what) {
  try {
    race->result.emplace(co_await std::move(work));
  } catch (const std::exception& e) {
    race->result.emplace(Error(Errc::internal, what + ": " + e.what()));
  }
  if (race->late) {
    report_lost(what, race->result->has_error() ? &race->result->error() : nullptr);
    co_return;
  }
  race->finish();
}
}  // namespace detail

template <class T>
Task<T> Runtime::with_deadline(Duration limit, Task<T> work, std::string what) {
  auto race = std::make_shared<detail::Race<T>>();
  spawn(what, detail::run_racer<T>(race, std::move(work), what));
  if (!race->result) {
    TimerId timer = 0;
    std::function<void(std::function<void()>)> start = [&](std::function<void()> resume) {
      race->resume = std::move(resume);
      timer = call_at(steady_now() + limit, [race] { race->finish(); });
    };
    co_await detail::suspend(*this, std::move(start));
    cancel(timer);
  }
  if (!race->result) {
    race->late = true;
    const auto limit_ms = std::chrono::duration_cast<std::chrono::milliseconds>(limit).count();
    co_return Error(Errc::timed_out,
                    what + ": no answer within " + std::to_string(limit_ms) + " ms");
  }
  co_return std::move(*race->result);
}

}  // namespace angophora::common
