#include "sc/backends/snapshot_files.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "sc/nbdkit/volume_file.h"

namespace angophora::sc {
namespace {

namespace fs = std::filesystem;
namespace files = snapshot_files;

constexpr std::uint64_t kBytes = 64 * chunks::kChunkBytes;

class SnapshotFilesTest : public ::testing::Test {
 protected:
  SnapshotFilesTest() {
    std::string name = fs::temp_directory_path() / "angophora-snapshots-XXXXXX";
    folder_ = ::mkdtemp(name.data());
    make(ChunkMap());
  }
  ~SnapshotFilesTest() override {
    volume_.reset();
    fs::remove_all(folder_);
  }
  std::string raw() const { return folder_ / "vol-00000001.raw"; }
  void make(const ChunkMap& source) {
    volume_.reset();
    fs::remove(raw());
    ASSERT_TRUE(files::prepare(raw(), kBytes, source));
    std::ofstream(raw()).close();
    fs::resize_file(raw(), kBytes);
    std::string why;
    volume_ = VolumeFile::open(raw(), kBytes, why);
    ASSERT_TRUE(volume_) << why;
  }
  void write(std::uint32_t chunk, char letter) {
    ASSERT_EQ(volume_->write(&letter, 1, chunk * chunks::kChunkBytes), 0);
  }
  std::vector<std::uint32_t> needed(const std::string& snapshot) {
    const auto work = files::work(raw(), snapshot, 1000);
    EXPECT_TRUE(work) << work.error().message;
    return work ? work.value().next : std::vector<std::uint32_t>();
  }
  void finish(const std::string& snapshot) {
    for (const auto chunk : needed(snapshot)) {
      const auto bytes = files::read(raw(), snapshot, chunk).value().bytes;
      ASSERT_TRUE(files::set_done(raw(), snapshot, chunk, chunks::name_of(bytes)));
    }
    ASSERT_TRUE(files::drop(raw(), snapshot, true));
  }
  using Numbers = std::vector<std::uint32_t>;

  fs::path folder_;
  std::string why_;
  std::unique_ptr<VolumeFile> volume_;
};

TEST_F(SnapshotFilesTest, TheFirstOneNeedsWhatIsThereAndTheNextOneWhatIsNew) {
  write(3, 'a');
  write(60, 'b');
  ASSERT_TRUE(files::take(raw(), "snap-00000001", true, false));
  EXPECT_EQ(needed("snap-00000001"), (Numbers{3, 60}));
  write(5, 'c');
  EXPECT_EQ(files::read(raw(), "snap-00000001", 3).value().bytes[0], 'a');
  finish("snap-00000001");
  ASSERT_TRUE(files::take(raw(), "snap-00000002", false, false));
  EXPECT_EQ(needed("snap-00000002"), Numbers{5});
}

TEST_F(SnapshotFilesTest, OneThatEndsUnfinishedHandsItsChunksOn) {
  write(3, 'a');
  ASSERT_TRUE(files::take(raw(), "snap-00000001", true, false));
  ASSERT_TRUE(files::drop(raw(), "snap-00000001", false));
  ASSERT_TRUE(files::drop(raw(), "snap-00000001", false)) << "a repeated call";
  write(4, 'b');
  ASSERT_TRUE(files::take(raw(), "snap-00000002", false, false));
  EXPECT_EQ(needed("snap-00000002"), (Numbers{3, 4}));
  EXPECT_FALSE(files::work(raw(), "snap-00000001", 1));
}

TEST_F(SnapshotFilesTest, OneTakenWhileAnotherIsPendingNeedsItsChunksToo) {
  write(3, 'a');
  ASSERT_TRUE(files::take(raw(), "snap-00000001", true, false));
  ASSERT_TRUE(files::set_done(raw(), "snap-00000001", 3, {}));
  write(4, 'b');
  ASSERT_TRUE(files::take(raw(), "snap-00000002", false, false));
  EXPECT_EQ(needed("snap-00000002"), (Numbers{3, 4}));
  EXPECT_EQ(files::pending(folder_).value().size(), 2u);
}

TEST_F(SnapshotFilesTest, AfterALostMapAllIsReadAndHolesAreKnownToBeZeros) {
  write(3, 'a');
  ASSERT_TRUE(files::take(raw(), "snap-00000001", true, false));
  finish("snap-00000001");
  volume_.reset();
  fs::remove(folder_ / "vol-00000001.map");
  ASSERT_TRUE(files::take(raw(), "snap-00000002", false, false));
  EXPECT_EQ(needed("snap-00000002"), Numbers{3});
  EXPECT_EQ(files::names(raw(), "snap-00000002").value().size(), 63u);
}

TEST_F(SnapshotFilesTest, AServerThatDoesNotKnowTheMapSparesNothingSoNoneIsTaken) {
  ASSERT_TRUE(files::take(raw(), "snap-00000001", true, true));
  fs::remove(folder_ / "vol-00000001.map");  // the server has the old one
  EXPECT_EQ(files::take(raw(), "snap-00000002", true, true).error().code, VolumeErrc::busy);
  EXPECT_TRUE(files::take(raw(), "snap-00000002", true, false));
}

TEST_F(SnapshotFilesTest, ADiskThatLosesBytesFailsTheSnapshot) {
  write(3, 'a');
  ASSERT_TRUE(files::take(raw(), "snap-00000001", true, false));
  const auto map = VolumeMap::open(VolumeMap::path_of(raw()), kBytes, why_);
  map->fail_pending("snap-00000001", EIO);
  EXPECT_NE(files::work(raw(), "snap-00000001", 1).value().failure, "");
}

TEST_F(SnapshotFilesTest, FillsWhatIsMissingAndOnlyThat) {
  ChunkMap source;
  source.volume_bytes = kBytes;
  source.entries = {{3, chunks::name_of("x")}, {9, chunks::name_of("y")}};
  make(source);
  EXPECT_EQ(files::source(raw()).value(), source);
  EXPECT_EQ(files::missing(raw(), 10).value().next, (Numbers{3, 9}));
  // A snapshot of it needs none of the bytes that are still to come.
  ASSERT_TRUE(files::take(raw(), "snap-00000001", true, false));
  EXPECT_EQ(files::read(raw(), "snap-00000001", 9).value().known_as, chunks::name_of("y"));
  std::string bytes(chunks::kChunkBytes, 'f');
  EXPECT_FALSE(files::fill(raw(), 3, "short"));
  ASSERT_TRUE(files::fill(raw(), 3, bytes));
  write(3, 'g');
  ASSERT_TRUE(files::fill(raw(), 3, bytes)) << "a repeated call";
  ASSERT_TRUE(files::fill(raw(), 4, bytes));
  std::string read(2, '?');
  EXPECT_EQ(volume_->read(read.data(), 2, 3 * chunks::kChunkBytes), 0);
  EXPECT_EQ(read, "gf");
  EXPECT_EQ(volume_->read(read.data(), 2, 4 * chunks::kChunkBytes), 0);
  EXPECT_EQ(read, std::string(2, '\0')) << "it was not missing";
  EXPECT_FALSE(files::forget_source(raw()));
  ASSERT_TRUE(files::fill(raw(), 9, bytes));
  ASSERT_TRUE(files::forget_source(raw()));
  EXPECT_TRUE(files::source(raw()).value().entries.empty());
}

TEST_F(SnapshotFilesTest, NothingStaysOfAVolumeThatIsGone) {
  ASSERT_TRUE(files::take(raw(), "snap-00000001", true, false));
  volume_.reset();
  fs::remove(raw());
  ASSERT_TRUE(files::drop(raw(), "snap-00000001", false));
  ASSERT_TRUE(files::remove_orphans(folder_));
  EXPECT_TRUE(fs::is_empty(folder_));
}

}  // namespace
}  // namespace angophora::sc
