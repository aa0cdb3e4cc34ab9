#include "walrus/chunks/chunk_store.h"

#include <gmock/gmock.h>
#include <stdlib.h>
#include <unistd.h>

#include <filesystem>

#include "common/runtime/sim_runtime.h"
#include "walrus/objects/local_blob_store.h"
#include "walrus/s3/commit.h"
#include "walrus/store/migrations.h"

namespace angophora::walrus {
namespace {

using common::Errc;
using std::chrono::hours;
using testing::ElementsAre;
using testing::IsEmpty;
namespace fs = std::filesystem;

class Chunked : public testing::Test {
 protected:
  Chunked() {
    char pattern[] = "/tmp/angophora-chunks-XXXXXX";
    dir_ = mkdtemp(pattern);
    open();
  }
  ~Chunked() override {
    runtime_.kill();
    fs::remove_all(dir_);
  }
  void open(std::uint64_t reserve_bytes = 0) {
    store_.reset();
    blobs_ = std::move(LocalBlobStore::open({dir_, reserve_bytes, 0}, "start").value());
    if (!db_) {
      db::Options options;
      options.path = ":memory:";
      options.inline_io = true;
      db_ = std::move(db::Database::open(runtime_, options, kMigrations).value());
    }
    services_.reset(new Services{runtime_, *db_, *blobs_, leases_, book_, {}});
    leases_.on_released(
        [s = services_.get()](BlobLeases::Blobs blobs) { discard_blobs(*s, std::move(blobs)); });
    store_ = std::make_unique<ChunkStore>(*services_);
  }
  template <class T>
  Result<T> run(Task<T> task) {
    return world_.run(runtime_, std::move(task));
  }
  auto put(const std::string& bytes) { return run(store_->put(chunks::name_of(bytes), bytes)); }
  bool has(const std::string& bytes) { return run(store_->has(chunks::name_of(bytes))).value(); }
  std::string get(const std::string& bytes) {
    const auto open = run(store_->open(chunks::name_of(bytes)));
    if (!open) return "gone: " + open.error().message;
    std::string read(open.value().object.size_bytes, '?');
    EXPECT_TRUE(open.value().content.at(0).blob->read(0, read));
    return read;
  }
  ChunkMap map(const std::vector<std::string>& contents) {
    ChunkMap map;
    map.volume_bytes = 1 << 30;
    for (std::uint32_t i = 0; i < contents.size(); ++i)
      map.entries.push_back({i * 3, chunks::name_of(contents[i])});
    return map;
  }
  auto put_map(const std::string& id, const std::vector<std::string>& contents) {
    return run(store_->put_map(id, map(contents)));
  }
  void sweep() {
    ASSERT_TRUE(run(store_->sweep()));
    world_.run_for(std::chrono::seconds(1));  // files go in the background
  }
  std::size_t files() {
    std::size_t count = 0;
    for (const auto& entry : fs::recursive_directory_iterator(dir_))
      count += entry.is_regular_file();
    return count;
  }

  std::string dir_;
  common::SimWorld world_;
  common::SimRuntime runtime_{world_, "walrus"};
  std::unique_ptr<BlobStore> blobs_;
  std::unique_ptr<db::Database> db_;
  BlobLeases leases_;
  IdentityBook book_{runtime_, [](const std::string& s) { return Result<std::string>(s); },
                     hours(1)};
  std::unique_ptr<Services> services_;
  std::unique_ptr<ChunkStore> store_;
};

TEST_F(Chunked, KeepsAChunkOnceUnderTheNameOfItsBytes) {
  EXPECT_FALSE(has("koala"));
  ASSERT_TRUE(put("koala"));
  ASSERT_TRUE(put("koala"));
  EXPECT_TRUE(has("koala"));
  EXPECT_EQ(get("koala"), "koala");
  EXPECT_EQ(files(), 1u);
  EXPECT_EQ(run(store_->open(chunks::name_of("wombat"))).error().code, Errc::not_found);
}

TEST_F(Chunked, RefusesBytesOfAnotherNameAndTooMany) {
  EXPECT_EQ(run(store_->put(chunks::name_of("koala"), "wombat")).error().code, Errc::corrupt);
  EXPECT_FALSE(has("koala"));
  const std::string large(chunks::kChunkBytes + 1, 'x');
  EXPECT_EQ(put(large).error().code, Errc::limit_exceeded);
  EXPECT_EQ(files(), 0u);
}

TEST_F(Chunked, SaysThatTheDiskIsFullAndTakesTheChunkWhenThereIsRoomAgain) {
  open(std::uint64_t{1} << 60);
  EXPECT_EQ(put("koala").error().code, S3Errc::insufficient_storage);
  EXPECT_FALSE(has("koala"));
  EXPECT_EQ(files(), 0u);
  open(0);
  EXPECT_TRUE(put("koala"));
}

TEST_F(Chunked, KeepsAMapOnlyWhenAllOfItsChunksAreThere) {
  ASSERT_TRUE(put("a"));
  EXPECT_THAT(put_map("snap-00000001", {"a", "b", "c"}).value(), ElementsAre(3, 6));
  EXPECT_EQ(run(store_->get_map("snap-00000001")).error().code, Errc::not_found);
  ASSERT_TRUE(put("b"));
  ASSERT_TRUE(put("c"));
  EXPECT_THAT(put_map("snap-00000001", {"a", "b", "c"}).value(), IsEmpty());
  EXPECT_EQ(run(store_->get_map("snap-00000001")).value(), map({"a", "b", "c"}));
  EXPECT_THAT(put_map("snap-00000001", {"a", "b", "c"}).value(), IsEmpty()) << "a repeated request";
}

TEST_F(Chunked, RefusedMapsLeaveNoReference) {
  ASSERT_TRUE(put("a"));
  for (int i = 0; i < 3; ++i) EXPECT_EQ(put_map("snap-00000001", {"a", "b"}).value().size(), 1u);
  world_.run_for(hours(7 * 24 + 1));
  sweep();
  EXPECT_FALSE(has("a"));
  EXPECT_EQ(files(), 0u);
}

TEST_F(Chunked, AnySnapshotMayGoAndTheOthersStayWhole) {
  for (const auto* bytes : {"a", "b", "c"}) ASSERT_TRUE(put(bytes));
  ASSERT_TRUE(put_map("snap-00000001", {"a", "b"}).value().empty());
  ASSERT_TRUE(put_map("snap-00000002", {"b", "c"}).value().empty());
  ASSERT_TRUE(run(store_->remove_map("snap-00000001")));
  ASSERT_TRUE(run(store_->remove_map("snap-00000001"))) << "a repeated request";
  EXPECT_EQ(run(store_->get_map("snap-00000001")).error().code, Errc::not_found);
  sweep();
  world_.run_for(hours(7 * 24 + 1));
  sweep();
  EXPECT_EQ(get("a").substr(0, 5), "gone:");
  EXPECT_EQ(get("b"), "b");
  EXPECT_EQ(get("c"), "c");
  EXPECT_EQ(files(), 2u);
  EXPECT_EQ(run(store_->get_map("snap-00000002")).value(), map({"b", "c"}));
}

TEST_F(Chunked, AChunkThatOneMapNamesTwiceIsCountedTwice) {
  ASSERT_TRUE(put("a"));
  ASSERT_TRUE(put_map("snap-00000001", {"a", "a"}).value().empty());
  ASSERT_TRUE(put_map("snap-00000002", {"a"}).value().empty());
  ASSERT_TRUE(run(store_->remove_map("snap-00000001")));
  world_.run_for(hours(7 * 24 + 1));
  sweep();
  world_.run_for(hours(7 * 24 + 1));
  sweep();
  EXPECT_EQ(get("a"), "a");
}

TEST_F(Chunked, AnUploadUnderWayKeepsItsChunks) {
  ASSERT_TRUE(put("a"));
  ASSERT_TRUE(put("b"));
  world_.run_for(hours(7 * 24 - 1));
  EXPECT_TRUE(has("a"));  // the uploader finds it there and does not send it
  world_.run_for(hours(2));
  sweep();
  EXPECT_TRUE(has("a"));
  EXPECT_FALSE(has("b")) << "nobody has asked for it for a week";
  EXPECT_THAT(put_map("snap-00000001", {"a", "b"}).value(), ElementsAre(3));
}

TEST_F(Chunked, WhatIsHeldStaysUntilItIsLetGo) {
  ASSERT_TRUE(put("a"));
  ASSERT_TRUE(put_map("snap-00000001", {"a"}).value().empty());
  EXPECT_EQ(run(store_->hold("snap-00000001", "vol-00000001")).value(), 1u << 30);
  ASSERT_TRUE(run(store_->remove_map("snap-00000001")));
  world_.run_for(hours(7 * 24 + 1));
  sweep();
  EXPECT_EQ(get("a"), "a");
  EXPECT_EQ(run(store_->get_map("snap-00000001")).value(), map({"a"}));
  EXPECT_EQ(run(store_->hold("snap-00000001", "vol-00000002")).error().code, Errc::not_found);
  EXPECT_EQ(put_map("snap-00000001", {"a"}).error().code, Errc::not_found);
  ASSERT_TRUE(run(store_->let_go("snap-00000001", "vol-00000001")));
  sweep();
  EXPECT_EQ(run(store_->get_map("snap-00000001")).error().code, Errc::not_found);
  world_.run_for(hours(7 * 24 + 1));
  sweep();
  EXPECT_EQ(files(), 0u);
}

TEST_F(Chunked, WhatACrashLeftOfAMapIsUndone) {
  ASSERT_TRUE(put("a"));
  auto half = [entries = map({"a"}).entries](Tx& tx) -> Result<> {
    TRY_VOID(ChunkMaps(tx).insert_open("snap-00000001", 1 << 30));
    TRY_VOID(ChunkMaps(tx).add("snap-00000001", entries));
    return common::ok();
  };
  ASSERT_TRUE(run(db_->write(half)));
  EXPECT_EQ(run(store_->get_map("snap-00000001")).error().code, Errc::not_found);
  // Brought again it is as if it had not been there; left alone it goes.
  ASSERT_TRUE(put_map("snap-00000001", {"a"}).value().empty());
  ASSERT_TRUE(run(store_->remove_map("snap-00000001")));
  sweep();
  ASSERT_TRUE(run(db_->write(half)));
  sweep();
  world_.run_for(hours(7 * 24 + 1));
  sweep();
  EXPECT_EQ(files(), 0u);
}

TEST_F(Chunked, AMapOfManyChunksComesAndGoes) {
  ChunkMap large;
  large.volume_bytes = std::uint64_t{8} << 30;
  ASSERT_TRUE(put("a"));
  for (std::uint32_t i = 0; i < 5000; ++i) large.entries.push_back({i, chunks::name_of("a")});
  ASSERT_TRUE(run(store_->put_map("snap-00000001", large)).value().empty());
  EXPECT_EQ(run(store_->get_map("snap-00000001")).value(), large);
  ASSERT_TRUE(run(store_->remove_map("snap-00000001")));
  sweep();
  world_.run_for(hours(7 * 24 + 1));
  sweep();
  EXPECT_FALSE(has("a"));
}

}  // namespace
}  // namespace angophora::walrus
