#include "common/runtime/gather.h"

#include <gtest/gtest.h>

#include "common/runtime/sim_runtime.h"

namespace angophora::common {
namespace {

using namespace std::chrono_literals;

awaitable<int> later(Runtime& runtime, Duration delay, int value) {
  co_await runtime.sleep_for(delay);
  if (value < 0) throw std::runtime_error("negative");
  co_return value;
}

class Gather : public ::testing::Test {
 protected:
  std::vector<std::optional<int>> run(std::vector<awaitable<int>> works) {
    return world_.run(runtime_, gather<int>(runtime_, "test", std::move(works)));
  }
  SimWorld world_;
  SimRuntime runtime_{world_, "daemon"};
};

TEST_F(Gather, RunsAllAtOnceAndKeepsTheirOrder) {
  const auto begin = world_.steady_now();
  std::vector<awaitable<int>> works;
  for (int i = 0; i < 5; ++i) works.push_back(later(runtime_, (5 - i) * 1s, i));
  const auto results = run(std::move(works));
  ASSERT_EQ(results.size(), 5u);
  for (int i = 0; i < 5; ++i) EXPECT_EQ(results[static_cast<std::size_t>(i)], i);
  EXPECT_EQ(world_.steady_now() - begin, 5s);
}

TEST_F(Gather, OfNothingIsNothing) { EXPECT_TRUE(run({}).empty()); }

TEST_F(Gather, LeavesAHoleWhereAWorkThrew) {
  std::vector<awaitable<int>> works;
  works.push_back(later(runtime_, 1s, 7));
  works.push_back(later(runtime_, 0s, -1));
  const auto results = run(std::move(works));
  EXPECT_EQ(results[0], 7);
  EXPECT_FALSE(results[1]);
}

}  // namespace
}  // namespace angophora::common
