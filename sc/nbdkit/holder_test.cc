#include "sc/nbdkit/holder.h"

#include <gtest/gtest.h>

#include <future>
#include <optional>

namespace angophora::sc {
namespace {

TEST(Holder, OnlyTheNewestConnectionCounts) {
  Holder holder;
  const auto first = holder.take();
  EXPECT_TRUE(Holder::Request(holder, first));
  const auto second = holder.take();
  EXPECT_FALSE(Holder::Request(holder, first));
  EXPECT_TRUE(Holder::Request(holder, second));
  EXPECT_FALSE(Holder::Request(holder, second + 1));
}

TEST(Holder, ANewConnectionWaitsForWhatTheOldOneBegan) {
  Holder holder;
  const auto first = holder.take();
  std::optional<Holder::Request> under_way(std::in_place, holder, first);
  std::promise<void> starts;
  auto second = std::async(std::launch::async, [&] {
    starts.set_value();
    return holder.take();
  });
  starts.get_future().wait();
  EXPECT_EQ(second.wait_for(std::chrono::milliseconds(20)), std::future_status::timeout);
  under_way.reset();
  EXPECT_TRUE(Holder::Request(holder, second.get()));
}

TEST(Holder, NothingOfTheOldConnectionBeginsOnceANewOneHasCome) {
  Holder holder;
  const auto first = holder.take();
  std::optional<Holder::Request> under_way(std::in_place, holder, first);
  auto second = std::async(std::launch::async, [&] { return holder.take(); });
  // The old connection goes on asking until it is refused, while its first request still runs.
  while (Holder::Request(holder, first)) {
  }
  under_way.reset();
  EXPECT_GT(second.get(), first);
}

}  // namespace
}  // namespace angophora::sc
