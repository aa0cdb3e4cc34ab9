#include <gtest/gtest.h>

#include <set>

#include "common/runtime/sim_runtime.h"
#include "common/soap/local_channel.h"
#include "sc/backends/fake_backend.h"
#include "sc/operations/services.h"

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
  Result<typename Op::Reply> call(typename Op::Request request) {
    soap::LocalChannel channel(runtime_, network_, ServiceName("clc"), Role::cloud);
    return world_.run(runtime_, soap::call<Op>(channel, ServiceName("sc"), std::move(request)));
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
  Services services_{runtime_, backend_, ServiceName("sc"), ZoneName("zone-a"), "0.1"};
  soap::Dispatcher dispatcher_;
};

// The contract goes ahead of the program: callers are built against it.
const std::set<std::string_view> kAhead = {"GrantExport", "RevokeExport", "ExportVolume",
                                           "UnexportVolume"};

TEST_F(StorageController, ServesWhatItListsOfItsContractAndOnlyToTheCloud) {
  std::size_t listed = 0;
  for (const auto* operation : soap::operations()) {
    if (operation->contract != "storage" || kAhead.contains(operation->name)) continue;
    ++listed;
    EXPECT_TRUE(dispatcher_.allows(operation->action, Role::cloud)) << operation->name;
    for (const auto role : {Role::cluster, Role::node, Role::walrus, Role::storage})
      EXPECT_FALSE(dispatcher_.allows(operation->action, role)) << operation->name;
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

TEST_F(StorageController, DescribesItself) {
  const auto answer = call<storage::DescribeServices>({}).assume_value();
  ASSERT_EQ(answer.services.size(), 1u);
  EXPECT_EQ(answer.services[0].type, "storage");
  EXPECT_EQ(answer.services[0].state, "ENABLED");
}

}  // namespace
}  // namespace angophora::sc
