#include "walrus/objects/pack_log.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <stdlib.h>
#include <unistd.h>

#include <filesystem>

#include "common/crypto/crc.h"
#include "walrus/domain/s3_errors.h"
#include "walrus/objects/faulty_disk.h"

namespace angophora::walrus {
namespace {

using testing::IsEmpty;

class PackLogTest : public testing::Test {
 protected:
  void SetUp() override {
    char pattern[] = "/tmp/angophora-packs-XXXXXX";
    dir_ = mkdtemp(pattern);
    begin("start1");
  }
  void TearDown() override { std::filesystem::remove_all(dir_); }
  void begin(const std::string& start, std::uint64_t pack_bytes_max = 1000) {
    log_ = std::make_unique<PackLog>(dir_, start, pack_bytes_max, disk_);
  }
  // Settled, and with a row as it were: nothing holds the pack.
  NewBlob add(const std::string& id, const std::string& bytes) {
    auto blob = log_->append(id, bytes).value();
    EXPECT_TRUE(blob.settle());
    blob.settle = nullptr;
    return blob;
  }
  Result<std::string> read(const NewBlob& blob) {
    TRY(const auto open, log_->open(blob.id, blob.place));
    return read_whole(*open, blob.id, blob.size_bytes, blob.crc32c);
  }
  std::vector<std::string> ids(const std::string& pack) {
    std::vector<std::string> all;
    const auto listed = log_->list(pack).value();
    for (const auto& blob : listed) all.push_back(blob.id);
    return all;
  }
  void overwrite(const std::string& pack, std::uint64_t offset, char byte) {
    const int fd = ::open(log_->path(pack).c_str(), O_WRONLY);
    EXPECT_EQ(::pwrite(fd, &byte, 1, static_cast<off_t>(offset)), 1);
    ::close(fd);
  }

  std::string dir_;
  FaultyDisk disk_;
  std::unique_ptr<PackLog> log_;
};

TEST_F(PackLogTest, ADiskThatBecomesFullInTheMiddleOfABlobLosesNothingElse) {
  const auto one = add("one", "first");
  disk_.write_error = ENOSPC;
  for (const std::size_t room : {0, 10, 66}) {
    disk_.bytes_before_error = room;
    EXPECT_EQ(log_->append("two", "second").error().code, S3Errc::insufficient_storage);
  }
  disk_.write_error = 0;
  EXPECT_THAT(ids(one.place.pack), testing::ElementsAre("one"));
  const auto three = add("three", "third");
  EXPECT_EQ(three.place.pack, one.place.pack);
  EXPECT_EQ(three.place.offset, one.place.offset + 5 + kPackRecordBytes);
  EXPECT_EQ(read(one).value(), "first");
  EXPECT_EQ(read(three).value(), "third");
  EXPECT_THAT(ids(one.place.pack), testing::ElementsAre("one", "three"));
}

TEST_F(PackLogTest, APackWithATornEndIsLeftForGood) {
  const auto one = add("one", "first");
  disk_.write_error = EIO;
  disk_.truncate_error = EIO;
  disk_.bytes_before_error = 66;
  EXPECT_EQ(log_->append("two", "second").error().code, common::Errc::io);
  disk_.write_error = disk_.truncate_error = 0;
  const auto three = add("three", "third");
  EXPECT_NE(three.place.pack, one.place.pack);
  EXPECT_EQ(read(one).value(), "first");
  EXPECT_EQ(read(three).value(), "third");
  EXPECT_THAT(ids(one.place.pack), testing::ElementsAre("one"));
}

TEST_F(PackLogTest, AfterAFailedSyncNothingOfThatPackIsKeptThatWasNotBefore) {
  const auto one = add("one", "first");
  const auto two = log_->append("two", "second").value();
  const auto three = log_->append("three", "third").value();
  disk_.sync_error = EIO;
  EXPECT_EQ(three.settle().error().code, common::Errc::io);
  // The kernel tells of a lost write once; later syncs that succeed prove nothing.
  disk_.sync_error = 0;
  EXPECT_EQ(two.settle().error().code, common::Errc::io);
  EXPECT_EQ(three.settle().error().code, common::Errc::io);
  const auto four = add("four", "fourth");
  EXPECT_NE(four.place.pack, one.place.pack);
  EXPECT_EQ(read(one).value(), "first");
  EXPECT_EQ(read(four).value(), "fourth");
}

TEST_F(PackLogTest, ASyncThatFindsNoRoomSaysSo) {
  const auto one = log_->append("one", "first").value();
  disk_.sync_error = ENOSPC;
  EXPECT_EQ(one.settle().error().code, S3Errc::insufficient_storage);
}

TEST_F(PackLogTest, WhereNoPackCanBeBegunNothingIsKept) {
  std::filesystem::remove_all(dir_);
  EXPECT_FALSE(log_->append("one", "first"));
  std::filesystem::create_directory(dir_);
  EXPECT_EQ(read(add("two", "second")).value(), "second");
}

TEST_F(PackLogTest, PutsBlobsBehindEachOther) {
  const auto one = add("one", "first"), two = add("two", "second");
  EXPECT_EQ(one.place.pack, "pack-start1-1");
  EXPECT_EQ(two.place.pack, one.place.pack);
  EXPECT_EQ(two.place.offset, one.place.offset + 5 + kPackRecordBytes);
  EXPECT_EQ(read(one).value(), "first");
  EXPECT_EQ(read(two).value(), "second");
  EXPECT_THAT(ids(one.place.pack), testing::ElementsAre("one", "two"));
}

TEST_F(PackLogTest, BeginsANewPackWhenOneIsFullAndAtEachStart) {
  EXPECT_EQ(add("one", std::string(600, 'x')).place.pack, "pack-start1-1");
  EXPECT_EQ(add("two", std::string(600, 'x')).place.pack, "pack-start1-2");
  // Larger than a pack is to be: alone in one.
  EXPECT_EQ(add("big", std::string(2000, 'x')).place.pack, "pack-start1-3");
  begin("start2");
  EXPECT_EQ(add("three", "x").place.pack, "pack-start2-1");
}

TEST_F(PackLogTest, OnlyPacksThatNobodyWritesOrIsAboutToReferToAreFull) {
  auto pending = log_->append("one", std::string(600, 'x')).value();
  EXPECT_THAT(log_->full().value(), IsEmpty());
  add("two", std::string(600, 'x'));
  EXPECT_THAT(log_->full().value(), IsEmpty());
  pending.settle = nullptr;
  auto full = log_->full().value();
  ASSERT_EQ(full.size(), 1u);
  EXPECT_EQ(full[0].name, "pack-start1-1");
  EXPECT_EQ(full[0].size_bytes, 600 + kPackRecordBytes);
  EXPECT_FALSE(full[0].of_earlier_start);
  begin("start2");
  EXPECT_EQ(log_->full().value().size(), 2u);
  EXPECT_TRUE(log_->full().value()[0].of_earlier_start);
}

TEST_F(PackLogTest, ABitThatFlippedIsSeen) {
  const auto blob = add("one", "bytes");
  overwrite(blob.place.pack, blob.place.offset + 2, 'X');
  EXPECT_EQ(read(blob).error().code, common::Errc::corrupt);
}

TEST_F(PackLogTest, ListsUpToATornEnd) {
  const auto one = add("one", "first"), two = add("two", "second");
  const auto path = log_->path(one.place.pack);
  std::filesystem::resize_file(path, two.place.offset + 3);
  EXPECT_THAT(ids(one.place.pack), testing::ElementsAre("one"));
  std::filesystem::resize_file(path, two.place.offset - 3);
  EXPECT_THAT(ids(one.place.pack), testing::ElementsAre("one"));
  std::filesystem::resize_file(path, 10);
  EXPECT_THAT(ids(one.place.pack), IsEmpty());
}

TEST_F(PackLogTest, ListsUpToAHeaderThatIsNotRight) {
  const auto one = add("one", "first"), two = add("two", "second");
  overwrite(one.place.pack, two.place.offset - 20, 'X');
  EXPECT_THAT(ids(one.place.pack), testing::ElementsAre("one"));
}

TEST_F(PackLogTest, AReaderGoesOnWhenThePackIsRemoved) {
  const auto blob = add("one", "bytes");
  const auto open = log_->open(blob.id, blob.place).value();
  ASSERT_TRUE(log_->remove(blob.place.pack));
  ASSERT_TRUE(log_->remove(blob.place.pack));
  EXPECT_EQ(read_whole(*open, "one", 5, blob.crc32c).value(), "bytes");
  EXPECT_EQ(read(blob).error().code, common::Errc::not_found);
}

}  // namespace
}  // namespace angophora::walrus
