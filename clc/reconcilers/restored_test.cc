// A cloud controller whose database came back from a backup, among nodes and storage that know
// what it has forgotten.
#include <gtest/gtest.h>

#include "clc/reconcilers/reconcilers_fixture.h"
#include "clc/store/restoration.h"

namespace angophora::clc {
namespace {

using namespace std::chrono_literals;
using testing::AS;
using testing::VS;
namespace fs = std::filesystem;

class RestoredTest : public testing::ReconcilersFixture {
 protected:
  void backup() {
    stop();
    fs::copy_file(folder + "/clc.db", folder + "/backup", fs::copy_options::overwrite_existing);
    made_at = now();
    start();
    world.run_for(5s);
  }
  void restore() {
    stop();
    for (const auto* name : {"/clc.db", "/clc.db-wal", "/clc.db-shm"}) fs::remove(folder + name);
    fs::copy_file(folder + "/backup", folder + "/clc.db");
    db::Options options;
    options.path = folder + "/clc.db";
    options.inline_io = true;
    {
      common::SimRuntime process(world, "restore");
      const auto opened = db::Database::open(process, options, kMigrations).value();
      const auto network = parse_instance_network("10.100.0.0/16").value();
      const Restoration restoration{made_at, common::SysTime(1'900'000'000'000ms)};
      const auto settle = [=](Tx& tx) { return settle_restoration(tx, restoration, network); };
      ASSERT_TRUE(world.run<Result<Restored>>(process, opened->write(settle)));
      const auto look = [this](Tx& tx) -> Result<> {
        TRY(instance_then, Instances(tx).find(InstanceId("i-1")));
        TRY(volume_then, Volumes(tx).find(VolumeId("vol-1")));
        return common::ok();
      };
      ASSERT_TRUE(world.run<Result<>>(process, opened->write(look)));
    }
    start();
    changes->registry.notify();
  }
  common::SysTime now() { return common::SysTime(1'800'000'000'000ms); }
  AS attachment_of(const VolumeId& id) {
    const auto found = volume(id);
    return found && found->attachment ? found->attachment->state : AS::detached;
  }
  bool gets(const VolumeId& id, AS state) {
    return world.run_until([&] { return attachment_of(id) == state; }, 60s);
  }
  common::SysTime made_at{};
  // As the backup has them, before anybody has told the restored cloud anything.
  std::optional<Instance> instance_then;
  std::optional<Volume> volume_then;
};

TEST_F(RestoredTest, WhatRanGoesOn) {
  const auto guest = running("i-1");
  const auto id = available("vol-1");
  ASSERT_TRUE(attach(id, guest));
  ASSERT_TRUE(gets(id, AS::attached));
  backup();
  restore();
  world.run_for(5min);
  EXPECT_EQ(instance(guest).state, InstanceState::running);
  EXPECT_EQ(cluster.starts(guest), 1);
  EXPECT_EQ(attachment_of(id), AS::attached);
  EXPECT_TRUE(cluster.volume(guest, id));
}

TEST_F(RestoredTest, AGuestThatCameSinceIsLeftAlone) {
  running("i-1");
  backup();
  const auto late = running("i-late");
  const auto id = available("vol-late");
  ASSERT_TRUE(attach(id, late));
  ASSERT_TRUE(gets(id, AS::attached));
  restore();
  world.run_for(10min);
  EXPECT_EQ(cluster.living(late), 1);
  EXPECT_TRUE(cluster.volume(late, id)) << "it keeps its volume too";
  EXPECT_EQ(storage.volumes.count(id), 1u);
}

TEST_F(RestoredTest, AnInstanceThatEndedSinceEndsHereToo) {
  const auto guest = running("i-1");
  backup();
  terminate(guest);
  ASSERT_TRUE(reaches(guest, InstanceState::terminated));
  restore();
  EXPECT_EQ(instance_then->state, InstanceState::running);
  EXPECT_TRUE(reaches(guest, InstanceState::terminated, 10min));
  EXPECT_EQ(cluster.starts(guest), 1);
}

TEST_F(RestoredTest, AnInstanceThatStartedMeanwhileIsNotStartedTwice) {
  cluster.boots = false;
  const auto guest = launch("i-1");
  backup();
  cluster.set_guest(guest, GuestState::running);
  ASSERT_TRUE(reaches(guest, InstanceState::running, 60s));
  restore();
  EXPECT_FALSE(instance_then) << "it was pending";
  world.run_for(10min);
  EXPECT_EQ(cluster.living(guest), 1);
  EXPECT_EQ(cluster.starts(guest), 1);
}

TEST_F(RestoredTest, AnAttachmentThatCameSinceIsTakenOver) {
  const auto guest = running("i-1");
  const auto id = available("vol-1");
  backup();
  ASSERT_TRUE(attach(id, guest));
  ASSERT_TRUE(gets(id, AS::attached));
  restore();
  EXPECT_EQ(volume_then->state, VS::available);
  ASSERT_TRUE(gets(id, AS::attached));
  EXPECT_TRUE(cluster.volume(guest, id));
  EXPECT_EQ(volume(id)->attachment->epoch, 1);
  detach(id);
  EXPECT_TRUE(reaches(id, VS::available));
  EXPECT_FALSE(cluster.volume(guest, id) && !cluster.volume(guest, id)->is_over());
}

TEST_F(RestoredTest, AnAttachmentThatEndedSinceEndsHereToo) {
  const auto guest = running("i-1");
  const auto id = available("vol-1");
  ASSERT_TRUE(attach(id, guest));
  ASSERT_TRUE(gets(id, AS::attached));
  backup();
  detach(id);
  ASSERT_TRUE(reaches(id, VS::available));
  restore();
  EXPECT_EQ(volume_then->attachment->state, AS::attached);
  EXPECT_TRUE(reaches(id, VS::available, 5min));
  ASSERT_TRUE(attach(id, guest));
  EXPECT_TRUE(gets(id, AS::attached)) << "and can be had again";
}

TEST_F(RestoredTest, AVolumeThatHasMovedSinceHasOneHolder) {
  const auto first = running("i-1");
  const auto second = running("i-2");
  const auto id = available("vol-1");
  ASSERT_TRUE(attach(id, first));
  ASSERT_TRUE(gets(id, AS::attached));
  backup();
  detach(id);
  ASSERT_TRUE(reaches(id, VS::available));
  ASSERT_TRUE(attach(id, second));
  ASSERT_TRUE(gets(id, AS::attached));
  restore();
  ASSERT_TRUE(world.run_until(
      [&] {
        const auto found = volume(id);
        return found->attachment && found->attachment->instance == second &&
               found->attachment->state == AS::attached;
      },
      5min));
  EXPECT_TRUE(cluster.volume(second, id));
}

TEST_F(RestoredTest, ANetworkThatIsTheSameGetsANumberThatNodesTake) {
  running("i-1");
  backup();
  for (int i = 2; i < 6; ++i) running("i-" + std::to_string(i));
  const auto seen = cluster.network.version;
  restore();
  ASSERT_TRUE(world.run_until([&] { return cluster.network.version > seen; }, 1min));
}

}  // namespace
}  // namespace angophora::clc
