#include <gtest/gtest.h>

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
