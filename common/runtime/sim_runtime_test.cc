#include "common/runtime/sim_runtime.h"

#include <gtest/gtest.h>

#include <chrono>
#include <vector>

namespace angophora::common {
namespace {

using namespace std::chrono_literals;

// Says when it is destroyed.
struct Witness {
  explicit Witness(int& c) : count(c) { ++count; }
  ~Witness() { --count; }
  int& count;
};

awaitable<void> tick(SimRuntime& process, int& ticks, Duration every) {
  while (!process.stopping()) {
    co_await process.sleep_for(every);
    ++ticks;
  }
}

awaitable<void> wait_for(SimRuntime& process, Wake& wake, int& alive, bool& woken) {
  Witness witness(alive);
  woken = co_await wake.wait(process, 1h);
}

awaitable<void> kill_itself(SimRuntime& process, int& alive, bool& went_on) {
  Witness witness(alive);
  process.kill();
  co_await process.sleep_for(1s);
  went_on = true;
}

Task<int> answer_after(SimRuntime& process, Duration delay) {
  co_await process.sleep_for(delay);
  co_return 42;
}

TEST(SimRuntime, TheClockJumpsFromTimerToTimer) {
  SimWorld world;
  SimRuntime process(world, "one");
  int ticks = 0;
  process.spawn("tick", tick(process, ticks, 1h));
  const auto start = process.now();
  EXPECT_TRUE(world.run_until([&] { return ticks == 1000; }, 2000h));
  EXPECT_EQ(process.now() - start, 1000h);
}

TEST(SimRuntime, RunUntilGivesUpAtItsLimit) {
  SimWorld world;
  EXPECT_FALSE(world.run_until([] { return false; }, 5s));
  EXPECT_EQ(world.steady_now().time_since_epoch(), 5s);
}

TEST(SimRuntime, RunReturnsTheResultOfATask) {
  SimWorld world;
  SimRuntime process(world, "one");
  EXPECT_EQ(world.run(process, answer_after(process, 3s)).value(), 42);
}

TEST(SimRuntime, DeadlinesHoldInSimulatedTime) {
  SimWorld world;
  SimRuntime process(world, "one");
  auto late = world.run(process, process.with_deadline(1s, answer_after(process, 1h), "answering"));
  EXPECT_EQ(late.error().code, Errc::timed_out);
  auto fast = world.run(process, process.with_deadline(1h, answer_after(process, 1s), "answering"));
  EXPECT_EQ(fast.value(), 42);
}

TEST(SimRuntime, BlockingWorkRunsAsAnEvent) {
  SimWorld world;
  SimRuntime process(world, "one");
  std::function<Result<int>()> work = [] { return Result<int>(7); };
  EXPECT_EQ(world.run(process, process.run_blocking(work)).value(), 7);
}

TEST(SimRuntime, AKilledProcessNeverRunsAgainAndTheOthersGoOn) {
  SimWorld world;
  SimRuntime one(world, "one"), two(world, "two");
  int first = 0, second = 0;
  one.spawn("tick", tick(one, first, 1s));
  two.spawn("tick", tick(two, second, 1s));
  world.run_for(3500ms);
  one.kill();
  world.run_for(10s);
  EXPECT_EQ(first, 3);
  EXPECT_EQ(second, 13);
}

TEST(SimRuntime, AWakeThatCameBeforeTheWaitIsNotMissed) {
  SimWorld world;
  SimRuntime process(world, "one");
  Wake wake;
  const auto seen = wake.notified();
  wake.notify();
  EXPECT_TRUE(world.run(process, wake.wait(process, 1h, seen)));
  EXPECT_EQ(world.steady_now().time_since_epoch(), 0s);
  EXPECT_FALSE(world.run(process, wake.wait(process, 1s, wake.notified())));
}

TEST(SimRuntime, KillDestroysCoroutinesThatWaitForAWake) {
  SimWorld world;
  Wake wake;
  int alive = 0;
  bool woken = false;
  SimRuntime process(world, "one");
  process.spawn("wait", wait_for(process, wake, alive, woken));
  world.run_for(1s);
  EXPECT_EQ(alive, 1);
  process.kill();
  EXPECT_EQ(alive, 0);
  wake.notify();
  world.run_for(2h);
  EXPECT_FALSE(woken);
}

TEST(SimRuntime, AProcessMayKillItself) {
  SimWorld world;
  int alive = 0;
  bool went_on = false;
  SimRuntime process(world, "one");
  process.spawn("kill", kill_itself(process, alive, went_on));
  world.run_for(1h);
  EXPECT_EQ(alive, 0);
  EXPECT_FALSE(went_on);
}

TEST(SimRuntime, AFaultOfTheWorldMayKillAProcess) {
  SimWorld world;
  Wake wake;
  int alive = 0;
  bool woken = false;
  SimRuntime process(world, "one");
  process.spawn("wait", wait_for(process, wake, alive, woken));
  int after_kill = -1;
  world.call_at(world.steady_now() + 1s, [&] {
    process.kill();
    after_kill = alive;
  });
  world.run_for(2s);
  EXPECT_EQ(after_kill, 0);
}

TEST(SimRuntime, StopWakesSleepers) {
  SimWorld world;
  SimRuntime process(world, "one");
  int ticks = 0;
  process.spawn("tick", tick(process, ticks, 1h));
  world.run_for(1s);
  process.stop();
  world.run_for(1s);
  EXPECT_EQ(ticks, 1);
}

TEST(SimRuntime, TheSameSeedGivesTheSameBytes) {
  SimWorld first(7), again(7), other(8);
  SimRuntime a(first, "a"), b(again, "b"), c(other, "c");
  EXPECT_EQ(a.random_hex(32), b.random_hex(32));
  EXPECT_NE(a.random_hex(32), c.random_hex(32));
}

TEST(SimRuntime, AClockMayBeWrong) {
  SimWorld world;
  SimRuntime process(world, "one");
  process.set_clock_offset(75s);
  EXPECT_EQ(process.now() - world.now(), 75s);
}

}  // namespace
}  // namespace angophora::common
