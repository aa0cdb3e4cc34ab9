#include <gtest/gtest.h>

#include "clc/reconcilers/reconcilers_fixture.h"

namespace angophora::clc {
namespace {

using namespace std::chrono_literals;
using testing::AS;
using testing::VS;

// Losses, repetitions, delays and restarts, by seeds: nothing is stuck, nothing is open that should
// not be, and everything gets where it should once the faults stop.
class VolumeStorm : public testing::ReconcilersFixture, public ::testing::WithParamInterface<int> {
 protected:
  VolumeStorm() : ReconcilersFixture(static_cast<std::uint64_t>(GetParam()) + 500) {}

  void expect_one_holder() {
    for (const auto& [id, held] : storage.volumes) {
      const auto row = volume(id);
      if (!held.granted || !row) continue;
      EXPECT_NE(row->state, VS::available) << id.value << " is free and may be opened";
    }
  }
  void step(int number) {
    const auto pick = [&](const auto& all) { return all[world.random_below(all.size())]; };
    switch (world.random_below(9)) {
      case 0:
        if (ids.size() < 12) ids.push_back(create("vol-" + std::to_string(number)));
        break;
      case 1:
      case 2:
        if (!ids.empty())
          attach(pick(ids), pick(guests),
                 std::string("/dev/sd") + static_cast<char>('f' + world.random_below(15)));
        break;
      case 3:
        if (!ids.empty()) detach(pick(ids), world.random_below(3) == 0);
        break;
      case 4:
        if (!ids.empty()) remove(pick(ids));
        break;
      case 5:
        restart();
        break;
      case 6:
        storage.is_down = !storage.is_down;
        break;
      case 7:
        if (world.random_below(4) == 0) terminate(pick(guests));
        break;
      default: {
        auto& some = node(NodeName(world.random_below(2) ? "node-1" : "node-2"));
        some.reachable = !some.reachable;
      }
    }
  }

  std::vector<VolumeId> ids;
  std::vector<InstanceId> guests;
};

TEST_P(VolumeStorm, EveryVolumeGetsWhereItShould) {
  for (int i = 0; i < 4; ++i) guests.push_back(running("i-" + std::to_string(i)));
  cluster.faults = storage.faults = {10, 10, 20, 2s};
  for (int number = 0; number < 60; ++number) {
    step(number);
    world.run_for(Duration(world.random_below(4'000'000'000)));
    expect_one_holder();
  }
  cluster.faults = storage.faults = {};
  storage.is_down = false;
  for (auto& [name, one] : cluster.nodes) one.reachable = true;
  world.run_for(2min);
  for (const auto& id : ids) {
    const auto row = volume(id);
    if (!row) {
      EXPECT_FALSE(storage.volumes.contains(id)) << id.value << " left its bytes";
      continue;
    }
    ASSERT_TRUE(storage.volumes.contains(id)) << id.value << " lost its bytes";
    EXPECT_TRUE(row->state == VS::available || row->state == VS::in_use)
        << id.value << " is " << to_string(row->state);
    EXPECT_EQ(storage.volumes.at(id).granted, row->state == VS::in_use) << id.value;
    if (row->attachment) {
      EXPECT_EQ(row->attachment->state, AS::attached) << id.value;
      EXPECT_EQ(seen_on_node(row->attachment->instance, id), NodeVolumeState::attached);
    }
    for (const auto& guest : guests) {
      if (row->attachment && row->attachment->instance == guest) continue;
      EXPECT_EQ(seen_on_node(guest, id), NodeVolumeState::detached) << id.value;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, VolumeStorm, ::testing::Range(0, 10));

}  // namespace
}  // namespace angophora::clc
