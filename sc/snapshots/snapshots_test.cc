#include "sc/snapshots/snapshots.h"

#include <gtest/gtest.h>

#include "common/runtime/sim_runtime.h"
#include "sc/backends/fake_backend.h"
#include "sc/clients/fake_snapshot_store.h"
#include "sc/exports/fake_export_server.h"
#include "sc/store/migrations.h"

namespace angophora::sc {
namespace {

using namespace std::chrono_literals;
using common::Errc;

const VolumeId kVolume("vol-00000001"), kOther("vol-00000002");
const SnapshotId kFirst("snap-00000001"), kSecond("snap-00000002"), kThird("snap-00000003");

// A daemon's life: what is below it in the fixture outlives it.
struct Life {
  Life(common::SimWorld& world, db::Database& db, VolumeBackend& backend, ExportServer& server,
       SnapshotStore& store)
      : runtime(world, "sc"),
        volumes(db, backend),
        exports(runtime, db, volumes, server),
        snapshots(runtime, {db, backend, volumes, exports, store}) {}
  ~Life() { runtime.kill(); }
  common::SimRuntime runtime;
  Volumes volumes;
  Exports exports;
  Snapshots snapshots;
};

class SnapshotsTest : public ::testing::Test {
 protected:
  SnapshotsTest() {
    db::Options options;
    options.path = ":memory:";
    options.inline_io = true;
    db_ = db::Database::open(disk_, options, kMigrations).value();
    begin();
    EXPECT_TRUE(run(life_->volumes.create(kVolume, 1)));
  }
  ~SnapshotsTest() override {
    life_.reset();
    disk_.kill();
  }
  void begin() {
    life_.reset();
    life_ = std::make_unique<Life>(world_, *db_, backend_, server_, store_);
    EXPECT_TRUE(run(life_->exports.start()));
    EXPECT_TRUE(run(life_->snapshots.start()));
  }
  template <class T>
  T run(common::awaitable<T> work) {
    return world_.run(life_->runtime, std::move(work));
  }
  Result<Snapshot> create(const SnapshotId& id, const VolumeId& volume = kVolume) {
    return run(life_->snapshots.create(id, volume));
  }
  Result<> remove(const SnapshotId& id) { return run(life_->snapshots.remove(id)); }
  std::string state(const SnapshotId& id) {
    const auto all = run(life_->snapshots.report());
    for (const auto& report : all.value())
      if (report.snapshot.id == id)
        return std::string(to_string(report.snapshot.state)) + " " + std::to_string(report.percent);
    return "none";
  }
  // What a volume made from the snapshot has.
  std::string content(const SnapshotId& id, std::uint32_t chunk) {
    const auto& map = store_.maps.at(id);
    for (const auto& entry : map.entries)
      if (entry.number == chunk) {
        const auto& bytes = store_.chunks.at(entry.name);
        return bytes.substr(0, bytes.find('\0'));
      }
    return "";
  }
  void write(std::uint32_t chunk, const char* text) { backend_.write(kVolume, chunk, text); }

  common::SimWorld world_;
  common::SimRuntime disk_{world_, "disk"};
  FakeBackend backend_;
  FakeExportServer server_;
  FakeSnapshotStore store_;
  std::unique_ptr<db::Database> db_;
  std::unique_ptr<Life> life_;
};

TEST_F(SnapshotsTest, BringsWhatTheVolumeHadAtThePointInTime) {
  write(3, "a");
  const auto taken = create(kFirst);
  ASSERT_TRUE(taken);
  EXPECT_EQ(taken.value().state, SnapshotState::pending);
  write(3, "later");
  write(4, "later");
  world_.run_for(5s);
  EXPECT_EQ(state(kFirst), "completed 100");
  EXPECT_EQ(content(kFirst, 3), "a");
  EXPECT_EQ(store_.maps.at(kFirst).entries.size(), 1u);
  EXPECT_EQ(store_.maps.at(kFirst).volume_bytes, kBytesPerGib);
  EXPECT_TRUE(backend_.pending[kVolume].empty());
}

TEST_F(SnapshotsTest, ReadsWhatWasWrittenSinceTheLastOneAlone) {
  for (std::uint32_t n = 0; n < 10; ++n) write(n, "old");
  ASSERT_TRUE(create(kFirst));
  world_.run_for(5s);
  EXPECT_EQ(backend_.reads, 10);
  write(2, "new");
  write(20, "new");
  write(3, "");
  ASSERT_TRUE(create(kSecond));
  world_.run_for(5s);
  EXPECT_EQ(backend_.reads, 13);
  EXPECT_EQ(content(kSecond, 1), "old");
  EXPECT_EQ(content(kSecond, 2), "new");
  EXPECT_EQ(content(kSecond, 3), "");
  EXPECT_EQ(content(kSecond, 20), "new");
  EXPECT_EQ(content(kFirst, 2), "old");
  EXPECT_TRUE(store_.holders.empty());
}

TEST_F(SnapshotsTest, CountsForOperators) {
  for (std::uint32_t n = 0; n < 3; ++n) write(n, n == 0 ? "a" : "b");
  store_.away = true;
  ASSERT_TRUE(create(kFirst));
  world_.run_for(5s);
  EXPECT_EQ(life_->snapshots.pending(), 1u);
  EXPECT_EQ(life_->snapshots.waiting(), 1u);
  EXPECT_EQ(life_->snapshots.figures().completed, 0u);
  store_.away = false;
  world_.run_for(10s);
  EXPECT_EQ(life_->snapshots.pending(), 0u);
  EXPECT_EQ(life_->snapshots.waiting(), 0u);
  store_.hands_out = false;
  ASSERT_TRUE(run(life_->snapshots.create_volume(kOther, 1, kFirst)));
  world_.run_for(2s);
  EXPECT_EQ(life_->snapshots.filler().volumes(), 1u);
  EXPECT_EQ(life_->snapshots.filler().missing(), 3u);
  store_.hands_out = true;
  world_.run_for(10s);
  EXPECT_EQ(life_->snapshots.filler().volumes(), 0u);
  EXPECT_EQ(life_->snapshots.filler().missing(), 0u);
  const auto& figures = life_->snapshots.figures();
  EXPECT_EQ(figures.taken, 1u);
  EXPECT_EQ(figures.completed, 1u);
  EXPECT_EQ(figures.failed, 0u);
  EXPECT_GE(figures.chunks_sent, 2u) << "two that are alike may go at once";
  EXPECT_LE(figures.chunks_sent, 3u);
  EXPECT_EQ(figures.chunks_fetched, 3u);
}

TEST_F(SnapshotsTest, IsRepeatable) {
  ASSERT_TRUE(create(kFirst));
  world_.run_for(5s);
  write(1, "later");
  EXPECT_EQ(create(kFirst).value().state, SnapshotState::completed);
  EXPECT_EQ(content(kFirst, 1), "");
  EXPECT_EQ(create(kFirst, kOther).error().code, Errc::invalid_argument);
  // Ended ones leave the report, and come into it again when they are asked for.
  world_.run_for(2h);
  EXPECT_EQ(state(kFirst), "none");
  ASSERT_TRUE(create(kFirst));
  EXPECT_EQ(state(kFirst), "completed 100");
}

TEST_F(SnapshotsTest, RefusesWhatIsNotThere) {
  EXPECT_EQ(create(kFirst, kOther).error().code, Errc::not_found);
  EXPECT_EQ(create(SnapshotId("snap-../x")).error().code, VolumeErrc::bad_id);
  EXPECT_EQ(run(life_->snapshots.create_volume(kOther, 1, kFirst)).error().code, Errc::not_found);
  EXPECT_TRUE(remove(kFirst));
}

TEST_F(SnapshotsTest, WaitsForAnObjectStoreThatIsAwayOrFull) {
  write(1, "a");
  store_.away = true;
  ASSERT_TRUE(create(kFirst));
  write(1, "b");
  world_.run_for(60s);
  EXPECT_EQ(state(kFirst), "pending 0");
  store_.away = false;
  store_.full = true;
  world_.run_for(60s);
  EXPECT_EQ(state(kFirst), "pending 0");
  store_.full = false;
  world_.run_for(10s);
  EXPECT_EQ(state(kFirst), "completed 100");
  EXPECT_EQ(content(kFirst, 1), "a");
}

TEST_F(SnapshotsTest, WithoutItsBaseItReadsEverything) {
  write(1, "a");
  write(2, "b");
  ASSERT_TRUE(create(kFirst));
  world_.run_for(5s);
  ASSERT_TRUE(remove(kFirst));
  store_.chunks.clear();
  ASSERT_TRUE(create(kSecond));
  world_.run_for(5s);
  EXPECT_EQ(content(kSecond, 1), "a");
  EXPECT_EQ(content(kSecond, 2), "b");
  // One that another zone's component removed, or an object store that does not answer now.
  store_.away = true;
  write(2, "c");
  ASSERT_TRUE(create(kThird));
  store_.away = false;
  ASSERT_TRUE(run(store_.remove(kSecond)));
  store_.chunks.clear();
  world_.run_for(10s);
  EXPECT_EQ(content(kThird, 1), "a");
  EXPECT_EQ(content(kThird, 2), "c");
}

TEST_F(SnapshotsTest, SeveralOfOneVolumeMayBePending) {
  write(1, "a");
  store_.away = true;
  ASSERT_TRUE(create(kFirst));
  write(1, "b");
  ASSERT_TRUE(create(kSecond));
  write(2, "c");
  ASSERT_TRUE(create(kThird));
  ASSERT_TRUE(create(SnapshotId("snap-00000004")));
  ASSERT_TRUE(create(SnapshotId("snap-00000005")));
  EXPECT_EQ(create(SnapshotId("snap-00000006")).error().code, VolumeErrc::busy);
  store_.away = false;
  ASSERT_TRUE(remove(kSecond));
  world_.run_for(20s);
  EXPECT_EQ(content(kFirst, 1), "a");
  EXPECT_EQ(content(kThird, 1), "b");
  EXPECT_EQ(content(kThird, 2), "c");
  EXPECT_FALSE(store_.maps.contains(kSecond));
  write(3, "d");
  ASSERT_TRUE(create(SnapshotId("snap-00000006")));
  world_.run_for(20s);
  EXPECT_EQ(content(SnapshotId("snap-00000006"), 2), "c");
  EXPECT_EQ(content(SnapshotId("snap-00000006"), 3), "d");
  EXPECT_TRUE(store_.holders.empty());
}

TEST_F(SnapshotsTest, WhatAnEndedOneNeededTheNextOneNeeds) {
  write(1, "a");
  ASSERT_TRUE(create(kFirst));
  world_.run_for(5s);
  write(2, "b");
  store_.full = true;
  ASSERT_TRUE(create(kSecond));
  backend_.pending[kVolume][kSecond].failure = "the pool was full";
  store_.full = false;
  world_.run_for(10s);
  EXPECT_EQ(state(kSecond), "error 0");
  ASSERT_TRUE(create(kThird));
  world_.run_for(10s);
  EXPECT_EQ(content(kThird, 1), "a");
  EXPECT_EQ(content(kThird, 2), "b");
}

TEST_F(SnapshotsTest, GoesOnAfterACrashAtAnyPoint) {
  for (int ms = 0; ms < 40; ++ms) {
    char digits[9];
    std::snprintf(digits, sizeof digits, "%08x", 0x100 + ms);
    const SnapshotId id(std::string("snap-") + digits);
    const auto text = "text " + std::to_string(ms);
    write(static_cast<std::uint32_t>(ms), text.c_str());
    life_->runtime.spawn("create",
                         [](Snapshots& snapshots, SnapshotId which) -> common::awaitable<void> {
                           (void)co_await snapshots.create(which, kVolume);
                         }(life_->snapshots, id));
    world_.run_for(std::chrono::microseconds(ms * 50));
    begin();
    const auto taken = create(id);
    ASSERT_TRUE(taken) << taken.error().message;
    world_.run_for(10s);
    EXPECT_EQ(state(id), "completed 100");
    for (int n = 0; n <= ms; ++n)
      EXPECT_EQ(content(id, static_cast<std::uint32_t>(n)), "text " + std::to_string(n)) << ms;
    EXPECT_TRUE(backend_.pending[kVolume].empty());
    EXPECT_TRUE(store_.holders.empty());
  }
}

TEST_F(SnapshotsTest, AVolumeFromASnapshotFillsInTheBackground) {
  for (std::uint32_t n = 0; n < 30; ++n) write(n, ("chunk " + std::to_string(n)).c_str());
  ASSERT_TRUE(create(kFirst));
  world_.run_for(5s);
  store_.hands_out = false;
  ASSERT_TRUE(run(life_->snapshots.create_volume(kOther, 2, kFirst)));
  EXPECT_GT(life_->snapshots.filler().missing(kOther), 0u);
  ASSERT_TRUE(run(life_->snapshots.create_volume(kOther, 2, kFirst))) << "a repeated request";
  // The snapshot may go: what the volume lacks stays.
  ASSERT_TRUE(remove(kFirst));
  EXPECT_TRUE(store_.maps.contains(kFirst));
  begin();
  store_.hands_out = true;
  world_.run_for(10s);
  EXPECT_EQ(life_->snapshots.filler().missing(kOther), 0u);
  EXPECT_EQ(backend_.written[kOther].size(), 30u);
  EXPECT_EQ(backend_.written[kOther][29], "chunk 29");
  EXPECT_TRUE(store_.holders.empty());
  EXPECT_FALSE(store_.maps.contains(kFirst));
}

TEST_F(SnapshotsTest, AVolumeIsNotSmallerThanItsSnapshot) {
  ASSERT_TRUE(run(life_->volumes.create(kOther, 2)));
  ASSERT_TRUE(create(kFirst, kOther));
  world_.run_for(5s);
  const VolumeId small("vol-00000003");
  EXPECT_EQ(run(life_->snapshots.create_volume(small, 1, kFirst)).error().code,
            VolumeErrc::bad_size);
  EXPECT_TRUE(store_.holders.empty());
  EXPECT_FALSE(backend_.volumes.contains(small));
}

TEST_F(SnapshotsTest, ASnapshotOfAVolumeThatIsStillFilling) {
  write(1, "a");
  write(2, "b");
  ASSERT_TRUE(create(kFirst));
  world_.run_for(5s);
  store_.hands_out = false;
  ASSERT_TRUE(run(life_->snapshots.create_volume(kOther, 1, kFirst)));
  backend_.write(kOther, 5, "c");
  ASSERT_TRUE(create(kSecond, kOther));
  world_.run_for(5s);
  EXPECT_EQ(content(kSecond, 1), "a");
  EXPECT_EQ(content(kSecond, 2), "b");
  EXPECT_EQ(content(kSecond, 5), "c");
  EXPECT_EQ(backend_.lacking[kOther].size(), 2u);
}

TEST_F(SnapshotsTest, ALostChunkIsSaidToThoseWhoWaitUntilItIsBack) {
  write(1, "a");
  ASSERT_TRUE(create(kFirst));
  world_.run_for(5s);
  const auto chunks = std::exchange(store_.chunks, {});
  ASSERT_TRUE(run(life_->snapshots.create_volume(kOther, 1, kFirst)));
  world_.run_for(5s);
  EXPECT_TRUE(backend_.fill_failed.contains(kOther));
  EXPECT_NE(life_->snapshots.filler().trouble(kOther), "");
  store_.chunks = chunks;
  world_.run_for(60s);
  EXPECT_FALSE(backend_.fill_failed.contains(kOther));
  EXPECT_EQ(backend_.written[kOther][1], "a");
}

TEST_F(SnapshotsTest, AVolumeStaysWhileItsSnapshotsArePending) {
  write(1, "a");
  store_.away = true;
  ASSERT_TRUE(create(kFirst));
  EXPECT_EQ(run(life_->snapshots.remove_volume(kVolume)).error().code, VolumeErrc::in_use);
  store_.away = false;
  world_.run_for(10s);
  EXPECT_TRUE(run(life_->snapshots.remove_volume(kVolume)));
  EXPECT_EQ(content(kFirst, 1), "a");
  EXPECT_TRUE(remove(kFirst)) << "its volume is gone";
}

TEST_F(SnapshotsTest, RemovingAVolumeEndsItsFilling) {
  write(1, "a");
  ASSERT_TRUE(create(kFirst));
  world_.run_for(5s);
  ASSERT_TRUE(run(life_->snapshots.create_volume(kOther, 1, kFirst)));
  ASSERT_TRUE(run(life_->snapshots.remove_volume(kOther)));
  world_.run_for(5s);
  EXPECT_TRUE(store_.holders.empty());
  EXPECT_EQ(life_->snapshots.filler().missing(kOther), 0u);
}

TEST_F(SnapshotsTest, RemovingOneWhileTheObjectStoreIsAwayIsSaid) {
  write(1, "a");
  ASSERT_TRUE(create(kFirst));
  world_.run_for(5s);
  store_.away = true;
  EXPECT_EQ(remove(kFirst).error().code, Errc::unavailable);
  EXPECT_EQ(state(kFirst), "none");
  EXPECT_EQ(create(kFirst).error().code, Errc::not_found) << "it is being removed";
  begin();
  store_.away = false;
  EXPECT_TRUE(remove(kFirst));
  EXPECT_TRUE(store_.maps.empty());
}

TEST_F(SnapshotsTest, AFullPoolTakesNone) {
  backend_.failure = "full";
  EXPECT_EQ(create(kFirst).error().code, VolumeErrc::pool_full);
  EXPECT_EQ(state(kFirst), "none");
  backend_.failure.clear();
  EXPECT_TRUE(create(kFirst));
}

}  // namespace
}  // namespace angophora::sc
