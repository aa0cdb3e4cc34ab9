// What runs in the background of the object store, over a database in memory and a folder of its
// own.
#pragma once

#include <fcntl.h>
#include <gmock/gmock.h>
#include <stdlib.h>
#include <unistd.h>

#include <filesystem>

#include "common/runtime/sim_runtime.h"
#include "walrus/objects/local_blob_store.h"
#include "walrus/s3/operation.h"
#include "walrus/store/blobs.h"
#include "walrus/store/migrations.h"

namespace angophora::walrus {

class BackgroundTest : public testing::Test {
 protected:
  void SetUp() override {
    char pattern[] = "/tmp/angophora-collector-XXXXXX";
    dir_ = mkdtemp(pattern);
    db_ = open_database();
    start("start1");
  }
  void TearDown() override {
    runtime_.kill();
    std::filesystem::remove_all(dir_);
  }
  std::unique_ptr<db::Database> open_database() {
    db::Options options;
    options.path = ":memory:";
    options.inline_io = true;
    return std::move(db::Database::open(runtime_, options, kMigrations).value());
  }
  void start(const std::string& name) {
    blobs_ = std::move(LocalBlobStore::open({dir_, 0, 1000, 2000}, name).value());
    services_.reset(new Services{runtime_, *db_, *blobs_, leases_, book_, {}});
  }
  template <class F>
  auto write(F f) {
    return world_.run(runtime_, db_->write(std::move(f)));
  }
  Segment append(const std::string& bytes) {
    auto draft = blobs_->draft(runtime_.random_hex(24), bytes.size()).value();
    EXPECT_TRUE(draft->write(bytes));
    return segment_of(draft->keep().value());
  }
  // With a row that refers to it.
  Segment put(const std::string& bytes) {
    auto segment = append(bytes);
    EXPECT_TRUE(write([&](Tx& tx) { return Blobs(tx).refer({segment}, true); }));
    segment.fresh = nullptr;
    return segment;
  }
  void remove(const Segment& segment) {
    FreedBlobs freed;
    EXPECT_TRUE(write([&](Tx& tx) { return Blobs(tx).release({segment}, freed); }));
    EXPECT_THAT(freed, testing::IsEmpty());
  }
  BlobPlace place(const Segment& segment) {
    return write([&](Tx& tx) { return Blobs(tx).find(segment.blob); }).value().place;
  }
  Result<std::string> read(const Segment& segment) {
    TRY(const auto found, write([&](Tx& tx) { return Blobs(tx).find(segment.blob); }));
    TRY(const auto open, blobs_->open(segment.blob, found.place));
    return read_whole(*open, segment.blob, found.size_bytes, found.crc32c);
  }
  void overwrite(const std::string& path, std::uint64_t offset, char byte) {
    const int fd = ::open(path.c_str(), O_WRONLY);
    EXPECT_EQ(::pwrite(fd, &byte, 1, static_cast<off_t>(offset)), 1);
    ::close(fd);
  }

  std::string dir_;
  common::SimWorld world_;
  common::SimRuntime runtime_{world_, "walrus"};
  std::unique_ptr<BlobStore> blobs_;
  std::unique_ptr<db::Database> db_;
  BlobLeases leases_;
  IdentityBook book_{runtime_, [](const std::string& s) { return Result<std::string>(s); },
                     std::chrono::hours(1)};
  std::unique_ptr<Services> services_;
};

}  // namespace angophora::walrus
