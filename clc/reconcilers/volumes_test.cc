#include <gtest/gtest.h>

#include "clc/reconcilers/reconcilers_fixture.h"

namespace angophora::clc {
namespace {

using namespace std::chrono_literals;
using testing::AS;
using testing::VS;

class VolumesTest : public testing::ReconcilersFixture {};

// --- volumes ---

TEST_F(VolumesTest, AVolumeIsMadeAndRemovedAtItsStorageController) {
  const auto id = available("vol-1");
  EXPECT_EQ(storage.volumes.at(id).size_gib, 1);
  remove(id);
  ASSERT_TRUE(reaches(id, VS::deleted));
  EXPECT_TRUE(storage.volumes.empty());
}

TEST_F(VolumesTest, AnOrderGoesOutInMilliseconds) {
  world.run_for(5s);
  const auto before = world.steady_now();
  create("vol-1");
  ASSERT_TRUE(world.run_until([&] { return storage.volumes.size() == 1; }, 10s));
  EXPECT_LT(world.steady_now() - before, 100ms);
}

TEST_F(VolumesTest, AFullPoolMakesAnErrorWithAReason) {
  storage.is_full = true;
  const auto id = create("vol-1");
  ASSERT_TRUE(reaches(id, VS::error));
  EXPECT_NE(volume(id)->reason.find("no room"), std::string::npos);
  EXPECT_NE(why(id, "volume.error").find("no room"), std::string::npos);
  remove(id);
  EXPECT_TRUE(reaches(id, VS::deleted));
}

TEST_F(VolumesTest, AStorageControllerThatIsAwayIsWaitedFor) {
  storage.is_down = true;
  const auto id = create("vol-1");
  const auto unwanted = create("vol-2");
  world.run_for(1h);
  EXPECT_EQ(volume(id)->state, VS::creating);
  remove(unwanted);
  world.run_for(1min);
  EXPECT_EQ(volume(unwanted)->state, VS::deleting);
  storage.is_down = false;
  EXPECT_TRUE(reaches(id, VS::available, 10s));
  EXPECT_TRUE(reaches(unwanted, VS::deleted, 10s));
}

TEST_F(VolumesTest, AVolumeThatIsMadeOnceMoreAfterItsEndGoesAgain) {
  const auto id = available("vol-1");
  remove(id);
  ASSERT_TRUE(reaches(id, VS::deleted));
  storage.volumes[id].size_gib = 1;
  EXPECT_TRUE(world.run_until([&] { return storage.volumes.empty(); }, 30s));
}

TEST_F(VolumesTest, AVolumeThatNobodyKnowsIsLeftAlone) {
  const VolumeId id("vol-0");
  storage.volumes[id].size_gib = 1;
  world.run_for(2h);
  EXPECT_TRUE(storage.volumes.contains(id));
}

TEST_F(VolumesTest, AHundredVolumesTakeSeconds) {
  const auto before = world.steady_now();
  storage.faults.delay_max = 100ms;
  for (int i = 0; i < 100; ++i) create("vol-" + std::to_string(i));
  for (int i = 0; i < 100; ++i)
    ASSERT_TRUE(reaches(VolumeId("vol-" + std::to_string(i)), VS::available));
  EXPECT_LT(world.steady_now() - before, 5s);
}

// --- attachments ---

TEST_F(VolumesTest, AVolumeIsAttachedAndDetached) {
  const auto guest = running("i-1");
  const auto id = available("vol-1");
  ASSERT_TRUE(attach(id, guest));
  ASSERT_TRUE(attachment_reaches(id, AS::attached));
  EXPECT_EQ(seen_on_node(guest, id), NodeVolumeState::attached);
  EXPECT_TRUE(storage.may_open(id, instance(guest).node, 1));
  detach(id);
  ASSERT_TRUE(reaches(id, VS::available));
  EXPECT_EQ(seen_on_node(guest, id), NodeVolumeState::detached);
  EXPECT_FALSE(storage.volumes.at(id).granted);
  EXPECT_FALSE(volume(id)->attachment);
}

TEST_F(VolumesTest, AVolumeOfAnInstanceGoesWithItWhenThatWasAskedFor) {
  const auto guest = running("i-1");
  const auto stays = available("vol-1"), goes = available("vol-2"), taken = available("vol-3");
  ASSERT_TRUE(attach(stays, guest, "/dev/sdf"));
  ASSERT_TRUE(attach(goes, guest, "/dev/sdg", true));
  ASSERT_TRUE(attach(taken, guest, "/dev/sdh", true));
  for (const auto& id : {stays, goes, taken}) ASSERT_TRUE(attachment_reaches(id, AS::attached));
  detach(taken);  // before it ends: its owner wants to keep it
  terminate(guest);
  EXPECT_TRUE(reaches(goes, VS::deleted));
  EXPECT_TRUE(reaches(stays, VS::available));
  EXPECT_TRUE(reaches(taken, VS::available));
  EXPECT_FALSE(storage.volumes.contains(goes));
}

TEST_F(VolumesTest, TheNodeIsToldAtOnce) {
  const auto guest = running("i-1");
  const auto id = available("vol-1");
  world.run_for(5s);
  const auto before = world.steady_now();
  ASSERT_TRUE(attach(id, guest));
  ASSERT_TRUE(attachment_reaches(id, AS::attached));
  EXPECT_LT(world.steady_now() - before, cluster.plug_time + 100ms);
}

TEST_F(VolumesTest, AVolumeMovesFromOneGuestToAnother) {
  const auto one = running("i-1");
  const auto other = running("i-2");
  const auto id = available("vol-1");
  ASSERT_TRUE(attach(id, one));
  EXPECT_FALSE(attach(id, other)) << "two at once";
  ASSERT_TRUE(attachment_reaches(id, AS::attached));
  detach(id);
  ASSERT_TRUE(reaches(id, VS::available));
  ASSERT_TRUE(attach(id, other));
  ASSERT_TRUE(attachment_reaches(id, AS::attached));
  EXPECT_EQ(volume(id)->attachment->epoch, 2);
  EXPECT_EQ(seen_on_node(one, id), NodeVolumeState::detached);
  EXPECT_EQ(seen_on_node(other, id), NodeVolumeState::attached);
}

TEST_F(VolumesTest, ADefiniteRefusalGivesTheVolumeBackWithAReason) {
  const auto guest = running("i-1");
  const auto id = available("vol-1");
  node(instance(guest).node).refuses_volumes = true;
  ASSERT_TRUE(attach(id, guest));
  ASSERT_TRUE(reaches(id, VS::available));
  EXPECT_FALSE(storage.volumes.at(id).granted);
  EXPECT_NE(why(id, "attachment.revoking").find("no port"), std::string::npos);
}

TEST_F(VolumesTest, AFailureOnTheNodeGivesTheVolumeBack) {
  const auto guest = running("i-1");
  const auto id = available("vol-1");
  cluster.may_open = [](const VolumeId&, const NodeName&, std::int64_t) { return false; };
  ASSERT_TRUE(attach(id, guest));
  ASSERT_TRUE(reaches(id, VS::available));
  EXPECT_NE(why(id, "attachment.revoking").find("refused it"), std::string::npos);
}

TEST_F(VolumesTest, AVolumeWithoutBytesGivesTheClaimBack) {
  const auto guest = running("i-1");
  const auto id = available("vol-1");
  storage.volumes.clear();
  ASSERT_TRUE(attach(id, guest));
  EXPECT_TRUE(reaches(id, VS::available));
}

TEST_F(VolumesTest, SilenceDecidesNothing) {
  const auto guest = running("i-1");
  const auto id = available("vol-1");
  node(instance(guest).node).reachable = false;
  world.run_for(10s);
  ASSERT_TRUE(attach(id, guest));
  world.run_for(1h);
  EXPECT_EQ(volume(id)->attachment->state, AS::attaching);
  node(instance(guest).node).reachable = true;
  ASSERT_TRUE(attachment_reaches(id, AS::attached));
  node(instance(guest).node).reachable = false;
  detach(id);
  world.run_for(1h);
  EXPECT_EQ(volume(id)->attachment->state, AS::detaching);
  EXPECT_TRUE(storage.volumes.at(id).granted);
  node(instance(guest).node).reachable = true;
  EXPECT_TRUE(reaches(id, VS::available));
}

TEST_F(VolumesTest, AStorageControllerThatIsAwayKeepsTheVolumeInUse) {
  const auto guest = running("i-1");
  const auto id = available("vol-1");
  storage.is_down = true;
  ASSERT_TRUE(attach(id, guest));
  world.run_for(10min);
  EXPECT_EQ(volume(id)->attachment->state, AS::attaching);
  storage.is_down = false;
  ASSERT_TRUE(attachment_reaches(id, AS::attached));
  storage.is_down = true;
  detach(id);
  world.run_for(10min);
  EXPECT_EQ(volume(id)->attachment->state, AS::revoking);
  storage.is_down = false;
  EXPECT_TRUE(reaches(id, VS::available));
}

TEST_F(VolumesTest, ADetachWhileAttachingEndsDetached) {
  const auto guest = running("i-1");
  const auto id = available("vol-1");
  cluster.plug_time = 5s;
  ASSERT_TRUE(attach(id, guest));
  world.run_for(1s);
  detach(id);
  ASSERT_TRUE(reaches(id, VS::available));
  world.run_for(1min);
  EXPECT_EQ(seen_on_node(guest, id), NodeVolumeState::detached);
}

TEST_F(VolumesTest, ADetachBeforeAnyOrderEndsDetached) {
  const auto guest = running("i-1");
  const auto id = available("vol-1");
  ASSERT_TRUE(attach(id, guest));
  detach(id);
  EXPECT_TRUE(reaches(id, VS::available));
}

TEST_F(VolumesTest, AGuestThatHoldsOnIsBusyUntilForced) {
  const auto guest = running("i-1");
  const auto id = available("vol-1");
  node(instance(guest).node).clings = true;
  ASSERT_TRUE(attach(id, guest));
  ASSERT_TRUE(attachment_reaches(id, AS::attached));
  detach(id);
  ASSERT_TRUE(attachment_reaches(id, AS::busy));
  world.run_for(10min);
  EXPECT_TRUE(storage.volumes.at(id).granted);
  detach(id, true);
  ASSERT_TRUE(reaches(id, VS::available));
  EXPECT_EQ(seen_on_node(guest, id), NodeVolumeState::detached);
}

TEST_F(VolumesTest, AForcedDetachDoesNotWaitForASilentNode) {
  const auto guest = running("i-1");
  const auto other = running("i-2");
  const auto id = available("vol-1");
  ASSERT_TRUE(attach(id, guest));
  ASSERT_TRUE(attachment_reaches(id, AS::attached));
  auto& silent = node(instance(guest).node);
  silent.reachable = false;
  world.run_for(2s);
  detach(id, true);
  ASSERT_TRUE(reaches(id, VS::available, 10s));
  EXPECT_FALSE(storage.volumes.at(id).granted);
  if (instance(other).node != instance(guest).node) {
    ASSERT_TRUE(attach(id, other));
    ASSERT_TRUE(attachment_reaches(id, AS::attached));
  }
  EXPECT_EQ(seen_on_node(guest, id), NodeVolumeState::attached);
  silent.reachable = true;
  EXPECT_TRUE(
      world.run_until([&] { return seen_on_node(guest, id) == NodeVolumeState::detached; }, 30s))
      << "what came back must let go";
}

TEST_F(VolumesTest, AForcedDetachDoesNotWaitForANodeThatNeverGetsDone) {
  const auto guest = running("i-1");
  const auto id = available("vol-1");
  ASSERT_TRUE(attach(id, guest));
  ASSERT_TRUE(attachment_reaches(id, AS::attached));
  cluster.plugs = false;
  detach(id, true);
  EXPECT_TRUE(reaches(id, VS::available, 20s));
}

TEST_F(VolumesTest, ATerminatedInstanceGivesItsVolumesBack) {
  const auto guest = running("i-1");
  const auto id = available("vol-1");
  const auto second = available("vol-2");
  ASSERT_TRUE(attach(id, guest));
  ASSERT_TRUE(attach(second, guest, "/dev/sdg"));
  ASSERT_TRUE(attachment_reaches(id, AS::attached));
  ASSERT_TRUE(attachment_reaches(second, AS::attached));
  terminate(guest);
  ASSERT_TRUE(reaches(id, VS::available));
  ASSERT_TRUE(reaches(second, VS::available));
  EXPECT_EQ(instance(guest).state, InstanceState::terminated);
  EXPECT_FALSE(storage.volumes.at(id).granted);
}

TEST_F(VolumesTest, ATerminationWhileAttachingGivesTheVolumeBack) {
  const auto guest = running("i-1");
  const auto id = available("vol-1");
  cluster.plugs = false;
  ASSERT_TRUE(attach(id, guest));
  terminate(guest);
  EXPECT_TRUE(reaches(id, VS::available));
}

TEST_F(VolumesTest, ASilentNodeKeepsTheVolumesOfWhatEndsThere) {
  const auto guest = running("i-1");
  const auto id = available("vol-1");
  ASSERT_TRUE(attach(id, guest));
  ASSERT_TRUE(attachment_reaches(id, AS::attached));
  const auto home = instance(guest).node;
  node(home).reachable = false;
  terminate(guest);
  world.run_for(1h);
  EXPECT_EQ(volume(id)->state, VS::in_use);
  EXPECT_TRUE(storage.volumes.at(id).granted);
  // An administrator says that the node is gone: the storage controller's word is enough.
  write([&](Tx& tx) { return Registrations(tx).remove(ServiceName(home.value)); }).value();
  changes->registry.notify();
  ASSERT_TRUE(reaches(id, VS::available));
  EXPECT_FALSE(storage.volumes.at(id).granted);
}

TEST_F(VolumesTest, ANodeThatLostAVolumeGetsItAgain) {
  const auto guest = running("i-1");
  const auto id = available("vol-1");
  ASSERT_TRUE(attach(id, guest));
  ASSERT_TRUE(attachment_reaches(id, AS::attached));
  node(instance(guest).node).guests[guest].volumes.clear();
  world.run_for(30s);
  EXPECT_FALSE(cluster.volume(guest, id));
  EXPECT_TRUE(
      world.run_until([&] { return seen_on_node(guest, id) == NodeVolumeState::attached; }, 1min));
}

TEST_F(VolumesTest, ARestartGoesOnWhereItWas) {
  const auto guest = running("i-1");
  const auto id = create("vol-1");
  restart();
  ASSERT_TRUE(reaches(id, VS::available));
  ASSERT_TRUE(attach(id, guest));
  restart();
  ASSERT_TRUE(attachment_reaches(id, AS::attached));
  detach(id);
  restart();
  ASSERT_TRUE(reaches(id, VS::available));
  remove(id);
  restart();
  EXPECT_TRUE(reaches(id, VS::deleted));
}

TEST_F(VolumesTest, WhatIsSettledIsLeftInPeace) {
  const auto guest = running("i-1");
  const auto id = available("vol-1");
  ASSERT_TRUE(attach(id, guest));
  ASSERT_TRUE(attachment_reaches(id, AS::attached));
  world.run_for(10s);
  cluster.calls.clear();
  storage.calls.clear();
  world.run_for(10min);
  for (const auto* order : {"AttachVolume", "DetachVolume"})
    EXPECT_EQ(std::count(cluster.calls.begin(), cluster.calls.end(), order), 0) << order;
  for (const auto& call : storage.calls) EXPECT_EQ(call, "DescribeVolumes");
}

}  // namespace
}  // namespace angophora::clc
