#include "nc/instances/host_facts.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

namespace angophora::nc {
namespace {

class WayTest : public testing::Test {
 protected:
  WayTest() {
    std::string name = "/tmp/way-XXXXXX";
    root_ = mkdtemp(name.data());
    std::filesystem::create_directories(root_ + "/shut/state");
    chmod(root_.c_str(), 0711);
    chmod((root_ + "/shut").c_str(), 0700);
  }
  ~WayTest() override { std::filesystem::remove_all(root_); }
  std::string root_;
};

TEST_F(WayTest, NamesTheFolderThatGuestsMayNotPass) {
  if (geteuid() != 0) GTEST_SKIP() << "the folder belongs to the user of the test";
  const auto way = check_way("nobody", root_ + "/shut/state");
  ASSERT_FALSE(way);
  EXPECT_EQ(way.error().code, common::Errc::permission_denied);
  EXPECT_NE(way.error().message.find(root_ + "/shut:"), std::string::npos) << way.error().message;
}

TEST_F(WayTest, IsFreeForRootAndWhereOthersMayPass) {
  EXPECT_TRUE(check_way("root", root_ + "/shut/state"));
  chmod((root_ + "/shut").c_str(), 0711);
  EXPECT_TRUE(check_way("nobody", root_ + "/shut/state"));
}

TEST_F(WayTest, KnowsNoStrangers) {
  EXPECT_EQ(check_way("no-such-user", root_).error().code, common::Errc::not_found);
}

}  // namespace
}  // namespace angophora::nc
