#include "walrus/objects/local_blob_store.h"

#include <gmock/gmock.h>
#include <stdlib.h>
#include <unistd.h>

#include <filesystem>

#include "common/base/encoding.h"
#include "common/crypto/crc.h"
#include "walrus/domain/s3_errors.h"
#include "walrus/objects/faulty_disk.h"
#include "walrus/objects/leases.h"
#include "walrus/objects/upload_sink.h"

namespace angophora::walrus {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class Blobs : public testing::Test {
 protected:
  void SetUp() override {
    char pattern[] = "/tmp/angophora-blobs-XXXXXX";
    dir_ = mkdtemp(pattern);
    open("start1");
  }
  void TearDown() override {
    store_.reset();
    std::filesystem::remove_all(dir_);
  }
  void open(const std::string& start, std::uint64_t reserve_bytes = 0) {
    store_.reset();
    store_ =
        std::move(LocalBlobStore::open({dir_, reserve_bytes, 0, 64 << 20, &disk_}, start).value());
  }
  std::size_t files() const {
    std::size_t count = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(dir_))
      count += entry.is_regular_file();
    return count;
  }
  // The error of a body of "data" under `promise`.
  Result<ReceivedBody> receive(BodyPromise promise) {
    UploadSink sink(*store_, "ab11", std::move(promise));
    TRY_VOID(sink.take("da"));
    TRY_VOID(sink.take("ta"));
    return sink.finish();
  }

  std::string dir_;
  FaultyDisk disk_;
  std::unique_ptr<BlobStore> store_;
};

TEST_F(Blobs, WhatTheDiskRefusesLeavesNothing) {
  disk_.write_error = ENOSPC;
  disk_.bytes_before_error = 3;
  EXPECT_EQ(receive({}).error().code, S3Errc::insufficient_storage);
  disk_.write_error = EIO;
  EXPECT_EQ(receive({}).error().code, common::Errc::io);
  disk_.write_error = 0;
  disk_.sync_error = EIO;
  EXPECT_EQ(receive({}).error().code, common::Errc::io);
  EXPECT_EQ(files(), 0u);
  disk_.sync_error = 0;
  EXPECT_TRUE(receive({}));
  EXPECT_EQ(files(), 1u);
}

TEST_F(Blobs, ADraftThatIsDroppedLeavesNothing) {
  {
    auto draft = store_->draft("ab02", 5).value();
    ASSERT_TRUE(draft->write("bytes"));
    EXPECT_EQ(files(), 1u);
  }
  EXPECT_EQ(files(), 0u);
}

TEST_F(Blobs, DraftsOfACrashGoAtTheNextStart) {
  auto draft = store_->draft("ab05", 5).value();
  ASSERT_TRUE(draft->write("bytes"));
  std::filesystem::copy(dir_ + "/drafts/" + draft->id(), dir_ + "/drafts/left-by-a-crash");
  draft.reset();
  EXPECT_EQ(files(), 1u);
  open("start2");
  EXPECT_EQ(files(), 0u);
}

TEST_F(Blobs, ADiskWithoutRoomIsSaidBeforeAnythingIsWritten) {
  open("start2", UINT64_MAX / 2);
  EXPECT_EQ(store_->draft("ab06", 5).error().code, S3Errc::insufficient_storage);
  EXPECT_EQ(files(), 0u);
}

TEST_F(Blobs, ABodyThatIsWhatWasPromisedIsKept) {
  BodyPromise promise;
  promise.size_bytes = 4;
  promise.md5 = crypto::md5("data");
  promise.sha256_hex = crypto::sha256_hex("data");
  promise.checksum_kind = ChecksumKind::sha1;
  promise.checksum = crypto::sha1("data");
  const auto received = receive(std::move(promise));
  ASSERT_TRUE(received) << received.error().message;
  const auto id = received.value().content.at(0).blob;
  EXPECT_EQ(read_whole(*store_->open(id, {}).value(), id, 4, crypto::crc32c("data")).value(),
            "data");
}

TEST_F(Blobs, ABodyThatIsNotWhatWasPromisedLeavesNothing) {
  const auto refusal = [&](auto change) {
    BodyPromise promise;
    change(promise);
    return receive(std::move(promise)).error().code;
  };
  EXPECT_EQ(refusal([](auto& p) { p.md5 = crypto::md5("other"); }), S3Errc::bad_digest);
  EXPECT_EQ(refusal([](auto& p) { p.sha256_hex = crypto::sha256_hex("other"); }),
            S3Errc::content_sha256_mismatch);
  EXPECT_EQ(refusal([](auto& p) {
              p.checksum_kind = ChecksumKind::crc32c;
              p.checksum = "1234";
            }),
            S3Errc::bad_digest);
  EXPECT_EQ(refusal([](auto& p) {
              p.checksum_kind = ChecksumKind::crc32c;
              p.checksum_trailer = "x-amz-checksum-crc32c";
            }),
            S3Errc::invalid_request);
  EXPECT_EQ(refusal([](auto& p) { p.size_bytes = 5; }), S3Errc::incomplete_body);
  EXPECT_EQ(refusal([](auto& p) { p.size_bytes = 3; }), S3Errc::invalid_request);
  EXPECT_EQ(files(), 0u);
}

TEST_F(Blobs, AnEmptyBodyNeedsNoFile) {
  UploadSink sink(*store_, "ab12", {});
  const auto received = sink.finish().value();
  EXPECT_THAT(received.content, IsEmpty());
  EXPECT_EQ(common::hex_encode(received.digests.md5), "d41d8cd98f00b204e9800998ecf8427e");
  EXPECT_EQ(files(), 0u);
}

TEST(BlobLeases, PutRemovalOffUntilTheLastReaderIsDone) {
  BlobLeases leases;
  BlobLeases::Blobs discarded;
  leases.on_released([&](BlobLeases::Blobs blobs) { discarded = std::move(blobs); });
  auto one = leases.hold({"a", "b"});
  auto two = leases.hold({"a"});
  BlobLeases::Blobs unwanted = {"a", "c"};
  leases.defer(unwanted);
  EXPECT_THAT(unwanted, ElementsAre("c"));
  one.reset();
  EXPECT_THAT(discarded, IsEmpty());
  two.reset();
  EXPECT_THAT(discarded, ElementsAre("a"));
}

}  // namespace
}  // namespace angophora::walrus
