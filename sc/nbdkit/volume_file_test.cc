#include "sc/nbdkit/volume_file.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <vector>

namespace angophora::sc {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kMib = 1 << 20;

class VolumeFileTest : public ::testing::Test {
 protected:
  VolumeFileTest() {
    std::string name = fs::temp_directory_path() / "angophora-volume-XXXXXX";
    folder_ = ::mkdtemp(name.data());
    std::ofstream(path()).close();
    fs::resize_file(path(), 8 * kMib);
    reopen();
  }
  ~VolumeFileTest() override { fs::remove_all(folder_); }

  fs::path path() const { return folder_ / "vol-00000001.raw"; }
  fs::path damage() const { return folder_ / "vol-00000001.damage"; }
  void reopen() {
    volume_.reset();
    volume_ = VolumeFile::open(path(), 8 * kMib, why_);
    ASSERT_TRUE(volume_) << why_;
  }
  std::string read(std::uint64_t offset, std::size_t count) {
    std::string bytes(count, '?');
    EXPECT_EQ(volume_->read(bytes.data(), count, offset), 0);
    return bytes;
  }
  int write(std::uint64_t offset, const std::string& bytes) {
    return volume_->write(bytes.data(), bytes.size(), offset);
  }
  std::uint64_t blocks_of_512() const {
    struct stat status {};
    EXPECT_EQ(::stat(path().c_str(), &status), 0);
    return static_cast<std::uint64_t>(status.st_blocks);
  }
  struct Piece {
    std::uint64_t offset, count;
    bool hole;
    bool operator==(const Piece&) const = default;
  };
  std::vector<Piece> pieces(std::uint64_t count, std::uint64_t offset) {
    std::vector<Piece> all;
    EXPECT_EQ(volume_->extents(count, offset,
                               [&](auto at, auto length, bool hole) {
                                 all.push_back({at, length, hole});
                                 return 0;
                               }),
              0);
    return all;
  }

  fs::path folder_;
  std::string why_;
  std::unique_ptr<VolumeFile> volume_;
};

TEST_F(VolumeFileTest, KeepsWhatIsWritten) {
  EXPECT_EQ(write(5 * kMib + 7, "angophora"), 0);
  EXPECT_EQ(volume_->flush(), 0);
  reopen();
  EXPECT_EQ(read(5 * kMib + 7, 9), "angophora");
  EXPECT_EQ(read(0, 4), std::string(4, '\0'));
}

TEST_F(VolumeFileTest, TakesRoomOnlyWhereItIsWritten) {
  EXPECT_LE(blocks_of_512(), 16u);
  EXPECT_EQ(write(kMib, std::string(kMib, 'x')), 0);
  EXPECT_EQ(volume_->flush(), 0);
  EXPECT_GE(blocks_of_512(), 2048u);
  EXPECT_EQ(volume_->trim(kMib, kMib), 0);
  EXPECT_LE(blocks_of_512(), 16u);
  EXPECT_EQ(read(kMib, 8), std::string(8, '\0'));
}

TEST_F(VolumeFileTest, ZeroesWithAndWithoutAHole) {
  for (const bool may_trim : {true, false}) {
    EXPECT_EQ(write(kMib, std::string(2 * kMib, 'x')), 0);
    const int zeroed = volume_->zero(kMib, kMib + 4096, may_trim);
    if (!may_trim && zeroed == EOPNOTSUPP) GTEST_SKIP() << "this file system writes zeros";
    ASSERT_EQ(zeroed, 0);
    EXPECT_EQ(read(kMib + 4095, 3), std::string("x\0\0", 3));
    EXPECT_EQ(read(2 * kMib + 4095, 2), std::string("\0x", 2));
  }
}

TEST_F(VolumeFileTest, TellsHolesFromData) {
  EXPECT_EQ(write(2 * kMib, std::string(kMib, 'x')), 0);
  const std::vector<Piece> all{
      {0, 2 * kMib, true}, {2 * kMib, kMib, false}, {3 * kMib, 5 * kMib, true}};
  EXPECT_EQ(pieces(8 * kMib, 0), all);
  const std::vector<Piece> inside{{2 * kMib + 4096, 4096, false}};
  EXPECT_EQ(pieces(4096, 2 * kMib + 4096), inside);
  EXPECT_EQ(volume_->extents(8 * kMib, 0, [](auto, auto, bool) { return ENOMEM; }), ENOMEM);
}

TEST_F(VolumeFileTest, HasOneServerAtATime) {
  EXPECT_FALSE(VolumeFile::open(path(), 8 * kMib, why_));
  EXPECT_NE(why_.find("served by another program"), std::string::npos) << why_;
  volume_.reset();
  EXPECT_TRUE(VolumeFile::open(path(), 8 * kMib, why_)) << why_;
}

TEST_F(VolumeFileTest, IsNotOpenedWithAnotherSizeOrThroughALink) {
  volume_.reset();
  EXPECT_FALSE(VolumeFile::open(path(), 9 * kMib, why_));
  EXPECT_NE(why_.find("8388608 bytes, not 9437184"), std::string::npos) << why_;
  fs::create_symlink(path(), folder_ / "link.raw");
  EXPECT_FALSE(VolumeFile::open(folder_ / "link.raw", 8 * kMib, why_));
  EXPECT_FALSE(VolumeFile::open(folder_ / "none.raw", 8 * kMib, why_));
  EXPECT_FALSE(VolumeFile::open(folder_, 8 * kMib, why_));
}

TEST_F(VolumeFileTest, NotesThatItsFileWasCut) {
  fs::resize_file(path(), kMib);
  char byte = 0;
  EXPECT_EQ(volume_->read(&byte, 1, 2 * kMib), EIO);
  std::string note;
  std::getline(std::ifstream(damage()), note);
  EXPECT_EQ(note, "an I/O error while reading");
}

// A limit on the size of files stands in for a disk that takes no more.
TEST_F(VolumeFileTest, HandsUpWhatTheSystemRefusesAndGoesOnAfterwards) {
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
  const auto old = ::signal(SIGXFSZ, SIG_IGN);
  const rlimit small{kMib, before.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
  const int refused = write(4 * kMib, "x");
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &before), 0);
  ::signal(SIGXFSZ, old);
  EXPECT_EQ(refused, EFBIG);
  EXPECT_EQ(write(4 * kMib, "x"), 0);
  EXPECT_EQ(volume_->flush(), 0);
  EXPECT_EQ(read(4 * kMib, 1), "x");
  EXPECT_FALSE(fs::exists(damage())) << "a refusal is no damage";
}

}  // namespace
}  // namespace angophora::sc
