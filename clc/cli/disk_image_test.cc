#include "clc/cli/disk_image.h"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "common/process/process.h"

namespace angophora::clc::cli {
namespace {

constexpr std::uint64_t kGiB = 1ULL << 30;

class DiskImages : public ::testing::Test {
 protected:
  void SetUp() override {
    char pattern[] = "/tmp/angophora-image-XXXXXX";
    dir_ = mkdtemp(pattern);
  }
  void TearDown() override { std::filesystem::remove_all(dir_); }

  std::string path(const std::string& name) const { return dir_ + "/" + name; }
  void qemu_img(std::vector<std::string> arguments) {
    process::Command command;
    command.argv = {"qemu-img"};
    command.argv.insert(command.argv.end(), arguments.begin(), arguments.end());
    const auto done = process::run_checked(command);
    ASSERT_TRUE(done) << done.error().message;
  }
  std::string refusal(const std::string& name, std::uint64_t bytes_max = kGiB) {
    const auto image = inspect_disk_image(path(name), bytes_max, ImageUse::disk);
    return image ? "accepted" : image.error().message;
  }

  std::string dir_;
};

TEST_F(DiskImages, KnowsRawBytesAndPlainQcow2) {
  std::ofstream(path("raw")) << std::string(4096, 'x');
  qemu_img({"create", "-q", "-f", "qcow2", path("plain"), "8M"});
  EXPECT_EQ(inspect_disk_image(path("raw"), kGiB, ImageUse::disk).value().virtual_bytes, 4096u);
  EXPECT_EQ(inspect_disk_image(path("plain"), kGiB, ImageUse::disk).value().virtual_bytes,
            8u << 20);
}

TEST_F(DiskImages, NamesFormatsThatItDoesNotTake) {
  for (const char* format : {"vmdk", "vdi", "vhdx", "vpc", "qed"}) {
    qemu_img({"create", "-q", "-f", format, path(format), "8M"});
    EXPECT_NE(refusal(format).find("qemu-img convert"), std::string::npos) << format;
  }
  std::ofstream(path("flat.vmdk")) << "# Disk DescriptorFile\nversion=1\n";
  EXPECT_NE(refusal("flat.vmdk").find("VMDK"), std::string::npos);
}

TEST_F(DiskImages, TakesCompressedBytesForKernelsAndRamdisksOnly) {
  std::ofstream(path("gz")) << "\x1f\x8b\x08" << std::string(4096, 'x');
  EXPECT_NE(refusal("gz").find("gzip"), std::string::npos);
  EXPECT_TRUE(inspect_disk_image(path("gz"), kGiB, ImageUse::boot_file));
}

TEST_F(DiskImages, RefusesABackingFile) {
  std::ofstream(path("base")) << std::string(4096, 'x');
  qemu_img({"create", "-q", "-f", "qcow2", "-b", path("base"), "-F", "raw", path("overlay")});
  EXPECT_NE(refusal("overlay").find("backing file"), std::string::npos);
}

TEST_F(DiskImages, RefusesAnExternalDataFile) {
  qemu_img(
      {"create", "-q", "-f", "qcow2", "-o", "data_file=" + path("data"), path("outside"), "8M"});
  EXPECT_NE(refusal("outside").find("external data file"), std::string::npos);
}

TEST_F(DiskImages, RefusesExabytesAndEmptiness) {
  qemu_img({"create", "-q", "-f", "qcow2", "-o", "cluster_size=2M", path("huge"), "100P"});
  EXPECT_NE(refusal("huge").find("the limit is"), std::string::npos);
  std::ofstream(path("empty")).flush();
  EXPECT_NE(refusal("empty").find("empty"), std::string::npos);
}

TEST_F(DiskImages, RefusesACutQcow2AndAMissingFile) {
  std::ofstream(path("cut"), std::ios::binary) << "QFI\xfb";
  EXPECT_NE(refusal("cut"), "accepted");
  EXPECT_NE(refusal("none").find("there is no file"), std::string::npos);
}

TEST_F(DiskImages, RefusesAQcow2ThatLostItsEnd) {
  std::ofstream(path("raw")) << std::string(1 << 20, 'x');
  qemu_img({"convert", "-f", "raw", "-O", "qcow2", path("raw"), path("image")});
  EXPECT_EQ(refusal("image"), "accepted");
  std::filesystem::resize_file(path("image"),
                               std::filesystem::file_size(path("image")) - (1 << 19));
  EXPECT_NE(refusal("image").find("cut short"), std::string::npos);
}

TEST_F(DiskImages, RefusesWhatIsNoPlainFile) {
  ASSERT_EQ(mkfifo(path("pipe").c_str(), 0600), 0);
  EXPECT_NE(refusal("pipe").find("not a plain file"), std::string::npos);
  EXPECT_NE(refusal(".").find("not a plain file"), std::string::npos);
}

TEST_F(DiskImages, ConvertsToTheRawBytes) {
  std::ofstream(path("raw")) << std::string(1 << 20, 'x');
  qemu_img({"convert", "-f", "raw", "-O", "qcow2", path("raw"), path("image")});
  ASSERT_TRUE(convert_to_raw(path("image"), path("back")));
  std::ifstream back(path("back"));
  const std::string bytes((std::istreambuf_iterator<char>(back)), {});
  EXPECT_EQ(bytes, std::string(1 << 20, 'x'));
}

}  // namespace
}  // namespace angophora::clc::cli
