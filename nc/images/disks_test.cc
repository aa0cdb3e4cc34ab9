#include "nc/images/disks.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "common/process/process.h"
#include "common/runtime/sim_runtime.h"

namespace angophora::nc {
namespace {

class FileDisksTest : public testing::Test {
 protected:
  FileDisksTest() {
    spec_.id = InstanceId("i-1");
    spec_.type = {.name = "t", .disk_gib = 1};
  }
  ~FileDisksTest() override {
    runtime_.kill();
    std::filesystem::remove_all(dir_);
  }
  std::string describe(const std::string& path) {
    process::Command command{.argv = {"qemu-img", "info", "-U", path}};
    const auto said = process::run_checked(command);
    return said ? said.assume_value() : said.error().message;
  }

  static std::string make_dir() {
    std::string name = testing::TempDir() + "disks-XXXXXX";
    return mkdtemp(name.data());
  }

  const std::string dir_ = make_dir();
  const std::string image_ = dir_ + "/image";
  common::SimWorld world_;
  common::SimRuntime runtime_{world_, "nc"};
  FileDisks disks_{runtime_, dir_};
  InstanceFiles files_{dir_, InstanceId("i-1")};
  InstanceSpec spec_;
};

TEST_F(FileDisksTest, LaysAnOverlayOfTheTypesSizeOnTheImage) {
  std::ofstream(image_) << std::string(1000, 'x');
  const auto made = world_.run(runtime_, disks_.make(spec_, image_, 1000));
  ASSERT_TRUE(made) << made.error().message;
  const auto info = describe(files_.root());
  EXPECT_NE(info.find("file format: qcow2"), std::string::npos) << info;
  EXPECT_NE(info.find("1073741824 bytes"), std::string::npos) << info;
  EXPECT_NE(info.find("backing file format: raw"), std::string::npos) << info;
  EXPECT_FALSE(std::filesystem::exists(files_.ephemeral()));
}

TEST_F(FileDisksTest, TakesAHostileImageForRawBytes) {
  // A qcow2 image that names a file of the host as its backing file.
  std::ofstream(dir_ + "/secret") << "secret";
  process::Command craft{.argv = {"qemu-img", "create", "-q", "-f", "qcow2", "-F", "raw", "-b",
                                  dir_ + "/secret", image_, "1M"}};
  ASSERT_TRUE(process::run_checked(craft));
  const auto size = std::filesystem::file_size(image_);
  ASSERT_TRUE(world_.run(runtime_, disks_.make(spec_, image_, size)));
  process::Command chain{.argv = {"qemu-img", "info", "-U", "--backing-chain", files_.root()}};
  const auto said = process::run_checked(chain);
  ASSERT_TRUE(said);
  EXPECT_EQ(said.assume_value().find(dir_ + "/secret"), std::string::npos);
}

TEST_F(FileDisksTest, MakesEphemeralAndSwapDisksOfTheType) {
  std::ofstream(image_) << "x";
  spec_.type.ephemeral_gib = 1;
  spec_.type.swap_mib = 64;
  ASSERT_TRUE(world_.run(runtime_, disks_.make(spec_, image_, 1)));
  EXPECT_EQ(std::filesystem::file_size(files_.ephemeral()), 1u << 30);
  EXPECT_EQ(std::filesystem::file_size(files_.swap()), 64u << 20);
}

TEST_F(FileDisksTest, RemovesTheWholeFolderAndDoesNotMindASecondTime) {
  std::ofstream(image_) << "x";
  ASSERT_TRUE(world_.run(runtime_, disks_.make(spec_, image_, 1)));
  EXPECT_EQ(world_.run(runtime_, disks_.list()).assume_value(), std::vector{spec_.id});
  EXPECT_TRUE(world_.run(runtime_, disks_.remove(spec_.id)));
  EXPECT_FALSE(std::filesystem::exists(files_.dir()));
  EXPECT_TRUE(world_.run(runtime_, disks_.remove(spec_.id)));
}

TEST_F(FileDisksTest, SaysWhichStepFailed) {
  const auto made = world_.run(runtime_, disks_.make(spec_, dir_ + "/missing/\nimage", 1));
  ASSERT_FALSE(made);
  EXPECT_NE(made.error().message.find("root disk"), std::string::npos);
}

TEST_F(FileDisksTest, KnowsHowMuchRoomThereIs) {
  const auto room = world_.run(runtime_, disks_.room());
  ASSERT_TRUE(room);
  EXPECT_GT(room.assume_value().free_bytes, 0u);
  EXPECT_GE(room.assume_value().total_bytes, room.assume_value().free_bytes);
}

TEST(SwapHeader, HasItsSignatureAtTheEndOfThePage) {
  const auto header = swap_header(1 << 20);
  EXPECT_EQ(header.substr(4086), "SWAPSPACE2");
  EXPECT_EQ(header[1028], static_cast<char>(255));
}

}  // namespace
}  // namespace angophora::nc
