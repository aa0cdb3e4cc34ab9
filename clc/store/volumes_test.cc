#include "clc/store/volumes.h"

#include <gtest/gtest.h>

#include "clc/domain/volume_errors.h"
#include "clc/store/instances.h"
#include "clc/store/migrations.h"
#include "clc/store/quota_usage.h"
#include "common/runtime/sim_runtime.h"

namespace angophora::clc {
namespace {

using S = AttachmentState;
using E = AttachmentEvent;

class VolumesStore : public ::testing::Test {
 protected:
  VolumesStore() {
    db::Options options;
    options.path = ":memory:";
    options.inline_io = true;
    database = std::move(db::Database::open(runtime, options, kMigrations)).value();
  }
  template <class F>
  auto write(F f) {
    using R = std::invoke_result_t<F&, Tx&>;
    return world.run<R>(runtime, database->write(std::move(f)));
  }
  VolumeId make(const std::string& id, const std::string& account = "1") {
    Volume volume;
    volume.id = VolumeId(id);
    volume.account = AccountId(account);
    volume.zone = ZoneName("zone-a");
    volume.size_gib = 10;
    volume.tags = {{"Name", id}};
    write([=](Tx& tx) -> Result<> {
      TRY_VOID(Volumes(tx).insert(volume));
      return common::ok();
    }).value();
    advance(id, VolumeEvent::made);
    return volume.id;
  }
  bool advance(const std::string& id, VolumeEvent event) {
    return write([=](Tx& tx) {
             return Volumes(tx).advance(VolumeId(id), event, "", common::SysTime());
           })
        .value();
  }
  Result<std::int64_t> claim(const std::string& volume, const std::string& instance,
                             const std::string& device) {
    Attachment a;
    a.volume = VolumeId(volume);
    a.instance = InstanceId(instance);
    a.device = device;
    return write([=](Tx& tx) { return Attachments(tx).claim(a, common::SysTime()); });
  }
  bool move(const std::string& volume, std::int64_t epoch, E event) {
    return write([=](Tx& tx) {
             return Attachments(tx).advance(VolumeId(volume), epoch, event, "", common::SysTime());
           })
        .value();
  }
  std::optional<Volume> find(const std::string& id) {
    return write([=](Tx& tx) { return Volumes(tx).find(VolumeId(id)); }).value();
  }
  InstanceFate fate() {
    return write([](Tx& tx) { return Attachments(tx).in_zone(ZoneName("zone-a")); })
        .value()
        .at(0)
        .fate;
  }

  common::SimWorld world{1};
  common::SimRuntime runtime{world, "clc"};
  std::unique_ptr<db::Database> database;
};

TEST_F(VolumesStore, KeepsWhatItIsGiven) {
  make("vol-1");
  const auto found = find("vol-1");
  ASSERT_TRUE(found);
  EXPECT_EQ(found->size_gib, 10);
  EXPECT_EQ(found->state, VolumeState::available);
  EXPECT_EQ(found->tags.at("Name"), "vol-1");
  EXPECT_FALSE(found->attachment);
  EXPECT_FALSE(find("vol-2"));
}

TEST_F(VolumesStore, OnlyOneClaimWinsAndEachHasItsNumber) {
  make("vol-1");
  EXPECT_EQ(claim("vol-1", "i-1", "/dev/sdf").value(), 1);
  EXPECT_EQ(claim("vol-1", "i-2", "/dev/sdf").error().code, VolumeErrc::in_use);
  EXPECT_EQ(find("vol-1")->attachment->instance, InstanceId("i-1"));
  ASSERT_TRUE(move("vol-1", 1, E::refused));
  ASSERT_TRUE(move("vol-1", 1, E::revoked));
  EXPECT_EQ(find("vol-1")->state, VolumeState::available);
  EXPECT_EQ(claim("vol-1", "i-2", "/dev/sdf").value(), 2);
}

TEST_F(VolumesStore, APlaceOfAnInstanceTakesOneVolumeAndARefusalClaimsNothing) {
  make("vol-1");
  make("vol-2");
  ASSERT_TRUE(claim("vol-1", "i-1", "/dev/sdf"));
  EXPECT_EQ(claim("vol-2", "i-1", "xvdf").error().code, VolumeErrc::device_in_use);
  EXPECT_EQ(find("vol-2")->state, VolumeState::available);
  EXPECT_EQ(find("vol-2")->epoch, 0);
  EXPECT_TRUE(claim("vol-2", "i-1", "xvdg"));
}

TEST_F(VolumesStore, AnOldNumberMovesNothing) {
  make("vol-1");
  ASSERT_TRUE(claim("vol-1", "i-1", "/dev/sdf"));
  EXPECT_FALSE(move("vol-1", 0, E::plugged));
  EXPECT_FALSE(move("vol-1", 2, E::plugged));
  EXPECT_FALSE(move("vol-1", 1, E::revoked));
  EXPECT_TRUE(move("vol-1", 1, E::plugged));
  EXPECT_FALSE(move("vol-1", 1, E::plugged));
}

TEST_F(VolumesStore, AWishToEndMayBeRepeatedAndForcedLater) {
  make("vol-1");
  ASSERT_TRUE(claim("vol-1", "i-1", "/dev/sdf"));
  const auto want = [&](bool force) {
    return write([=](Tx& tx) {
             return Attachments(tx).want_end(VolumeId("vol-1"), 1, force, common::SysTime());
           })
        .value();
  };
  EXPECT_TRUE(want(false));
  EXPECT_FALSE(want(false));
  EXPECT_FALSE(find("vol-1")->attachment->forced);
  EXPECT_TRUE(want(true));
  EXPECT_TRUE(find("vol-1")->attachment->forced);
  EXPECT_FALSE(want(true));
}

TEST_F(VolumesStore, DeletedVolumesAreGoneButRemembered) {
  make("vol-1");
  ASSERT_TRUE(advance("vol-1", VolumeEvent::unwant));
  EXPECT_TRUE(find("vol-1"));
  ASSERT_TRUE(advance("vol-1", VolumeEvent::removed));
  EXPECT_FALSE(find("vol-1"));
  const auto states = [&] {
    return write([](Tx& tx) { return Volumes(tx).states_in(ZoneName("zone-a")); }).value();
  };
  EXPECT_EQ(states().at(VolumeId("vol-1")), VolumeState::deleted);
  write([](Tx& tx) {
    return Volumes(tx).purge(common::SysTime(std::chrono::milliseconds(1)));
  }).value();
  EXPECT_TRUE(states().empty());
}

TEST_F(VolumesStore, CountsWhatAnAccountHas) {
  make("vol-1");
  make("vol-2");
  make("vol-3", "2");
  const auto used = [this](Quota quota) {
    return write([=](Tx& tx) { return QuotaUsage(tx).of(quota, AccountId("1")); }).value();
  };
  EXPECT_EQ(used(Quota::volumes), 2);
  EXPECT_EQ(used(Quota::volume_gib), 20);
  EXPECT_TRUE(write([](Tx& tx) { return Volumes(tx).any_in_zone(ZoneName("zone-a")); }).value());
  EXPECT_FALSE(write([](Tx& tx) { return Volumes(tx).any_in_zone(ZoneName("zone-b")); }).value());
}

TEST_F(VolumesStore, AnAttachmentKnowsWhatBecomesOfItsInstance) {
  make("vol-1");
  ASSERT_TRUE(claim("vol-1", "i-1", "/dev/sdf"));
  EXPECT_EQ(fate(), InstanceFate::over) << "an instance that nobody knows any more";
  write([](Tx& tx) -> Result<> {
    Instance i;
    i.id = InstanceId("i-1");
    i.zone = ZoneName("zone-a");
    return Instances(tx).insert(i);
  }).value();
  EXPECT_EQ(fate(), InstanceFate::lives);
  write([](Tx& tx) -> Result<> {
    TRY_VOID(Instances(tx).want_end(InstanceId("i-1"), {}, common::SysTime()));
    return common::ok();
  }).value();
  EXPECT_EQ(fate(), InstanceFate::ends);
  write([](Tx& tx) {
    return Instances(tx).advance(InstanceId("i-1"), 1, InstanceEvent::destroyed, {},
                                 common::SysTime());
  }).value();
  EXPECT_EQ(fate(), InstanceFate::over);
}

}  // namespace
}  // namespace angophora::clc
