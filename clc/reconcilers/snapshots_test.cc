#include <gtest/gtest.h>

#include "clc/reconcilers/reconcilers_fixture.h"
#include "clc/store/snapshots.h"

namespace angophora::clc {
namespace {

using namespace std::chrono_literals;
using testing::VS;
using SS = SnapshotState;

class SnapshotsTest : public testing::ReconcilersFixture {
 protected:
  explicit SnapshotsTest(std::uint64_t seed = 1) : ReconcilersFixture(seed) {}

  SnapshotId take(const std::string& id, const VolumeId& of) {
    const auto now = runtime->now();
    write([=](Tx& tx) -> Result<> {
      Snapshot snapshot;
      snapshot.id = SnapshotId(id);
      snapshot.account = AccountId("1");
      snapshot.volume = of;
      snapshot.zone = ZoneName("zone-a");
      snapshot.size_gib = 1;
      snapshot.started_at = snapshot.changed_at = now;
      return Snapshots(tx).insert(snapshot);
    }).value();
    changes->volumes.notify();
    return SnapshotId(id);
  }
  void remove(const SnapshotId& id) {
    const auto now = runtime->now();
    write([=](Tx& tx) {
      return Snapshots(tx).advance(id, SnapshotEvent::unwant, "", now);
    }).value();
    changes->volumes.notify();
  }
  VolumeId create_from(const std::string& id, const SnapshotId& from) {
    const auto now = runtime->now();
    write([=](Tx& tx) -> Result<> {
      Volume volume;
      volume.id = VolumeId(id);
      volume.account = AccountId("1");
      volume.zone = ZoneName("zone-a");
      volume.size_gib = 2;
      volume.snapshot = from;
      volume.created_at = volume.changed_at = now;
      return Volumes(tx).insert(volume);
    }).value();
    changes->volumes.notify();
    return VolumeId(id);
  }
  std::optional<Snapshot> snapshot(const SnapshotId& id) {
    return peek([=](Tx& tx) { return Snapshots(tx).find(id); });
  }
  SS state(const SnapshotId& id) {
    const auto states = peek([](Tx& tx) { return Snapshots(tx).states_in(ZoneName("zone-a")); });
    const auto found = states.find(id);
    return found == states.end() ? SS::deleted : found->second;
  }
  bool comes_to(const SnapshotId& id, SS wanted, Duration limit = 30s) {
    return world.run_until([&] { return state(id) == wanted; }, limit);
  }
  bool is_taken(const SnapshotId& id, Duration limit = 30s) {
    return world.run_until(
        [&] {
          const auto row = snapshot(id);
          return row && row->taken;
        },
        limit);
  }
};

TEST_F(SnapshotsTest, IsTakenAtOnceAndFollowedToItsEnd) {
  const auto volume = available("vol-1");
  world.run_for(5s);
  const auto asked_at = runtime->now();
  const auto before = world.steady_now();
  const auto id = take("snap-1", volume);
  ASSERT_TRUE(is_taken(id));
  EXPECT_LT(world.steady_now() - before, 100ms);
  EXPECT_GE(snapshot(id)->started_at, asked_at);
  storage.upload(id, 40);
  ASSERT_TRUE(world.run_until([&] { return snapshot(id)->progress == 40; }, 3s));
  EXPECT_EQ(snapshot(id)->state, SS::pending);
  storage.upload(id, 100);
  ASSERT_TRUE(comes_to(id, SS::completed, 3s));
  EXPECT_EQ(snapshot(id)->progress, 100);
}

TEST_F(SnapshotsTest, OneThatCannotBeTakenSaysWhy) {
  const auto volume = available("vol-1");
  storage.is_full = true;
  const auto id = take("snap-1", volume);
  ASSERT_TRUE(comes_to(id, SS::error));
  EXPECT_NE(snapshot(id)->reason.find("no room"), std::string::npos);
  remove(id);
  EXPECT_TRUE(comes_to(id, SS::deleted));
}

TEST_F(SnapshotsTest, OneThatFailsOnItsWaySaysWhy) {
  const auto id = take("snap-1", available("vol-1"));
  ASSERT_TRUE(is_taken(id));
  storage.snapshots.at(id).stored.state = StoredSnapshot::State::error;
  storage.snapshots.at(id).stored.reason = "a chunk cannot be read";
  ASSERT_TRUE(comes_to(id, SS::error));
  EXPECT_EQ(snapshot(id)->reason, "a chunk cannot be read");
}

TEST_F(SnapshotsTest, ABusyOrAbsentStorageControllerIsWaitedFor) {
  const auto volume = available("vol-1");
  storage.is_busy = true;
  const auto id = take("snap-1", volume);
  world.run_for(10min);
  EXPECT_EQ(state(id), SS::pending);
  EXPECT_FALSE(snapshot(id)->taken);
  storage.is_busy = false;
  storage.is_down = true;
  world.run_for(10min);
  EXPECT_FALSE(snapshot(id)->taken);
  storage.is_down = false;
  EXPECT_TRUE(is_taken(id, 10s));
}

TEST_F(SnapshotsTest, AVolumeStaysUntilItsSnapshotIsTaken) {
  const auto volume = available("vol-1");
  storage.is_busy = true;
  const auto id = take("snap-1", volume);
  ReconcilersFixture::remove(volume);
  world.run_for(1min);
  EXPECT_TRUE(storage.volumes.contains(volume));
  storage.is_busy = false;
  ASSERT_TRUE(is_taken(id));
  world.run_for(1min);
  EXPECT_EQ(this->volume(volume)->state, VS::deleting) << "its snapshot is on its way";
  storage.upload(id, 100);
  EXPECT_TRUE(reaches(volume, VS::deleted));
  EXPECT_EQ(state(id), SS::completed);
}

TEST_F(SnapshotsTest, AVolumeIsMadeOfOneAndOutlivesIt) {
  const auto id = take("snap-1", available("vol-1"));
  ASSERT_TRUE(is_taken(id));
  storage.upload(id, 100);
  ASSERT_TRUE(comes_to(id, SS::completed));
  storage.is_down = true;
  const auto made = create_from("vol-2", id);
  remove(id);  // at once: it is still needed
  world.run_for(1min);
  storage.is_down = false;
  ASSERT_TRUE(reaches(made, VS::available));
  EXPECT_EQ(storage.volumes.at(made).snapshot, id);
  EXPECT_EQ(storage.volumes.at(made).size_gib, 2);
  ASSERT_TRUE(comes_to(id, SS::deleted));
  EXPECT_TRUE(storage.snapshots.empty());
  EXPECT_EQ(volume(made)->snapshot, id);
}

TEST_F(SnapshotsTest, AVolumeOfOneThatIsGoneIsAnError) {
  const auto made = create_from("vol-2", SnapshotId("snap-0"));
  ASSERT_TRUE(reaches(made, VS::error));
  EXPECT_NE(volume(made)->reason.find("snap-0"), std::string::npos);
}

TEST_F(SnapshotsTest, AnUploadIsEndedByItsDeletion) {
  const auto id = take("snap-1", available("vol-1"));
  ASSERT_TRUE(is_taken(id));
  remove(id);
  ASSERT_TRUE(comes_to(id, SS::deleted));
  EXPECT_TRUE(storage.snapshots.empty());
}

TEST_F(SnapshotsTest, OneThatIsTakenOnceMoreAfterItsEndGoesAgain) {
  const auto volume = available("vol-1");
  const auto id = take("snap-1", volume);
  ASSERT_TRUE(is_taken(id));
  remove(id);
  ASSERT_TRUE(comes_to(id, SS::deleted));
  storage.snapshots[id].volume = volume;
  storage.snapshots[id].stored.id = id;
  EXPECT_TRUE(world.run_until([&] { return storage.snapshots.empty(); }, 30s));
}

TEST_F(SnapshotsTest, OneThatNobodyKnowsIsLeftAlone) {
  const SnapshotId id("snap-0");
  storage.snapshots[id].stored.id = id;
  world.run_for(10min);
  EXPECT_TRUE(storage.snapshots.contains(id));
}

TEST_F(SnapshotsTest, AnEndThatWasMissedIsAskedFor) {
  const auto id = take("snap-1", available("vol-1"));
  ASSERT_TRUE(is_taken(id));
  storage.hides_ended = true;  // it ended long ago, while nobody asked
  storage.upload(id, 100);
  EXPECT_TRUE(comes_to(id, SS::completed));
}

TEST_F(SnapshotsTest, ARestartGoesOnWhereItWas) {
  const auto volume = available("vol-1");
  storage.is_down = true;
  const auto id = take("snap-1", volume);
  const auto other = take("snap-2", volume);
  world.run_for(5s);
  remove(other);
  restart();
  storage.is_down = false;
  EXPECT_TRUE(is_taken(id));
  EXPECT_TRUE(comes_to(other, SS::deleted));
  restart();
  storage.upload(id, 100);
  EXPECT_TRUE(comes_to(id, SS::completed));
}

// Losses, repetitions, delays and restarts, by seeds.
class SnapshotStorm : public SnapshotsTest, public ::testing::WithParamInterface<int> {
 protected:
  SnapshotStorm() : SnapshotsTest(static_cast<std::uint64_t>(GetParam()) + 900) {}

  void step(int number) {
    const auto pick = [&](const auto& all) { return all[world.random_below(all.size())]; };
    switch (world.random_below(7)) {
      case 0:
      case 1:
        if (snapshots.size() < 20)
          snapshots.push_back(take("snap-" + std::to_string(number), VolumeId("vol-1")));
        break;
      case 2:
        if (!snapshots.empty()) remove(pick(snapshots));
        break;
      case 3:
        for (auto& [id, held] : storage.snapshots)
          if (world.random_below(2) == 0) storage.upload(id, 100);
        break;
      case 4:
        restart();
        break;
      case 5:
        storage.is_down = !storage.is_down;
        break;
      default:
        storage.is_busy = !storage.is_busy;
    }
  }
  std::vector<SnapshotId> snapshots;
};

TEST_P(SnapshotStorm, EverySnapshotGetsWhereItShould) {
  available("vol-1");
  storage.faults = {10, 10, 20, 2s};
  for (int number = 0; number < 60; ++number) {
    step(number);
    world.run_for(Duration(world.random_below(4'000'000'000)));
  }
  storage.faults = {};
  storage.is_down = storage.is_busy = false;
  world.run_for(1min);
  for (auto& [id, held] : storage.snapshots) storage.upload(id, 100);
  world.run_for(1min);
  for (const auto& id : snapshots) {
    const bool there = state(id) == SS::completed;
    EXPECT_TRUE(there || state(id) == SS::deleted) << id.value << " " << to_string(state(id));
    EXPECT_EQ(storage.snapshots.contains(id), there) << id.value;
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, SnapshotStorm, ::testing::Range(0, 6));

}  // namespace
}  // namespace angophora::clc
