// What the cloud controller's words become between it and a storage controller.
#include "clc/clients/soap_storage_client.h"

#include <gtest/gtest.h>

#include "common/runtime/sim_runtime.h"
#include "common/soap/fault.h"
#include "common/soap/local_channel.h"

namespace angophora::clc {
namespace {

using common::Error;
using State = StoredSnapshot::State;

storage__snapshot wire_snapshot(const std::string& id, const std::string& state, int progress) {
  storage__snapshot wire;
  wire.snapshotId = id;
  wire.volumeId = "vol-1";
  wire.sizeGib = 1;
  wire.startTimeMs = 1'500;
  wire.state = state;
  wire.progress = progress;
  return wire;
}

class SoapStorageClientTest : public ::testing::Test {
 protected:
  SoapStorageClientTest() { network.attach(ServiceName("sc-a"), dispatcher); }
  template <class Op, class Serve>
  void serve(Serve function) {
    dispatcher.serve<Op>({soap::Role::cloud}, function);
  }

  common::SimWorld world;
  common::SimRuntime runtime{world, "clc"};
  soap::Dispatcher dispatcher;
  soap::LocalNetwork network;
  soap::LocalChannel channel{runtime, network, ServiceName("clc"), soap::Role::cloud};
  SoapStorageClient client{runtime, channel};
  const ServiceName sc{"sc-a"};
};

Task<storage__CreateVolumeResponseType> make_volume(soap::Caller,
                                                    storage__CreateVolumeType request) {
  if (request.snapshotId.value_or("") == "snap-0")
    co_return Error(common::Errc::not_found, "no snapshot snap-0");
  if (request.volumeId == "vol-2" && request.snapshotId)
    co_return Error(common::Errc::invalid_argument, "an empty volume names no snapshot");
  co_return storage__CreateVolumeResponseType();
}

TEST_F(SoapStorageClientTest, AVolumeNamesItsSnapshotOrNone) {
  serve<soap::storage::CreateVolume>(make_volume);
  const auto make = [&](const char* volume, const char* snapshot) {
    return world.run(runtime, client.create_volume(sc, VolumeId(volume), 1, SnapshotId(snapshot)));
  };
  EXPECT_TRUE(make("vol-1", "snap-1"));
  EXPECT_TRUE(make("vol-2", ""));
  const auto refused = make("vol-1", "snap-0");
  ASSERT_FALSE(refused);
  EXPECT_TRUE(is_definite_refusal(refused.error()));
}

Task<storage__CreateSnapshotResponseType> take(soap::Caller, storage__CreateSnapshotType request) {
  if (request.volumeId == "vol-busy")
    co_return soap::error_of({"busy", "two of its snapshots are pending", ""});
  if (request.volumeId == "vol-full") co_return soap::error_of({"pool_full", "no room", ""});
  storage__CreateSnapshotResponseType answer;
  answer.snapshot = wire_snapshot(request.snapshotId, "pending", 7);
  co_return answer;
}

TEST_F(SoapStorageClientTest, ASnapshotIsTakenOrRefusedForNowOrForGood) {
  serve<soap::storage::CreateSnapshot>(take);
  const auto ask = [&](const char* volume) {
    return world.run(runtime, client.create_snapshot(sc, SnapshotId("snap-1"), VolumeId(volume)));
  };
  const auto taken = ask("vol-1");
  ASSERT_TRUE(taken);
  EXPECT_EQ(taken.value().id, SnapshotId("snap-1"));
  EXPECT_EQ(taken.value().state, State::pending);
  EXPECT_EQ(taken.value().progress, 7);
  EXPECT_EQ(taken.value().started_at.time_since_epoch().count(), 1'500);
  const auto busy = ask("vol-busy"), full = ask("vol-full");
  ASSERT_FALSE(busy);
  ASSERT_FALSE(full);
  EXPECT_FALSE(is_definite_refusal(busy.error())) << busy.error().message;
  EXPECT_TRUE(is_definite_refusal(full.error())) << full.error().message;
}

Task<storage__DescribeVolumesResponseType> describe(soap::Caller, storage__DescribeVolumesType) {
  storage__DescribeVolumesResponseType answer;
  answer.snapshots.push_back(wire_snapshot("snap-1", "completed", 100));
  answer.snapshots.push_back(wire_snapshot("snap-2", "error", 300));
  answer.snapshots.back().reason = "a chunk cannot be read";
  answer.capacityGib = 10;
  co_return answer;
}

TEST_F(SoapStorageClientTest, TheReportHasTheSnapshots) {
  serve<soap::storage::DescribeVolumes>(describe);
  const auto report = world.run(runtime, client.describe_volumes(sc)).value();
  ASSERT_EQ(report.snapshots.size(), 2u);
  EXPECT_EQ(report.snapshots[0].state, State::completed);
  EXPECT_EQ(report.snapshots[1].state, State::error);
  EXPECT_EQ(report.snapshots[1].progress, 100);
  EXPECT_EQ(report.snapshots[1].reason, "a chunk cannot be read");
}

Task<storage__DeleteSnapshotResponseType> drop(soap::Caller, storage__DeleteSnapshotType request) {
  if (request.snapshotId != "snap-1")
    co_return Error(common::Errc::unavailable, "the object store cannot be reached");
  co_return storage__DeleteSnapshotResponseType();
}

TEST_F(SoapStorageClientTest, ASnapshotIsRemoved) {
  serve<soap::storage::DeleteSnapshot>(drop);
  EXPECT_TRUE(world.run(runtime, client.delete_snapshot(sc, SnapshotId("snap-1"))));
  EXPECT_FALSE(world.run(runtime, client.delete_snapshot(sc, SnapshotId("snap-2"))));
}

}  // namespace
}  // namespace angophora::clc
