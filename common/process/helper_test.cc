#include "common/process/helper.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <filesystem>

namespace angophora::process {
namespace {

using common::Errc;

// A copy of sleep under a name of the test's own, so that no other process can look like it.
class HelperTest : public testing::Test {
 protected:
  HelperTest() {
    char name[] = "/tmp/helper-test-XXXXXX";
    folder = mkdtemp(name);
    std::filesystem::create_symlink("/bin/sleep", folder / "program");
  }
  ~HelperTest() override {
    (void)helper().stop();
    std::filesystem::remove_all(folder);
  }
  Helper helper() { return Helper({(folder / "program").string(), "1000"}, folder / "log"); }

  std::filesystem::path folder;
};

TEST_F(HelperTest, StartsOnceAndIsFoundAgainByTheNextOwner) {
  auto first = helper();
  const auto started = first.ensure();
  ASSERT_TRUE(started) << started.error().message;
  EXPECT_TRUE(started.value());
  const auto pids = first.find();
  ASSERT_EQ(pids.size(), 1u);

  auto second = helper();
  const auto again = second.ensure();
  ASSERT_TRUE(again);
  EXPECT_FALSE(again.value());
  EXPECT_EQ(second.find(), pids);
}

TEST_F(HelperTest, IsStartedAgainWhenItDied) {
  auto owner = helper();
  ASSERT_TRUE(owner.ensure());
  const auto pids = owner.find();
  ASSERT_EQ(pids.size(), 1u);
  ASSERT_TRUE(owner.stop());
  EXPECT_TRUE(owner.find().empty());
  const auto started = owner.ensure();
  ASSERT_TRUE(started);
  EXPECT_TRUE(started.value());
  EXPECT_NE(owner.find(), pids);
}

TEST_F(HelperTest, StoppingWhatDoesNotRunIsASuccess) { EXPECT_TRUE(helper().stop()); }

TEST_F(HelperTest, CannotSignalWhatDoesNotRun) {
  const auto signalled = helper().signal(SIGHUP);
  ASSERT_FALSE(signalled);
  EXPECT_EQ(signalled.error().code, Errc::not_found);
}

TEST_F(HelperTest, ItsSessionIsNotOurs) {
  auto owner = helper();
  ASSERT_TRUE(owner.ensure());
  const auto pids = owner.find();
  ASSERT_EQ(pids.size(), 1u);
  EXPECT_EQ(getsid(pids[0]), pids[0]);
}

TEST_F(HelperTest, ReportsAProgramThatIsMissing) {
  Helper missing({(folder / "nothing").string()}, folder / "log");
  const auto started = missing.ensure();
  ASSERT_FALSE(started);
  EXPECT_EQ(started.error().code, Errc::not_found);
}

}  // namespace
}  // namespace angophora::process
