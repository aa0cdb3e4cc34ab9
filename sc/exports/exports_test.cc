#include "sc/exports/exports.h"

#include <gtest/gtest.h>

#include "common/runtime/sim_runtime.h"
#include "sc/backends/fake_backend.h"
#include "sc/exports/fake_export_server.h"
#include "sc/store/migrations.h"

namespace angophora::sc {
namespace {

using namespace std::chrono_literals;
using common::Errc;

const VolumeId kVolume("vol-00000001"), kOther("vol-00000002"), kUnknown("vol-00000009");

Holder holder(std::int64_t epoch, const char* instance = "i-1", const char* node = "nc-a") {
  return {InstanceId(instance), NodeName(node), epoch};
}

// A daemon's life: what is below it in Fixture outlives it.
struct Life {
  Life(common::SimWorld& world, db::Database& db, Volumes& volumes, ExportServer& server)
      : runtime(world, "sc"), exports(runtime, db, volumes, server) {}
  ~Life() { runtime.kill(); }
  common::SimRuntime runtime;
  Exports exports;
};

class ExportsTest : public ::testing::Test {
 protected:
  ExportsTest() {
    db::Options options;
    options.path = ":memory:";
    options.inline_io = true;
    db_ = db::Database::open(disk_, options, kMigrations).value();
    volumes_ = std::make_unique<Volumes>(*db_, backend_);
    EXPECT_TRUE(world_.run(disk_, volumes_->create(kVolume, 1)));
    EXPECT_TRUE(world_.run(disk_, volumes_->create(kOther, 2)));
    begin();
  }
  ~ExportsTest() override {
    life_.reset();
    disk_.kill();
  }

  void begin() {
    life_.reset();
    life_ = std::make_unique<Life>(world_, *db_, *volumes_, server_);
    const auto started = run(life_->exports.start());
    EXPECT_TRUE(started) << started.error().message;
  }
  template <class T>
  T run(common::awaitable<T> work) {
    return world_.run(life_->runtime, std::move(work));
  }
  template <class T>
  static std::error_code code(const Result<T>& result) {
    return result ? std::error_code() : result.error().code;
  }
  std::error_code grant(Holder h, VolumeId volume = kVolume) {
    return code(run(life_->exports.grant(volume, h)));
  }
  std::error_code revoke(std::int64_t epoch, VolumeId volume = kVolume) {
    return code(run(life_->exports.revoke(volume, epoch)));
  }
  Result<ExportSpec> open(Holder h, VolumeId volume = kVolume) {
    return run(life_->exports.open(volume, h));
  }
  std::error_code close(Holder h, VolumeId volume = kVolume) {
    return code(run(life_->exports.close(volume, h)));
  }
  bool serves(VolumeId volume = kVolume) const { return server_.serving.contains(volume); }

  common::SimWorld world_;
  common::SimRuntime disk_{world_, "disk"};
  FakeBackend backend_;
  FakeExportServer server_;
  std::unique_ptr<db::Database> db_;
  std::unique_ptr<Volumes> volumes_;
  std::unique_ptr<Life> life_;
  const std::error_code fine_;
};

TEST_F(ExportsTest, TheHolderGetsTheSameAnswerEachTime) {
  ASSERT_EQ(grant(holder(1)), fine_);
  const auto first = open(holder(1));
  ASSERT_TRUE(first) << first.error().message;
  EXPECT_EQ(first.value().size_bytes, kBytesPerGib);
  EXPECT_EQ(first.value().key.size(), 32u);
  EXPECT_NE(first.value().port, 0);
  begin();
  ASSERT_EQ(grant(holder(1)), fine_) << "repeated";
  const auto again = open(holder(1));
  ASSERT_TRUE(again);
  EXPECT_EQ(again.value().key, first.value().key);
  EXPECT_EQ(again.value().port, first.value().port);
}

TEST_F(ExportsTest, NobodyElseGetsIn) {
  EXPECT_EQ(code(open(holder(1))), ExportErrc::not_granted);
  ASSERT_EQ(grant(holder(2)), fine_);
  EXPECT_EQ(code(open(holder(2, "i-1", "nc-b"))), ExportErrc::wrong_node);
  EXPECT_EQ(code(open(holder(2, "i-2"))), ExportErrc::wrong_instance);
  EXPECT_EQ(code(open(holder(1))), ExportErrc::stale_epoch);
  EXPECT_EQ(code(open(holder(3))), ExportErrc::not_granted);
  EXPECT_EQ(code(open(holder(2), kOther)), ExportErrc::not_granted);
  EXPECT_EQ(code(open(holder(2), kUnknown)), ExportErrc::not_granted);
  EXPECT_EQ(code(open(holder(2), VolumeId("../x"))), VolumeErrc::bad_id);
  EXPECT_FALSE(serves());
}

TEST_F(ExportsTest, AGrantNeedsItsVolumeAndANewNumber) {
  EXPECT_EQ(grant(holder(1), kUnknown), Errc::not_found);
  EXPECT_EQ(grant(holder(1), VolumeId("nonsense")), VolumeErrc::bad_id);
  ASSERT_EQ(grant(holder(2)), fine_);
  EXPECT_EQ(grant(holder(1)), ExportErrc::stale_epoch);
  EXPECT_EQ(grant(holder(2, "i-2")), ExportErrc::wrong_instance);
}

TEST_F(ExportsTest, AHigherNumberClosesWhatTheOldOneHadOpen) {
  ASSERT_EQ(grant(holder(1)), fine_);
  const auto old = open(holder(1));
  ASSERT_TRUE(old);
  ASSERT_EQ(grant(holder(2, "i-2", "nc-b")), fine_);
  EXPECT_FALSE(serves());
  EXPECT_EQ(code(open(holder(1))), ExportErrc::stale_epoch);
  const auto fresh = open(holder(2, "i-2", "nc-b"));
  ASSERT_TRUE(fresh);
  EXPECT_NE(fresh.value().key, old.value().key);
}

TEST_F(ExportsTest, AHigherNumberIsNotGrantedWhileTheOldOneCannotBeClosed) {
  ASSERT_EQ(grant(holder(1)), fine_);
  ASSERT_TRUE(open(holder(1)));
  server_.failure = "a server that cannot be ended";
  EXPECT_EQ(grant(holder(2, "i-2", "nc-b")), Errc::io);
  server_.failure.clear();
  EXPECT_EQ(code(open(holder(2, "i-2", "nc-b"))), ExportErrc::not_granted);
  EXPECT_EQ(code(open(holder(1))), ExportErrc::stale_epoch);
  EXPECT_EQ(grant(holder(2, "i-2", "nc-b")), fine_) << "sent again";
  EXPECT_FALSE(serves());
}

TEST_F(ExportsTest, WhatIsRevokedIsClosedForGood) {
  ASSERT_EQ(grant(holder(1)), fine_);
  ASSERT_TRUE(open(holder(1)));
  ASSERT_EQ(revoke(1), fine_);
  EXPECT_FALSE(serves());
  EXPECT_EQ(code(open(holder(1))), ExportErrc::stale_epoch);
  EXPECT_EQ(grant(holder(1)), ExportErrc::stale_epoch) << "a grant that was late";
  EXPECT_EQ(revoke(1), fine_) << "repeated";
  begin();
  EXPECT_EQ(code(open(holder(1))), ExportErrc::stale_epoch);
  EXPECT_EQ(grant(holder(2)), fine_);
}

TEST_F(ExportsTest, RevokingANumberThatWasNeverGrantedKeepsItOut) {
  ASSERT_EQ(revoke(5), fine_);
  EXPECT_EQ(grant(holder(5)), ExportErrc::stale_epoch);
  EXPECT_EQ(grant(holder(6)), fine_);
  ASSERT_TRUE(open(holder(6)));
  EXPECT_EQ(revoke(5), fine_) << "late: the newer one is not its business";
  EXPECT_TRUE(serves());
  EXPECT_EQ(revoke(1, kUnknown), fine_) << "nothing of it is open";
  EXPECT_EQ(revoke(0), Errc::invalid_argument);
}

TEST_F(ExportsTest, RevokingSaysSoWhenItCannotClose) {
  ASSERT_EQ(grant(holder(1)), fine_);
  ASSERT_TRUE(open(holder(1)));
  server_.failure = "a server that cannot be ended";
  EXPECT_EQ(revoke(1), Errc::io);
  EXPECT_EQ(code(open(holder(1))), ExportErrc::stale_epoch);
  server_.failure.clear();
  EXPECT_EQ(revoke(1), fine_);
  EXPECT_FALSE(serves());
}

TEST_F(ExportsTest, TheNodeLetsGoAndMayComeBack) {
  ASSERT_EQ(grant(holder(1)), fine_);
  ASSERT_TRUE(open(holder(1)));
  EXPECT_EQ(close(holder(1, "i-1", "nc-b")), ExportErrc::wrong_node);
  EXPECT_EQ(close(holder(1, "i-2")), ExportErrc::wrong_instance);
  EXPECT_EQ(close(holder(2)), ExportErrc::not_granted);
  EXPECT_TRUE(serves());
  EXPECT_EQ(close(holder(1)), fine_);
  EXPECT_EQ(close(holder(1)), fine_) << "repeated";
  EXPECT_FALSE(serves());
  EXPECT_TRUE(open(holder(1))) << "the grant stays";
  ASSERT_EQ(grant(holder(2)), fine_);
  ASSERT_TRUE(open(holder(2)));
  EXPECT_EQ(close(holder(1)), fine_) << "late: it has nothing open";
  EXPECT_TRUE(serves());
  EXPECT_EQ(close(holder(1), kUnknown), fine_);
}

TEST_F(ExportsTest, AServerThatDiedIsStartedAgainWithTheSamePortAndKey) {
  ASSERT_EQ(grant(holder(1)), fine_);
  const auto before = open(holder(1)).value();
  server_.die(kVolume);
  world_.run_for(1s);
  ASSERT_TRUE(serves());
  EXPECT_EQ(server_.serving[kVolume].port, before.port);
  EXPECT_EQ(server_.serving[kVolume].key, before.key);
}

TEST_F(ExportsTest, AServerThatDoesNotStartIsTriedAgain) {
  ASSERT_EQ(grant(holder(1)), fine_);
  ASSERT_TRUE(open(holder(1)));
  server_.die(kVolume);
  server_.failure = "its port is taken";
  world_.run_for(10s);
  EXPECT_FALSE(serves());
  server_.failure.clear();
  world_.run_for(5s);
  EXPECT_TRUE(serves());
}

TEST_F(ExportsTest, AStartServesWhatWasOpenAndEndsTheRest) {
  ASSERT_EQ(grant(holder(1)), fine_);
  const auto before = open(holder(1)).value();
  life_.reset();
  server_.die(kVolume);
  server_.serving[kOther] = {kOther, 1, kBytesPerGib, 4711, "of an export that was revoked"};
  begin();
  EXPECT_FALSE(serves(kOther));
  ASSERT_TRUE(serves());
  EXPECT_EQ(server_.serving[kVolume].key, before.key);
}

TEST_F(ExportsTest, AVolumeIsNotRemovedWhileItIsGranted) {
  ASSERT_EQ(grant(holder(1)), fine_);
  EXPECT_EQ(code(run(life_->exports.remove(kVolume))), VolumeErrc::in_use);
  ASSERT_EQ(revoke(1), fine_);
  EXPECT_TRUE(run(life_->exports.remove(kVolume)));
  EXPECT_TRUE(run(life_->exports.remove(kVolume))) << "repeated";
  EXPECT_FALSE(backend_.volumes.contains(kVolume));
  EXPECT_TRUE(run(life_->exports.all()).value().empty());
  EXPECT_EQ(grant(holder(2)), Errc::not_found);
}

TEST_F(ExportsTest, AVolumeWithoutItsBytesIsNotOpened) {
  ASSERT_EQ(grant(holder(1)), fine_);
  backend_.volumes.erase(kVolume);
  EXPECT_EQ(code(open(holder(1))), VolumeErrc::damaged);
}

}  // namespace
}  // namespace angophora::sc
