#include "clc/store/restoration.h"

#include <gtest/gtest.h>

#include "clc/store/counters.h"
#include "clc/store/events.h"
#include "clc/store/identities.h"
#include "clc/store/identity_changes.h"
#include "clc/store/instances.h"
#include "clc/store/migrations.h"
#include "clc/store/network_versions.h"
#include "clc/store/registrations.h"
#include "clc/store/volumes.h"
#include "common/runtime/sim_runtime.h"

namespace angophora::clc {
namespace {

using namespace std::chrono_literals;

const common::SysTime kMade{std::chrono::milliseconds(1'700'000'000'000)};
const common::SysTime kBack = kMade + 3h;

class RestorationTest : public ::testing::Test {
 protected:
  RestorationTest() {
    db::Options options;
    options.path = ":memory:";
    options.inline_io = true;
    database = db::Database::open(runtime, options, kMigrations).value();
  }
  template <class F>
  auto write(F f) {
    using R = std::invoke_result_t<F&, Tx&>;
    return world.run<R>(runtime, database->write(std::move(f)));
  }
  Restored settle(common::SysTime back = kBack) {
    const auto network = parse_instance_network("10.0.0.0/24").value();
    return write([=](Tx& tx) { return settle_restoration(tx, {kMade, back}, network); }).value();
  }
  std::int64_t counter(const char* name) {
    return write([=](Tx& tx) { return Counters(tx).value(name); }).value();
  }
  void add_account(const std::string& id) {
    write([=](Tx& tx) {
      return Identities(tx).insert(Account{AccountId(id), "a" + id, std::string(60, 'a') + id, {}});
    }).value();
  }
  void add_instance(const std::string& id, InstanceState state) {
    write([=](Tx& tx) -> Result<> {
      Instance i;
      i.id = InstanceId(id);
      i.account = AccountId("1");
      i.zone = ZoneName("zone-a");
      i.resources = {1, 1024, 10};
      i.tags = {{"Name", id}};
      const std::string macs[] = {"d0:0d:" + id};
      TRY(const auto taken,
          Addresses(tx).take(parse_instance_network("10.0.0.0/24").value(), i.id, macs));
      i.private_ip = taken.address;
      i.mac = taken.mac;
      TRY_VOID(Instances(tx).insert(i));
      if (state == InstanceState::pending) return common::ok();
      TRY_VOID(Instances(tx).place(i.id, 1, NodeName("node-1"), kMade));
      TRY_VOID(Instances(tx).advance(i.id, 1, InstanceEvent::booted, {}, kMade));
      return common::ok();
    }).value();
  }

  common::SimWorld world{1};
  common::SimRuntime runtime{world, "clc"};
  std::unique_ptr<db::Database> database;
};

TEST_F(RestorationTest, NumbersGoOnBeyondAllThatWereGiven) {
  add_account("1");
  write([](Tx& tx) { return NetworkVersions(tx).version_of("digest"); }).value();
  const auto restored = settle();
  EXPECT_TRUE(restored.is_new);
  EXPECT_EQ(restored.base, kBack.time_since_epoch().count());
  EXPECT_GE(counter(kRegistryVersion), restored.base);
  EXPECT_GT(write([](Tx& tx) { return NetworkVersions(tx).version_of("digest"); }).value(),
            restored.base)
      << "the same document under a number that no node has seen";
}

TEST_F(RestorationTest, EveryIdentityIsNewerThanTheFloor) {
  add_account("1");
  add_account("2");
  const auto before = write([](Tx& tx) { return IdentityChanges(tx).after(0, 99); }).value();
  const auto restored = settle();
  const auto after = write([](Tx& tx) { return IdentityChanges(tx).after(0, 99); }).value();
  ASSERT_EQ(after.size(), before.size());
  EXPECT_EQ(counter(kIdentitiesFloor), restored.base);
  EXPECT_EQ(after.front().version, restored.base + 1);
  EXPECT_EQ(counter(kIdentitiesVersion), after.back().version);
  for (std::size_t i = 0; i < after.size(); ++i) EXPECT_EQ(after[i].id, before[i].id);
  add_account("3");
  EXPECT_GT(counter(kIdentitiesVersion), after.back().version);
}

TEST_F(RestorationTest, IsSettledOnce) {
  add_account("1");
  settle();
  const auto version = counter(kIdentitiesVersion);
  EXPECT_FALSE(settle().is_new);
  EXPECT_EQ(counter(kIdentitiesVersion), version);
}

TEST_F(RestorationTest, OfTheSameBackupASecondTimeGoesFurther) {
  add_account("1");
  const auto first = settle();
  const auto second = settle(kBack + 1h);
  EXPECT_TRUE(second.is_new);
  EXPECT_GT(second.base, first.base);
}

TEST_F(RestorationTest, AClockThatIsBehindTakesNothingBack) {
  add_account("1");
  const auto first = settle();
  add_account("2");
  const auto second = settle(kBack - 2h);
  EXPECT_TRUE(second.is_new);
  EXPECT_GT(second.base, first.base);
  EXPECT_GT(write([](Tx& tx) { return IdentityChanges(tx).after(0, 1); }).value().front().version,
            second.base);
}

TEST_F(RestorationTest, WhatHadNotStartedIsForgottenAndTheRestIsNot) {
  add_instance("i-new", InstanceState::pending);
  add_instance("i-old", InstanceState::running);
  EXPECT_EQ(settle().forgotten_launches, 1);
  EXPECT_FALSE(write([](Tx& tx) { return Instances(tx).find(InstanceId("i-new")); }).value());
  const auto old = write([](Tx& tx) { return Instances(tx).find(InstanceId("i-old")); }).value();
  ASSERT_TRUE(old);
  EXPECT_EQ(old->state, InstanceState::running);
  EXPECT_EQ(old->placement_no, 1);
}

TEST_F(RestorationTest, AddressesThatMayHaveBeenGivenSinceRest) {
  add_instance("i-1", InstanceState::running);
  settle();
  add_instance("i-2", InstanceState::running);
  const auto address = [&](const char* id) {
    return write([=](Tx& tx) { return Instances(tx).find(InstanceId(id)); }).value()->private_ip;
  };
  EXPECT_GT(address("i-2"), address("i-1") + 100);
}

TEST_F(RestorationTest, AnUnusedTokenIsVoid) {
  write([](Tx& tx) -> Result<> {
    Service service;
    service.name = ServiceName("w");
    service.type = ServiceType::walrus;
    service.host = "w";
    service.port = 1;
    TRY_VOID(Registrations(tx).insert(service));
    return Registrations(tx).issue({"token", ServiceName("w"), "secret", kBack + 24h});
  }).value();
  settle();
  EXPECT_FALSE(write([](Tx& tx) { return Registrations(tx).find_token("token"); }).value());
}

TEST_F(RestorationTest, AVolumesNextAttachmentIsBeyondThoseThatWereForgotten) {
  write([](Tx& tx) -> Result<> {
    Volume volume;
    volume.id = VolumeId("vol-1");
    volume.account = AccountId("1");
    volume.zone = ZoneName("zone-a");
    volume.size_gib = 1;
    TRY_VOID(Volumes(tx).insert(volume));
    TRY_VOID(Volumes(tx).advance(volume.id, VolumeEvent::made, "", kMade));
    return common::ok();
  }).value();
  const auto restored = settle();
  const auto epoch = write([](Tx& tx) {
                       Attachment a;
                       a.volume = VolumeId("vol-1");
                       a.device = "/dev/sdf";
                       return Attachments(tx).claim(a, kBack);
                     }).value();
  EXPECT_GT(epoch, restored.base);
}

TEST_F(RestorationTest, IsAnEventThatEverybodyCanRead) {
  settle();
  const auto events = write([](Tx& tx) { return Events(tx).latest(kServiceEvents, 9); }).value();
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events.front().event.kind, "service.restored");
  EXPECT_EQ(events.front().at, kBack);
}

}  // namespace
}  // namespace angophora::clc
