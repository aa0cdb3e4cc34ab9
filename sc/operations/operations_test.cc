#include <gtest/gtest.h>

#include <set>

#include "common/runtime/sim_runtime.h"
#include "common/soap/local_channel.h"
#include "sc/backends/fake_backend.h"
#include "sc/clients/fake_snapshot_store.h"
#include "sc/exports/fake_export_server.h"
#include "sc/operations/services.h"
#include "sc/store/migrations.h"

namespace angophora::sc {
namespace {

using soap::Role;
namespace storage = soap::storage;

class StorageController : public ::testing::Test {
 protected:
  StorageController() {
    network_.attach(ServiceName("sc"), dispatcher_);
    serve_operations(services_, dispatcher_);
  }
  ~StorageController() override { runtime_.kill(); }

  template <class Op>
  Result<typename Op::Reply> call(typename Op::Request request, const char* node = nullptr) {
    soap::LocalChannel channel(runtime_, network_, ServiceName(node ? node : "clc"),
                               node ? Role::node : Role::cloud);
    return world_.run(runtime_, soap::call<Op>(channel, ServiceName("sc"), std::move(request)));
  }
  std::unique_ptr<db::Database> database() {
    db::Options options;
    options.path = ":memory:";
    options.inline_io = true;
    return db::Database::open(runtime_, options, kMigrations).value();
  }
  auto grant(const std::string& id, std::int64_t epoch, const char* node = "nc-a") {
    storage__GrantExportType request;
    request.volumeId = id;
    request.instanceId = "i-1";
    request.nodeName = node;
    request.attachmentEpoch = epoch;
    return call<storage::GrantExport>(std::move(request));
  }
  auto revoke(const std::string& id, std::int64_t epoch) {
    storage__RevokeExportType request;
    request.volumeId = id;
    request.attachmentEpoch = epoch;
    return call<storage::RevokeExport>(std::move(request));
  }
  auto open(const std::string& id, std::int64_t epoch, const char* node = "nc-a",
            const char* instance = "i-1") {
    storage__ExportVolumeType request;
    request.volumeId = id;
    request.instanceId = instance;
    request.attachmentEpoch = epoch;
    return call<storage::ExportVolume>(std::move(request), node);
  }
  auto close(const std::string& id, std::int64_t epoch, const char* node = "nc-a") {
    storage__UnexportVolumeType request;
    request.volumeId = id;
    request.instanceId = "i-1";
    request.attachmentEpoch = epoch;
    return call<storage::UnexportVolume>(std::move(request), node);
  }
  template <class T>
  static void expect_refused(const Result<T>& result, std::string_view name) {
    ASSERT_FALSE(result) << name;
    EXPECT_NE(result.assume_error().message.find(name), std::string::npos)
        << result.assume_error().message;
  }
  auto create(const std::string& id, int size_gib) {
    storage__CreateVolumeType request;
    request.volumeId = id;
    request.sizeGib = size_gib;
    return call<storage::CreateVolume>(std::move(request));
  }
  storage__DescribeVolumesResponseType describe(std::vector<std::string> ids = {}) {
    storage__DescribeVolumesType request;
    request.volumeIds = std::move(ids);
    return call<storage::DescribeVolumes>(std::move(request)).assume_value();
  }

  common::SimWorld world_;
  common::SimRuntime runtime_{world_, "sc"};
  soap::LocalNetwork network_;
  FakeBackend backend_;
  FakeExportServer server_;
  std::unique_ptr<db::Database> db_ = database();
  Volumes volumes_{*db_, backend_};
  Exports exports_{runtime_, *db_, volumes_, server_};
  FakeSnapshotStore store_;
  Snapshots snapshots_{runtime_, {*db_, backend_, volumes_, exports_, store_}};
  Services services_{runtime_,          volumes_,           exports_, snapshots_,
                     ServiceName("sc"), ZoneName("zone-a"), "0.1",    [] { return "192.0.2.7"; }};
  soap::Dispatcher dispatcher_;
};

TEST_F(StorageController, ServesEveryOperationOfItsContractToWhomItIsFor) {
  const std::set<std::string_view> of_nodes = {"ExportVolume", "UnexportVolume"};
  std::size_t listed = 0;
  for (const auto* operation : soap::operations()) {
    if (operation->contract != "storage") continue;
    ++listed;
    const auto caller = of_nodes.contains(operation->name) ? Role::node : Role::cloud;
    for (const auto role : {Role::cloud, Role::cluster, Role::node, Role::walrus, Role::storage})
      EXPECT_EQ(dispatcher_.allows(operation->action, role), role == caller) << operation->name;
  }
  EXPECT_EQ(dispatcher_.served().size(), listed);
}

TEST_F(StorageController, MakesDescribesAndRemovesVolumes) {
  ASSERT_TRUE(create("vol-00000001", 2));
  ASSERT_TRUE(create("vol-00000002", 3));
  const auto all = describe();
  ASSERT_EQ(all.volumes.size(), 2u);
  EXPECT_EQ(all.volumes[0].state, "available");
  EXPECT_EQ(all.capacityGib, 1000);
  EXPECT_EQ(all.usedGib, 100);
  const auto one = describe({"vol-00000002", "vol-00000009"});
  ASSERT_EQ(one.volumes.size(), 1u);
  EXPECT_EQ(one.volumes[0].sizeGib, 3);
  storage__DeleteVolumeType request;
  request.volumeId = "vol-00000001";
  EXPECT_TRUE(call<storage::DeleteVolume>(request));
  EXPECT_TRUE(call<storage::DeleteVolume>(request));
  EXPECT_EQ(describe().volumes.size(), 1u);
}

TEST_F(StorageController, NamesWhatIsWrongWithARequest) {
  ASSERT_TRUE(create("vol-00000001", 2));
  EXPECT_NE(create("vol-00000001", 3).assume_error().message.find("size_mismatch"),
            std::string::npos);
  EXPECT_NE(create("vol-00000002", -3).assume_error().message.find("bad_size"), std::string::npos);
  EXPECT_NE(create("../x", 1).assume_error().message.find("bad_id"), std::string::npos);
}

TEST_F(StorageController, TellsTheGrantedNodeWhereTheVolumeIs) {
  ASSERT_TRUE(create("vol-00000001", 2));
  ASSERT_TRUE(grant("vol-00000001", 1));
  const auto answer = open("vol-00000001", 1);
  ASSERT_TRUE(answer) << answer.assume_error().message;
  EXPECT_EQ(answer.assume_value().host, "192.0.2.7");
  EXPECT_EQ(answer.assume_value().port, server_.serving.begin()->second.port);
  EXPECT_EQ(answer.assume_value().exportName, "vol-00000001");
  EXPECT_EQ(answer.assume_value().pskUsername, "vol-00000001.1");
  EXPECT_EQ(answer.assume_value().pskKey.size(), 64u);
  EXPECT_EQ(answer.assume_value().sizeBytes, std::int64_t{2} << 30);
  const auto again = open("vol-00000001", 1);
  ASSERT_TRUE(again);
  EXPECT_EQ(again.assume_value().pskKey, answer.assume_value().pskKey);
  EXPECT_TRUE(close("vol-00000001", 1));
  EXPECT_TRUE(server_.serving.empty());
}

TEST_F(StorageController, RefusesForgedStaleAndForeignRequestsForAVolume) {
  ASSERT_TRUE(create("vol-00000001", 1));
  ASSERT_TRUE(grant("vol-00000001", 2));
  expect_refused(open("vol-00000001", 2, "nc-b"), "wrong_node");
  expect_refused(open("vol-00000001", 2, "nc-a", "i-2"), "wrong_instance");
  expect_refused(open("vol-00000001", 1), "stale_epoch");
  expect_refused(open("vol-00000001", 3), "not_granted");
  expect_refused(open("vol-00000002", 2), "not_granted");
  expect_refused(open("vol-0000000x", 2), "bad_id");
  expect_refused(close("vol-00000001", 2, "nc-b"), "wrong_node");
  expect_refused(grant("vol-00000001", 1), "stale_epoch");
  EXPECT_EQ(grant("vol-00000002", 1).assume_error().code, Errc::not_found);
  EXPECT_TRUE(server_.serving.empty());
}

TEST_F(StorageController, ShowsWhoHoldsAVolume) {
  ASSERT_TRUE(create("vol-00000001", 1));
  EXPECT_FALSE(describe().volumes[0].attachmentEpoch);
  ASSERT_TRUE(grant("vol-00000001", 7));
  EXPECT_EQ(describe().volumes[0].attachmentEpoch, 7);
  EXPECT_EQ(describe().volumes[0].exportedTo, "nc-a");
  ASSERT_TRUE(revoke("vol-00000001", 7));
  EXPECT_EQ(describe().volumes[0].attachmentEpoch, 7);
  EXPECT_FALSE(describe().volumes[0].exportedTo);
}

TEST_F(StorageController, KeepsAGrantedVolume) {
  ASSERT_TRUE(create("vol-00000001", 1));
  ASSERT_TRUE(grant("vol-00000001", 1));
  storage__DeleteVolumeType request;
  request.volumeId = "vol-00000001";
  expect_refused(call<storage::DeleteVolume>(request), "in_use");
  ASSERT_TRUE(revoke("vol-00000001", 1));
  EXPECT_TRUE(call<storage::DeleteVolume>(request));
}

TEST_F(StorageController, NoticesThatAVolumesBytesAreGone) {
  ASSERT_TRUE(create("vol-00000001", 1));
  backend_.volumes.clear();
  const auto all = describe();
  ASSERT_EQ(all.volumes.size(), 1u);
  EXPECT_EQ(all.volumes[0].state, "error");
  EXPECT_EQ(all.volumes[0].reason, "its file is gone");
  expect_refused(create("vol-00000001", 1), "damaged");
  EXPECT_TRUE(backend_.volumes.empty()) << "no empty volume takes its place";
}

TEST_F(StorageController, IsNotReadyWhenItCannotExport) {
  server_.failure = "the plug-in is missing";
  const auto answer = call<storage::DescribeServices>({}).assume_value();
  EXPECT_EQ(answer.services.at(0).state, "NOTREADY");
  EXPECT_EQ(answer.services.at(0).reason, "the plug-in is missing");
}

TEST_F(StorageController, DescribesItself) {
  const auto answer = call<storage::DescribeServices>({}).assume_value();
  ASSERT_EQ(answer.services.size(), 1u);
  EXPECT_EQ(answer.services[0].type, "storage");
  EXPECT_EQ(answer.services[0].state, "ENABLED");
}

}  // namespace
}  // namespace angophora::sc
