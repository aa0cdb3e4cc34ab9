#include "clc/cli/files.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace angophora::clc::cli {
namespace {

namespace fs = std::filesystem;

class TemporaryDirs : public testing::Test {
 protected:
  TemporaryDirs() {
    char pattern[] = "/tmp/files-test-XXXXXX";
    parent_ = mkdtemp(pattern);
  }
  ~TemporaryDirs() override { fs::remove_all(parent_); }
  std::size_t count() const {
    return static_cast<std::size_t>(
        std::distance(fs::directory_iterator(parent_), fs::directory_iterator()));
  }
  std::string parent_;
};

TEST_F(TemporaryDirs, GoAwayWithTheirOwner) {
  {
    const auto made = TemporaryDir::make(parent_);
    ASSERT_TRUE(made);
    std::ofstream(made.value().path() + "/bundle") << "bytes";
    EXPECT_EQ(count(), 1u);
  }
  EXPECT_EQ(count(), 0u);
}

TEST_F(TemporaryDirs, OfOneWhoWasKilledAreRemovedByTheNext) {
  const auto abandoned = parent_ + "/.angophora-scratch-abc123";
  fs::create_directory(abandoned);
  std::ofstream(abandoned + "/bundle") << "bytes";
  const auto made = TemporaryDir::make(parent_);
  ASSERT_TRUE(made);
  EXPECT_FALSE(fs::exists(abandoned));
}

TEST_F(TemporaryDirs, OfTheLivingAndOtherFoldersStay) {
  fs::create_directory(parent_ + "/angophora-images");
  fs::create_directory_symlink(parent_ + "/angophora-images", parent_ + "/.angophora-scratch-link");
  const auto first = TemporaryDir::make(parent_);
  const auto second = TemporaryDir::make(parent_);
  ASSERT_TRUE(first && second);
  EXPECT_TRUE(fs::exists(first.value().path()));
  EXPECT_TRUE(fs::exists(parent_ + "/angophora-images"));
  EXPECT_TRUE(fs::is_symlink(parent_ + "/.angophora-scratch-link"));
}

TEST_F(TemporaryDirs, NeedAParent) { EXPECT_FALSE(TemporaryDir::make(parent_ + "/missing")); }

}  // namespace
}  // namespace angophora::clc::cli
