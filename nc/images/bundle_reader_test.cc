#include "nc/images/bundle_reader.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "nc/images/tar_reader.h"
#include "nc/images/testing_bundle.h"

namespace angophora::nc {
namespace {

using common::Errc;
using namespace testing_bundle;

class BundleReaderTest : public testing::Test {
 protected:
  BundleReaderTest() {
    std::string name = testing::TempDir() + "bundle-XXXXXX";
    dir_ = mkdtemp(name.data());
    path_ = dir_ + "/image";
  }
  ~BundleReaderTest() override { std::filesystem::remove_all(dir_); }

  common::Result<> open(const Bundle& bundle, std::uint64_t size, std::string key = kKey,
                        std::size_t piece = 1 << 20) {
    TRY(auto reader, BundleReader::create({key, kIv, bundle.sha1_hex, size}, path_));
    for (std::size_t at = 0; at < bundle.bytes.size(); at += piece)
      TRY_VOID(reader->push(std::string_view(bundle.bytes).substr(at, piece)));
    return reader->finish();
  }
  std::string content() const {
    std::ifstream file(path_, std::ios::binary);
    std::stringstream text;
    text << file.rdbuf();
    return text.str();
  }

  std::string dir_, path_;
};

TEST_F(BundleReaderTest, GivesBackTheImage) {
  const auto image = noise(3'000'001);
  ASSERT_TRUE(open(bundle_of(image), image.size()));
  EXPECT_EQ(content(), image);
}

TEST_F(BundleReaderTest, DoesNotCareHowTheBytesAreCut) {
  const auto image = noise(5000) + std::string(9000, '\0') + noise(77);
  for (const std::size_t piece : {1, 7, 511, 513, 4096}) {
    const auto opened = open(bundle_of(image), image.size(), kKey, piece);
    ASSERT_TRUE(opened) << opened.error().message;
    EXPECT_EQ(content(), image);
  }
}

TEST_F(BundleReaderTest, LeavesHolesWhereTheImageIsEmpty) {
  const auto image = std::string(8 << 20, '\0') + "end";
  ASSERT_TRUE(open(bundle_of(image), image.size()));
  EXPECT_EQ(content(), image);
  struct stat info {};
  ASSERT_EQ(stat(path_.c_str(), &info), 0);
  EXPECT_LT(info.st_blocks * 512, 1 << 20);
}

TEST_F(BundleReaderTest, RefusesAWrongKey) {
  const auto opened = open(bundle_of("image"), 5, std::string(16, 'x'));
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, Errc::corrupt);
}

TEST_F(BundleReaderTest, RefusesAnotherDigestAndAnotherSize) {
  auto bundle = bundle_of("image");
  EXPECT_EQ(open(bundle, 4).error().code, Errc::limit_exceeded);
  EXPECT_EQ(open(bundle, 6).error().code, Errc::corrupt);
  bundle.sha1_hex = std::string(40, '0');
  EXPECT_EQ(open(bundle, 5).error().code, Errc::corrupt);
}

TEST_F(BundleReaderTest, RefusesABundleThatEndsTooEarly) {
  auto bundle = bundle_of(noise(100'000));
  bundle.bytes.resize(bundle.bytes.size() - 16);
  EXPECT_EQ(open(bundle, 100'000).error().code, Errc::corrupt);
  bundle.bytes.clear();
  EXPECT_EQ(open(bundle, 100'000).error().code, Errc::corrupt);
}

TEST_F(BundleReaderTest, StopsUnpackingABomb) {
  const auto bomb = bundle_of(std::string(64 << 20, '\0'));
  EXPECT_EQ(open(bomb, 1000).error().code, Errc::limit_exceeded);
  // A harmless header, then zeros without end.
  const auto tail = bundle_tar(tar_of("x") + std::string(64 << 20, '\0'));
  EXPECT_EQ(open(tail, 1).error().code, Errc::limit_exceeded);
}

TEST_F(BundleReaderTest, RefusesWhatIsNotAPlainFile) {
  for (const char type : {'1', '2', '3', '4', '6', 'V'})
    EXPECT_EQ(open(bundle_tar(tar_of("abc", type)), 3).error().code, Errc::corrupt) << type;
}

std::string run_tar(const std::string& options, const std::string& dir) {
  const auto command = "tar -c " + options + " -C " + dir + " -f " + dir + "/t.tar disk";
  if (std::system(command.c_str()) != 0) return "";
  std::ifstream file(dir + "/t.tar", std::ios::binary);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

class RealTar : public BundleReaderTest, public testing::WithParamInterface<const char*> {};

TEST_P(RealTar, IsRead) {
  // 60 islands in a sea of zeros: more than one block of sparse map.
  std::string image(60 * 65536 + 10, '\0');
  for (int i = 0; i < 60; ++i) image.replace(i * 65536, 5000, noise(5000));
  {
    std::ofstream file(dir_ + "/disk", std::ios::binary);
    for (int i = 0; i < 60; ++i) {
      file.seekp(i * 65536);
      file.write(image.data() + i * 65536, 5000);
    }
  }
  std::filesystem::resize_file(dir_ + "/disk", image.size());
  const auto opened = open(bundle_tar(run_tar(GetParam(), dir_)), image.size());
  ASSERT_TRUE(opened) << opened.error().message;
  EXPECT_EQ(content(), image);
}

INSTANTIATE_TEST_SUITE_P(Forms, RealTar,
                         testing::Values("--format=gnu", "--format=gnu --sparse", "--format=ustar",
                                         "--format=posix", "--format=v7"));

TEST_F(BundleReaderTest, NamesTheSparseFormThatItDoesNotRead) {
  std::ofstream(dir_ + "/disk") << "x";
  std::filesystem::resize_file(dir_ + "/disk", 1 << 20);
  const auto opened = open(bundle_tar(run_tar("--format=posix --sparse", dir_)), 1 << 20);
  ASSERT_FALSE(opened);
  EXPECT_NE(opened.error().message.find("--sparse"), std::string::npos);
}

TEST(TarReaderTest, RefusesASparseMapThatLeavesTheFile) {
  auto header = tar_of("", 'S').substr(0, 512);
  std::snprintf(&header[124], 12, "%011o", 512);
  std::snprintf(&header[386], 12, "%011o", 1 << 20);
  std::snprintf(&header[398], 12, "%011o", 512);
  std::snprintf(&header[483], 12, "%011o", 1000);
  std::memset(&header[148], ' ', 8);
  unsigned sum = 0;
  for (const unsigned char c : header) sum += c;
  std::snprintf(&header[148], 8, "%06o", sum);
  TarReader reader([](std::uint64_t, std::string_view) -> common::Result<> { return common::ok(); },
                   1 << 30);
  EXPECT_EQ(reader.push(header).error().code, Errc::corrupt);
}

}  // namespace
}  // namespace angophora::nc
