// What users see when the disk is full or broken: an error, and all that was there before.
#include "walrus/http/door_fixture.h"
#include "walrus/objects/faulty_disk.h"
#include "walrus/objects/local_blob_store.h"

namespace angophora::walrus {
namespace {

constexpr std::size_t kPackedMax = 100;

class DiskFaults : public FrontDoorTest, public testing::WithParamInterface<std::size_t> {
 protected:
  void SetUp() override {
    FrontDoorTest::SetUp();
    blobs_ =
        std::move(LocalBlobStore::open({dir_, 0, kPackedMax, 64 << 20, &disk_}, "faulty").value());
    services_.reset(new Services{runtime_, *db_, *blobs_, leases_, book_, {"s3.test", "r", 5}});
    door_ = std::make_unique<FrontDoor>(*services_, nullptr);
    make_bucket();
  }
  std::string body(char c) const { return std::string(GetParam(), c); }
  Answer put(const std::string& key, char c) { return send({"PUT", "/bucket/" + key, body(c)}); }
  std::string get(const std::string& key) { return send({"GET", "/bucket/" + key, ""}).body; }

  FaultyDisk disk_;
};

TEST_P(DiskFaults, AFullDiskIsSaidAndLosesNothing) {
  EXPECT_EQ(put("key", 'a').status, 200);
  disk_.write_error = ENOSPC;
  disk_.bytes_before_error = GetParam() / 2;
  const auto refused = put("key", 'b');
  EXPECT_EQ(refused.status, 507);
  EXPECT_EQ(refused.code(), "InsufficientStorage");
  EXPECT_EQ(put("other", 'b').status, 507);
  EXPECT_EQ(get("key"), body('a'));
  EXPECT_EQ(send({"GET", "/bucket/other", ""}).status, 404);
  EXPECT_EQ(send({"DELETE", "/bucket/key", ""}).status, 204);
  disk_.write_error = 0;
  EXPECT_EQ(put("key", 'c').status, 200);
  EXPECT_EQ(get("key"), body('c'));
}

TEST_P(DiskFaults, WhatCouldNotBeSyncedIsNoObject) {
  EXPECT_EQ(put("key", 'a').status, 200);
  disk_.sync_error = EIO;
  const auto refused = put("key", 'b');
  EXPECT_EQ(refused.status, 500);
  EXPECT_EQ(refused.code(), "InternalError");
  EXPECT_EQ(get("key"), body('a'));
  disk_.sync_error = 0;
  EXPECT_EQ(put("key", 'c').status, 200);
  EXPECT_EQ(get("key"), body('c'));
}

TEST_P(DiskFaults, AReadOnlyDiskStillReads) {
  EXPECT_EQ(put("key", 'a').status, 200);
  disk_.write_error = EROFS;
  EXPECT_EQ(put("key", 'b').status, 500);
  EXPECT_EQ(get("key"), body('a'));
}

INSTANTIATE_TEST_SUITE_P(InPacksAndFiles, DiskFaults, testing::Values(kPackedMax, 5000));

}  // namespace
}  // namespace angophora::walrus
