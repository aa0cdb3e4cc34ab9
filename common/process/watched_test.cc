#include "common/process/watched.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>

namespace angophora::process {
namespace {

using namespace std::chrono_literals;
using common::Errc;

class WatchedTest : public testing::Test {
 protected:
  WatchedTest() {
    char name[] = "/tmp/watched-test-XXXXXX";
    folder_ = mkdtemp(name);
    std::filesystem::create_symlink("/bin/sleep", folder_ / "program");
  }
  ~WatchedTest() override {
    (void)process_.stop(1s);
    std::filesystem::remove_all(folder_);
  }
  std::vector<std::string> argv() const { return {(folder_ / "program").string(), "1000"}; }
  void start() {
    auto started = Watched::start(argv(), folder_ / "log");
    ASSERT_TRUE(started) << started.error().message;
    process_ = std::move(started).value();
  }

  std::filesystem::path folder_;
  Watched process_;
};

TEST_F(WatchedTest, RunsInASessionOfItsOwnUntilItIsStopped) {
  start();
  EXPECT_EQ(getsid(process_.pid()), process_.pid());
  EXPECT_FALSE(process_.ended());
  EXPECT_TRUE(process_.stop(1s));
  EXPECT_TRUE(process_.ended());
  EXPECT_TRUE(process_.stop(1s)) << "once more";
  EXPECT_EQ(kill(process_.pid(), 0), -1) << "it was reaped";
}

TEST_F(WatchedTest, NoticesThatItWasKilled) {
  start();
  kill(process_.pid(), SIGKILL);
  EXPECT_TRUE(process_.ended_within(5s));
}

TEST_F(WatchedTest, WhatIgnoresARequestIsKilled) {
  const std::vector<std::string> stubborn{"/bin/sh", "-c",
                                          "trap '' TERM; echo ready; while :; do sleep 0.01; done"};
  auto started = Watched::start(stubborn, folder_ / "log");
  ASSERT_TRUE(started);
  process_ = std::move(started).value();
  while (std::filesystem::file_size(folder_ / "log") == 0 && !process_.ended_within(1ms)) continue;
  EXPECT_TRUE(process_.stop(50ms));
  EXPECT_TRUE(process_.ended());
}

TEST_F(WatchedTest, IsTakenOverByItsArguments) {
  start();
  const auto pid = process_.pid();
  auto adopted = Watched::adopt(pid, argv());
  for (int i = 0; !adopted && i < 1000; ++i) {  // its command line can be read a moment later
    ASSERT_FALSE(process_.ended_within(1ms));
    adopted = Watched::adopt(pid, argv());
  }
  ASSERT_TRUE(adopted) << adopted.error().message;
  EXPECT_FALSE(adopted.value().ended());
  EXPECT_TRUE(adopted.value().stop(1s));
  EXPECT_TRUE(process_.ended_within(1s));
}

TEST_F(WatchedTest, AnotherProcessIsNotTakenOver) {
  EXPECT_EQ(Watched::adopt(getpid(), argv()).error().code, Errc::not_found);
  start();
  const auto pid = process_.pid();
  ASSERT_TRUE(process_.stop(1s));
  EXPECT_EQ(Watched::adopt(pid, argv()).error().code, Errc::not_found);
}

TEST_F(WatchedTest, AProgramThatIsMissingIsNamed) {
  const std::vector<std::string> missing{(folder_ / "nothing").string()};
  const auto started = Watched::start(missing, folder_ / "log");
  ASSERT_FALSE(started);
  EXPECT_EQ(started.error().code, Errc::not_found);
}

}  // namespace
}  // namespace angophora::process
