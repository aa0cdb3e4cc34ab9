#include "nc/operations/operations.h"

#include <gtest/gtest.h>

#include "common/runtime/sim_runtime.h"
#include "common/soap/local_channel.h"
#include "nc/hypervisor/fake_hypervisor.h"
#include "nc/images/fake_disks.h"
#include "nc/images/fake_images.h"
#include "nc/network/fake_network.h"
#include "nc/operations/wire_forms.h"
#include "nc/volumes/fake_storage_volumes.h"
#include "nc/volumes/fake_volume_clients.h"

namespace angophora::nc {
namespace {

using common::ServiceName;
namespace node = soap::node;
using namespace std::chrono_literals;

t__instanceSpec wire_spec(const std::string& id) {
  t__instanceSpec wire;
  wire.instanceId = id;
  wire.placementNo = 1;
  wire.instanceType.name = "t";
  wire.instanceType.vcpus = 1;
  wire.instanceType.memoryMib = 512;
  wire.instanceType.diskGib = 5;
  wire.instanceType.ephemeralGib = 0;
  wire.instanceType.swapMib = 0;
  wire.launchIndex = 0;
  wire.launchTimeMs = 0;
  wire.machineImage.imageId = "emi-1";
  wire.machineImage.kind = "machine";
  wire.machineImage.sizeBytes = 1000;
  wire.machineImage.wholeDisk = true;
  wire.net.macAddress = "d0:0d:00:00:00:01";
  wire.net.privateIp = "10.100.0.5";
  wire.net.deviceIndex = 0;
  wire.metadataTokensRequired = false;
  return wire;
}

class OperationsTest : public testing::Test {
 protected:
  OperationsTest() {
    serve_operations(dispatcher_, services_);
    network_of_services_.attach(ServiceName("node-1"), dispatcher_);
    EXPECT_TRUE(world_.run(runtime_, instances_.start()));
    world_.run_for(10ms);
  }
  ~OperationsTest() override { runtime_.kill(); }

  static InstancesOptions options() {
    InstancesOptions options;
    options.instances_dir = "/nonexistent";
    options.total = {4, 2048, 100};
    return options;
  }
  template <class Op>
  common::Result<typename Op::Reply> call(typename Op::Request request,
                                          soap::Role role = soap::Role::cluster) {
    soap::LocalChannel channel(runtime_, network_of_services_, ServiceName("caller"), role);
    return world_.run(runtime_, soap::call<Op>(channel, ServiceName("node-1"), std::move(request)));
  }
  node::DescribeNode::Reply describe() {
    node::DescribeNode::Request request;
    request.knownGeneration = 0;
    request.waitMs = 0;
    return call<node::DescribeNode>(request).assume_value();
  }

  common::SimWorld world_;
  common::SimRuntime runtime_{world_, "nc"};
  FakeHypervisor hypervisor_;
  FakeNetwork network_;
  FakeDisks disks_;
  FakeImages images_{runtime_};
  MemoryRecords records_;
  FakeStorageVolumes storage_;
  FakeVolumeClients volume_clients_;
  Instances instances_{
      runtime_,
      {hypervisor_, network_, images_, disks_, records_, storage_, volume_clients_},
      options()};
  Services services_{
      runtime_, instances_, network_, common::NodeName("node-1"), common::ZoneName("zone-a"),
      "1.0"};
  soap::Dispatcher dispatcher_;
  soap::LocalNetwork network_of_services_;
};

TEST_F(OperationsTest, AreAllOfTheContract) {
  std::size_t wanted = 0;
  for (const auto* operation : soap::operations()) wanted += operation->contract == "node";
  EXPECT_EQ(dispatcher_.served().size(), wanted);
}

TEST_F(OperationsTest, ServeTheClusterControllerAlone) {
  node::TerminateInstances::Request request;
  for (const auto role :
       {soap::Role::cloud, soap::Role::node, soap::Role::walrus, soap::Role::storage})
    EXPECT_FALSE(call<node::TerminateInstances>(request, role));
  EXPECT_TRUE(call<node::TerminateInstances>(request));
}

TEST_F(OperationsTest, RunDescribeAndTerminateAnInstance) {
  node::RunInstances::Request run;
  run.instances.push_back(wire_spec("i-1"));
  const auto ran = call<node::RunInstances>(run);
  ASSERT_TRUE(ran) << ran.error().message;
  ASSERT_EQ(ran.assume_value().outcomes.size(), 1u);
  EXPECT_TRUE(ran.assume_value().outcomes[0].accepted);
  world_.run_for(1s);

  const auto seen = describe();
  EXPECT_EQ(seen.node.nodeName, "node-1");
  EXPECT_EQ(seen.node.state, "ready");
  EXPECT_EQ(seen.node.memoryMibUsed, 512);
  ASSERT_EQ(seen.instances.size(), 1u);
  EXPECT_EQ(seen.instances[0].state, "running");

  node::TerminateInstances::Request end;
  t__instanceRef ref;
  ref.instanceId = "i-1";
  ref.placementNo = 1;
  end.instances.push_back(ref);
  EXPECT_TRUE(call<node::TerminateInstances>(end).assume_value().outcomes[0].accepted);
  world_.run_for(1s);
  EXPECT_EQ(describe().instances[0].state, "terminated");
}

TEST_F(OperationsTest, RefuseABadOrderAndTakeItsNeighbour) {
  node::RunInstances::Request run;
  run.instances.push_back(wire_spec("i-1"));
  run.instances.push_back(wire_spec("i-2"));
  run.instances[0].instanceType.memoryMib = -1;
  const auto outcomes = call<node::RunInstances>(run).assume_value().outcomes;
  ASSERT_EQ(outcomes.size(), 2u);
  EXPECT_FALSE(outcomes[0].accepted);
  EXPECT_EQ(outcomes[0].code, "invalid_argument");
  EXPECT_TRUE(outcomes[1].accepted);
}

TEST_F(OperationsTest, HandTheNetworkDocumentOnAndReportItsVersion) {
  node::ApplyNetwork::Request request;
  request.network.version = 7;
  request.network.region = "south";
  t__networkInstance instance;
  instance.instanceId = "i-1";
  instance.groupIds = {"sg-1"};
  request.network.instances.push_back(instance);
  t__networkGroup group;
  group.groupId = "sg-1";
  group.name = "web";
  t__networkRule rule;
  rule.protocol = "tcp";
  rule.fromPort = rule.toPort = 22;
  rule.cidr = "0.0.0.0/0";
  group.ingress.push_back(rule);
  request.network.groups.push_back(group);
  t__networkNode node;
  node.name = "node-2";
  node.address = "192.0.2.4";
  request.network.nodes.push_back(node);
  EXPECT_EQ(call<node::ApplyNetwork>(request).assume_value().appliedVersion, 7);
  EXPECT_EQ(network_.document.region, "south");
  EXPECT_EQ(network_.document.groups.at(0).ingress.at(0).cidr, "0.0.0.0/0");
  EXPECT_EQ(network_.document.groups.at(0).name, "web");
  EXPECT_EQ(network_.document.instances.at(0).groups.at(0).value, "sg-1");
  EXPECT_EQ(network_.document.nodes.at(0).name.value, "node-2");
  EXPECT_EQ(network_.document.nodes.at(0).address, "192.0.2.4");
  EXPECT_EQ(describe().node.networkVersion, 7);
}

TEST_F(OperationsTest, SayWhyTheNodeIsNotReady) {
  hypervisor_.failure = common::Error(common::Errc::unavailable, "libvirtd\nis away");
  world_.run_for(3s);
  const auto status =
      call<node::DescribeServices>(node::DescribeServices::Request()).assume_value().services.at(0);
  EXPECT_EQ(status.state, "NOTREADY");
  EXPECT_NE(status.reason->find("libvirtd is away"), std::string::npos);
}

TEST_F(OperationsTest, AttachAndDetachAVolume) {
  node::RunInstances::Request run;
  run.instances.push_back(wire_spec("i-1"));
  ASSERT_TRUE(call<node::RunInstances>(run));
  world_.run_for(1s);
  node::AttachVolume::Request attach;
  attach.instanceId = "i-1";
  attach.placementNo = 1;
  attach.volumeId = "vol-1";
  attach.attachmentEpoch = 7;
  attach.device = "/dev/sdf";
  attach.storageHost = "10.0.0.3";
  attach.storagePort = 8777;
  attach.storageName = "sc-1";
  const auto taken = call<node::AttachVolume>(attach).assume_value().outcome;
  EXPECT_TRUE(taken.accepted) << taken.reason.value_or("");
  world_.run_for(1s);
  const auto volumes = describe().instances.at(0).volumes;
  ASSERT_EQ(volumes.size(), 1u);
  EXPECT_EQ(volumes[0].volumeId, "vol-1");
  EXPECT_EQ(volumes[0].attachmentEpoch, 7);
  EXPECT_EQ(volumes[0].device, "/dev/sdf");
  EXPECT_EQ(volumes[0].state, "attached");
  EXPECT_FALSE(volumes[0].reason);
  attach.storagePort = 0;
  EXPECT_EQ(call<node::AttachVolume>(attach).assume_value().outcome.code, "invalid_argument");

  node::DetachVolume::Request detach;
  detach.instanceId = "i-1";
  detach.placementNo = 1;
  detach.volumeId = "vol-1";
  detach.attachmentEpoch = 7;
  detach.force = false;
  EXPECT_TRUE(call<node::DetachVolume>(detach).assume_value().outcome.accepted);
  world_.run_for(1s);
  EXPECT_EQ(describe().instances.at(0).volumes.at(0).state, "detached");
  detach.instanceId = "i-9";
  EXPECT_EQ(call<node::DetachVolume>(detach).assume_value().outcome.code, "not_found");
}

TEST_F(OperationsTest, KnowNoConsoleOfAnUnknownInstance) {
  node::GetConsoleOutput::Request request;
  request.instanceId = "i-9";
  request.placementNo = 1;
  EXPECT_EQ(call<node::GetConsoleOutput>(request).error().code, common::Errc::not_found);
}

TEST(CleanText, ReplacesWhatMessagesCannotCarry) {
  EXPECT_EQ(clean_text("a\nb\x01"), "a b ");
  EXPECT_EQ(clean_text("\xc3\xbc"), "\xc3\xbc");
  EXPECT_EQ(clean_text("\xff!"), "?!");
}

}  // namespace
}  // namespace angophora::nc
