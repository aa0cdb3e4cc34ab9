#include <gtest/gtest.h>

#include <boost/asio/steady_timer.hpp>
#include <chrono>

#include "common/runtime/real_runtime.h"

namespace angophora::common {
namespace {

using namespace std::chrono_literals;

// Runs one coroutine to its end on a runtime of its own.
void run(awaitable<void> (*test)(Runtime&)) {
  RealRuntime runtime({.pool_threads = 2, .pool_queue_max = 2, .handle_signals = false});
  auto body = [](RealRuntime& r, awaitable<void> (*t)(Runtime&)) -> awaitable<void> {
    co_await t(r);
    r.stop();
  };
  runtime.spawn("test", body(runtime, test));
  runtime.run();
}

Task<int> answer_after(Runtime& runtime, Duration delay) {
  co_await runtime.sleep_for(delay);
  co_return 42;
}

TEST(Runtime, BlockingWorkReturnsItsResultToTheLoop) {
  run([](Runtime& r) -> awaitable<void> {
    auto work = [] { return Result<std::string>("done"); };
    auto result = co_await r.run_blocking(work);
    EXPECT_EQ(result.value(), "done");
  });
}

TEST(Runtime, DeadlineReturnsTheResultThatIsInTime) {
  run([](Runtime& r) -> awaitable<void> {
    auto result = co_await r.with_deadline(10s, answer_after(r, 1ms), "answering");
    EXPECT_EQ(result.value(), 42);
  });
}

TEST(Runtime, DeadlineNamesWhatWasLate) {
  run([](Runtime& r) -> awaitable<void> {
    auto result = co_await r.with_deadline(1ms, answer_after(r, 10s), "answering");
    EXPECT_EQ(result.error().code, Errc::timed_out);
    EXPECT_EQ(result.error().message, "answering: no answer within 1 ms");
  });
}

TEST(Runtime, WorkBeyondTheQueueIsRefused) {
  RealRuntime runtime({.pool_threads = 1, .pool_queue_max = 0, .handle_signals = false});
  EXPECT_FALSE(runtime.post_blocking([] {}, [] {}));
}

TEST(Runtime, StopWakesSleepersAtOnce) {
  RealRuntime runtime({.handle_signals = false});
  bool woke = false;
  auto sleeper = [](Runtime& r, bool& done) -> awaitable<void> {
    co_await r.sleep_for(1h);
    done = true;
  };
  runtime.spawn("sleeper", sleeper(runtime, woke));
  runtime.stop();
  runtime.run();
  EXPECT_TRUE(woke);
}

// An answer that takes longer than the daemon lives, and does not end when it is told to stop.
Task<int> answer_too_late(Runtime& runtime, std::shared_ptr<int> held) {
  std::function<void(std::function<void()>)> start = [&](std::function<void()> resume) {
    runtime.call_at(runtime.steady_now() + 1h, std::move(resume));
  };
  co_await detail::suspend(runtime, std::move(start));
  co_return *held;
}

awaitable<void> ask_in_vain(Runtime& runtime, std::shared_ptr<int> held,
                            std::shared_ptr<int> late) {
  const auto answer =
      co_await runtime.with_deadline(1h, answer_too_late(runtime, std::move(late)), "answering");
  ADD_FAILURE() << "answered " << answer.has_value() << *held;
}

// What a coroutine refers to outlives it, also when the end was forced upon it.
struct Daemon {
  explicit Daemon(Runtime& r) : runtime(r) {}
  ~Daemon() { runtime.cancel(timer); }
  Runtime& runtime;
  Runtime::TimerId timer = 0;
  int working = 0;
};
struct Working {
  explicit Working(Daemon& d) : daemon(d) { ++daemon.working; }
  ~Working() {
    --daemon.working;
    daemon.runtime.cancel(daemon.timer);
  }
  Daemon& daemon;
};
awaitable<void> work_on(Daemon& daemon, std::shared_ptr<void> guard) {
  const Working working(daemon);
  boost::asio::steady_timer timer(daemon.runtime.executor(), 1h);
  co_await timer.async_wait(boost::asio::use_awaitable);
  ADD_FAILURE() << guard.get();
}

TEST(Runtime, LeavesNoCoroutineWhenItsEndIsForced) {
  RealRuntime runtime({.stop_grace = 1ms, .handle_signals = false});
  Daemon daemon(runtime);
  daemon.timer = runtime.call_at(runtime.steady_now() + 1h, [] {});
  runtime.spawn("working", work_on(daemon, runtime.work_guard()));
  runtime.stop();
  runtime.run();
  EXPECT_EQ(daemon.working, 0);
}

TEST(RunDaemon, EndsWithFailureWhenTheStartFails) {
  RealRuntime runtime({.handle_signals = false});
  EXPECT_EQ(run_daemon(runtime, []() -> Task<> { co_return Error(Errc::io, "the disk is gone"); }),
            EXIT_FAILURE);
}

TEST(RunDaemon, EndsWellWhenToldToStopWhileItStarts) {
  RealRuntime runtime({.handle_signals = false});
  runtime.stop();
  EXPECT_EQ(
      run_daemon(runtime, []() -> Task<> { co_return Error(Errc::cancelled, "told to stop"); }),
      EXIT_SUCCESS);
}

TEST(Runtime, FreesWhatStillWaitsAtItsEnd) {
  auto held = std::make_shared<int>(1), late = std::make_shared<int>(2);
  const std::weak_ptr<int> held_still = held, late_still = late;
  {
    RealRuntime runtime({.handle_signals = false});
    runtime.spawn("asking", ask_in_vain(runtime, std::move(held), std::move(late)));
    runtime.stop();
    runtime.run();
    EXPECT_TRUE(held_still.expired());
    EXPECT_TRUE(late_still.expired());
  }
}

TEST(Wake, WakesAllWaitersAndTellsTimeOutApart) {
  run([](Runtime& r) -> awaitable<void> {
    Wake wake;
    EXPECT_FALSE(co_await wake.wait(r, 1ms));
    r.call_at(r.steady_now() + 1ms, [&wake] { wake.notify(); });
    EXPECT_TRUE(co_await wake.wait(r, 10s));
  });
}

TEST(Runtime, RandomIsInBoundsAndHexHasTheAskedLength) {
  RealRuntime runtime({.handle_signals = false});
  for (int i = 0; i < 1000; ++i) EXPECT_LT(runtime.random_below(7), 7u);
  EXPECT_EQ(runtime.random_hex(17).size(), 17u);
}

}  // namespace
}  // namespace angophora::common
