// A volume, its map and its pending snapshots together, as the export server and the storage
// controller share them.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include <atomic>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <random>
#include <thread>

#include "sc/nbdkit/volume_file.h"

namespace angophora::sc {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kBytes = 16 * kChunkBytes;

class SnapshotFiles : public ::testing::Test {
 protected:
  SnapshotFiles() {
    std::string name = fs::temp_directory_path() / "angophora-before-XXXXXX";
    folder_ = ::mkdtemp(name.data());
    std::ofstream(path()).close();
    fs::resize_file(path(), kBytes);
    serve();
  }
  ~SnapshotFiles() override {
    volume_.reset();
    fs::remove_all(folder_);
  }
  std::string path() const { return folder_ / "vol-00000001.raw"; }
  void serve() {
    volume_.reset();
    volume_ = VolumeFile::open(path(), kBytes, why_);
    ASSERT_TRUE(volume_) << why_;
    map_ = VolumeMap::open(VolumeMap::path_of(path()), kBytes, why_);
    ASSERT_TRUE(map_) << why_;
  }
  void write(std::uint32_t chunk, char letter) {
    const std::string bytes(4096, letter);
    ASSERT_EQ(volume_->write(bytes.data(), bytes.size(), chunk * kChunkBytes), 0);
  }
  // As the storage controller does.
  std::unique_ptr<BeforeFile> take(const std::string& snapshot) {
    const auto before_path = BeforeFile::path_of(path(), snapshot);
    EXPECT_EQ(BeforeFile::make(before_path, kBytes), 0);
    auto before = BeforeFile::open(before_path, kBytes, why_);
    EXPECT_TRUE(map_->add_pending(snapshot, map_->epoch() + 1));
    map_->begin_epoch();
    return before;
  }
  char letter(BeforeFile& before, std::uint32_t chunk) {
    const int fd = ::open(path().c_str(), O_RDONLY);
    std::vector<char> bytes(kChunkBytes);
    EXPECT_EQ(before.read(fd, chunk, bytes.data()), 0);
    ::close(fd);
    return bytes[0];
  }
  char letter(std::uint32_t chunk) {
    char byte = '?';
    EXPECT_EQ(volume_->read(&byte, 1, chunk * kChunkBytes), 0);
    return byte;
  }

  fs::path folder_;
  std::string why_;
  std::unique_ptr<VolumeFile> volume_;
  std::unique_ptr<VolumeMap> map_;
};

TEST_F(SnapshotFiles, WhatIsWrittenAfterThePointInTimeIsNotInIt) {
  write(1, 'a');
  write(2, 'b');
  const auto before = take("snap-00000001");
  write(1, 'x');
  EXPECT_EQ(volume_->trim(kChunkBytes, 2 * kChunkBytes), 0);
  write(3, 'y');
  EXPECT_EQ(letter(*before, 1), 'a');
  EXPECT_EQ(letter(*before, 2), 'b');
  EXPECT_EQ(letter(*before, 3), '\0');
  EXPECT_EQ(letter(1), 'x');
  EXPECT_EQ(letter(2), '\0');
  EXPECT_EQ(before->copied().count(), 3u);
}

TEST_F(SnapshotFiles, SeveralPointsInTimeKeepWhatEachHad) {
  write(1, 'a');
  const auto first = take("snap-00000001");
  write(1, 'b');
  const auto second = take("snap-00000002");
  write(1, 'c');
  EXPECT_EQ(letter(*first, 1), 'a');
  EXPECT_EQ(letter(*second, 1), 'b');
  map_->remove_pending("snap-00000001");
  fs::remove(BeforeFile::path_of(path(), "snap-00000001"));
  write(4, 'd');
  EXPECT_EQ(letter(*second, 4), '\0');
  EXPECT_EQ(letter(*second, 1), 'b');
}

TEST_F(SnapshotFiles, WhatIsDoneOrNotNeededIsNotCopied) {
  const auto before = take("snap-00000001");
  BeforeFile::Digest name{};
  name[0] = 1;
  EXPECT_EQ(before->set_done(1, name), 0);
  before->needed().clear(2);
  for (const std::uint32_t n : {1u, 2u, 3u}) write(n, 'x');
  EXPECT_FALSE(before->copied().has(1));
  EXPECT_FALSE(before->copied().has(2));
  EXPECT_TRUE(before->copied().has(3));
  EXPECT_EQ(before->name_of(1), name);
}

TEST_F(SnapshotFiles, EachWriteIsDirtyInTheTimeItBelongsTo) {
  write(1, 'a');
  const auto old = map_->epoch();
  take("snap-00000001");
  write(2, 'b');
  EXPECT_TRUE(map_->dirty(old).has(1));
  EXPECT_FALSE(map_->dirty(old).has(2));
  EXPECT_TRUE(map_->dirty(map_->epoch()).has(2));
  EXPECT_FALSE(map_->dirty(map_->epoch()).has(1));
}

TEST_F(SnapshotFiles, AWriteThatMeetsAPointInTimeIsDirtyOnBothSides) {
  const auto old = map_->epoch();
  {
    const VolumeMap::Change change(*map_, 3, 4);
    take("snap-00000001");
  }
  for (const std::uint32_t n : {3u, 4u}) {
    EXPECT_TRUE(map_->dirty(old).has(n));
    EXPECT_TRUE(map_->dirty(old + 1).has(n));
  }
}

TEST_F(SnapshotFiles, WhatAKilledServerWasWritingIsDirtyAfterwards) {
  // A change that never ends, as the killed server leaves it.
  alignas(VolumeMap::Change) char room[sizeof(VolumeMap::Change)];
  new (room) VolumeMap::Change(*map_, 5, 6);
  take("snap-00000001");
  serve();
  EXPECT_TRUE(map_->dirty(map_->epoch()).has(5));
  EXPECT_TRUE(map_->dirty(map_->epoch()).has(6));
  EXPECT_FALSE(map_->dirty(map_->epoch()).has(7));
}

TEST_F(SnapshotFiles, AServerThatComesLaterSparesThePendingOnes) {
  write(1, 'a');
  const auto before = take("snap-00000001");
  serve();
  write(1, 'b');
  EXPECT_EQ(letter(*before, 1), 'a');
}

TEST_F(SnapshotFiles, AMissingChunkIsWaitedForAndCountsAsData) {
  map_->missing().set(2);
  std::atomic<bool> read = false;
  std::thread reader([&] {
    EXPECT_EQ(letter(2), 'f');
    read = true;
  });
  while (map_->wanted().empty()) std::this_thread::yield();
  EXPECT_FALSE(read);
  EXPECT_EQ(map_->wanted(), std::vector<std::uint32_t>{2});
  std::vector<std::pair<std::uint64_t, bool>> pieces;
  EXPECT_EQ(volume_->extents(kBytes, 0,
                             [&](auto at, auto, bool hole) {
                               pieces.push_back({at, hole});
                               return 0;
                             }),
            0);
  const std::vector<std::pair<std::uint64_t, bool>> expected{
      {0, true}, {2 * kChunkBytes, false}, {3 * kChunkBytes, true}};
  EXPECT_EQ(pieces, expected);
  std::fstream file(path(), std::ios::in | std::ios::out);
  file.seekp(2 * kChunkBytes);
  file << 'f';
  file.close();
  map_->filled(2);
  reader.join();
  EXPECT_TRUE(map_->wanted().empty());
  EXPECT_EQ(volume_->flush(), 0);
}

TEST_F(SnapshotFiles, AMissingChunkThatCannotComeIsAnError) {
  map_->missing().set(2);
  map_->set_fill_failed(true);
  char byte = 0;
  EXPECT_EQ(volume_->read(&byte, 1, 2 * kChunkBytes), EIO);
  EXPECT_EQ(volume_->write(&byte, 1, 3 * kChunkBytes - 1), EIO);
  EXPECT_EQ(volume_->read(&byte, 1, 3 * kChunkBytes), 0);
}

TEST_F(SnapshotFiles, AFileThatCannotBeReadFailsTheSnapshotAndNotTheGuest) {
  const auto snapshot = BeforeFile::path_of(path(), "snap-00000001");
  take("snap-00000001");
  fs::resize_file(snapshot, 100);
  write(1, 'a');
  ASSERT_EQ(map_->pending().size(), 1u);
  EXPECT_EQ(map_->pending()[0].failure, EIO);
}

// A limit on the size of files stands in for a pool without room.
TEST_F(SnapshotFiles, APoolWithoutRoomFailsTheSnapshotAndNotTheGuest) {
  write(15, 'a');
  const auto before = take("snap-00000001");
  rlimit all{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &all), 0);
  const auto old = ::signal(SIGXFSZ, SIG_IGN);
  const rlimit small{kBytes, all.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
  write(15, 'x');
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &all), 0);
  ::signal(SIGXFSZ, old);
  EXPECT_EQ(before->failure(), EFBIG);
  EXPECT_EQ(letter(15), 'x');
}

TEST_F(SnapshotFiles, HasRoomForSomePendingOnes) {
  for (int i = 0; i < VolumeMap::kSnapshots; ++i)
    EXPECT_TRUE(map_->add_pending("snap-0000000" + std::to_string(i), 1));
  EXPECT_FALSE(map_->add_pending("snap-0000000a", 1));
  map_->remove_pending("snap-00000003");
  EXPECT_TRUE(map_->add_pending("snap-0000000a", 1));
  EXPECT_EQ(map_->pending().size(), 8u);
}

TEST_F(SnapshotFiles, AMapThatWasLostKnowsNothingOfWhatWasWritten) {
  EXPECT_FALSE(map_->dirty_is_known()) << "this volume was made without one";
  map_->set_dirty_known();
  serve();
  EXPECT_TRUE(map_->dirty_is_known());
  volume_.reset();
  fs::remove(VolumeMap::path_of(path()));
  serve();
  EXPECT_FALSE(map_->dirty_is_known());
  // While chunks were missing nobody may guess which are there.
  volume_.reset();
  fs::remove(VolumeMap::path_of(path()));
  std::ofstream(VolumeMap::source_path_of(path())).close();
  EXPECT_FALSE(VolumeFile::open(path(), kBytes, why_));
}

TEST_F(SnapshotFiles, AfterAnotherBootTheDirtyBitsCountForNothing) {
  map_->set_dirty_known();
  map_->sync();
  map_.reset();
  volume_.reset();
  std::fstream file(VolumeMap::path_of(path()), std::ios::in | std::ios::out);
  file.seekp(16);  // the boot's name
  file << "x";
  file.close();
  serve();
  EXPECT_FALSE(map_->dirty_is_known());
}

TEST_F(SnapshotFiles, AfterAnotherBootOnlyFinishedCopiesCount) {
  write(1, 'a');
  write(2, 'b');
  auto before = take("snap-00000001");
  write(1, 'x');
  write(2, 'y');
  const auto name = BeforeFile::path_of(path(), "snap-00000001");
  before.reset();
  volume_.reset();
  std::fstream file(name, std::ios::in | std::ios::out);
  file.seekp(16);  // the boot's name
  file << "x";
  // The second copy did not reach the disk.
  file.seekp(static_cast<std::streamoff>(fs::file_size(name) - kBytes + 2 * kChunkBytes));
  file << "?";
  file.close();
  before = BeforeFile::open(name, kBytes, why_);
  ASSERT_TRUE(before) << why_;
  EXPECT_TRUE(before->copied().has(1));
  EXPECT_FALSE(before->copied().has(2));
  EXPECT_EQ(letter(*before, 1), 'a');
}

// Each writer counts upwards in chunks of its own; a snapshot must show, of each writer, all of its
// writes up to one of them and nothing that came later.
TEST_F(SnapshotFiles, APointInTimeUnderLoadIsOnePoint) {
  std::atomic<bool> stop = false;
  std::vector<std::thread> writers;
  for (std::uint32_t w = 0; w < 4; ++w)
    writers.emplace_back([&, w] {
      for (std::uint64_t count = 1; !stop; ++count) {
        // First one chunk, then the other: the first is never behind the second.
        for (const std::uint32_t chunk : {w * 2, w * 2 + 1})
          EXPECT_EQ(volume_->write(&count, sizeof count, chunk * kChunkBytes), 0);
      }
    });
  const int fd = ::open(path().c_str(), O_RDONLY);
  std::vector<char> bytes(kChunkBytes);
  for (int round = 0; round < 20; ++round) {
    const auto snapshot = "snap-0000000" + std::to_string(round % 8);
    const auto before = take(snapshot);
    for (std::uint32_t w = 0; w < 4; ++w) {
      std::uint64_t first = 0, second = 0;
      ASSERT_EQ(before->read(fd, w * 2 + 1, bytes.data()), 0);
      std::memcpy(&second, bytes.data(), sizeof second);
      ASSERT_EQ(before->read(fd, w * 2, bytes.data()), 0);
      std::memcpy(&first, bytes.data(), sizeof first);
      EXPECT_GE(first, second);
      EXPECT_LE(first, second + 1);
    }
    map_->remove_pending(snapshot);
    fs::remove(BeforeFile::path_of(path(), snapshot));
  }
  stop = true;
  for (auto& writer : writers) writer.join();
  ::close(fd);
}

}  // namespace
}  // namespace angophora::sc
