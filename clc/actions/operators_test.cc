// What those who run the cloud are told: nodes, events, types, and how much of everything there is.
#include "clc/store/census.h"
#include "clc/store/events.h"
#include "clc/testing/instance_fixture.h"

namespace angophora::clc {
namespace {

using testing::Pairs;
using namespace std::chrono_literals;

class OperatorActions : public testing::InstanceFixture {
 public:
  OperatorActions() { caller.cloud_administrator = true; }
  void hear(const std::string& name) {
    states.heard(ServiceName(name), true, "", "0.1.0", {}, runtime.steady_now());
  }
  Element node(Pairs pairs = {}) {
    const auto reply = call("DescribeNodeControllers", std::move(pairs)).value();
    const auto found = reply.all("nodeControllers/item");
    EXPECT_EQ(found.size(), 1u);
    return found.empty() ? Element() : *found.front();
  }
  // free/max of a type on the one node
  std::string room(const std::string& type) {
    const auto found = node();
    for (const auto* item : found.all("instanceTypes/item"))
      if (item->find("name") == type) return *item->find("available") + "/" + *item->find("max");
    return "none";
  }
  void report_guests(std::vector<GuestReport> guests) {
    auto report = *zones.find(ZoneName("zone-a"))->report;
    report.guests = std::move(guests);
    zones.set_report(ZoneName("zone-a"), std::move(report));
  }
};

TEST_F(OperatorActions, ANodeTellsItsRoomForEachType) {
  hear("node-1");
  set_room({4, 2048, 100});
  EXPECT_EQ(node().find("state"), "ENABLED");
  EXPECT_EQ(node().find("total/memoryMib"), "2048");
  const auto before = room("t2.nano");
  make_running(run(register_image(), {{"InstanceType", "t2.nano"}}));
  EXPECT_EQ(node().all("instances/item").size(), 1u);
  const auto after = room("t2.nano");
  EXPECT_NE(before, after);
  EXPECT_EQ(before.substr(before.find('/')), after.substr(after.find('/')));
}

TEST_F(OperatorActions, AStoppedOrSilentNodeHasNoRoom) {
  EXPECT_EQ(node().find("state"), "NOTREADY") << "never heard";
  EXPECT_TRUE(room("t2.nano").starts_with("0/"));
  hear("node-1");
  EXPECT_FALSE(room("t2.nano").starts_with("0/"));
  ASSERT_TRUE(call("ModifyService", {{"Name", "node-1"}, {"State", "STOPPED"}}));
  EXPECT_EQ(node().find("state"), "STOPPED");
  EXPECT_TRUE(room("t2.nano").starts_with("0/"));
  world.run_for(1min);
  EXPECT_FALSE(node().find("total/memoryMib")) << "the report is too old";
}

TEST_F(OperatorActions, AGuestThatNobodyKnowsIsNamed) {
  GuestReport lost{InstanceId("i-lost"), 1, NodeName("node-1"), GuestState::running, "", {}};
  GuestReport over{InstanceId("i-over"), 1, NodeName("node-1"), GuestState::terminated, "", {}};
  report_guests({lost, over});
  EXPECT_EQ(node().all("unknownInstances/item").size(), 1u);
  EXPECT_EQ(node().find("unknownInstances/item/instanceId"), "i-lost");
}

TEST_F(OperatorActions, NodesAreFilteredAndNamed) {
  const auto count = [&](Pairs pairs) {
    return call("DescribeNodeControllers", std::move(pairs))
        .value()
        .all("nodeControllers/item")
        .size();
  };
  EXPECT_EQ(count({{"ServiceName.1", "node-1"}}), 1u);
  EXPECT_EQ(count({{"Filter.1.Name", "state"}, {"Filter.1.Value.1", "ENABLED"}}), 0u);
  EXPECT_EQ(call("DescribeNodeControllers", {{"ServiceName.1", "cc-a"}}).error().code,
            ServiceErrc::not_found);
}

TEST_F(OperatorActions, WhatHappensToAComponentIsAnEvent) {
  ASSERT_TRUE(
      call("RegisterService",
           {{"Name", "node-10"}, {"Type", "node"}, {"Partition", "zone-a"}, {"Host", "10.0.0.9"}}));
  ASSERT_TRUE(call("ModifyService", {{"Name", "node-1"}, {"State", "STOPPED"}}));
  ASSERT_TRUE(call("ModifyService", {{"Name", "node-1"}, {"State", "ENABLED"}}));
  ASSERT_TRUE(call("DeregisterService", {{"Name", "node-10"}}));
  const auto types = [&](Pairs pairs) {
    std::string text;
    const auto reply = call("DescribeEvents", std::move(pairs)).value();
    for (const auto* item : reply.all("events/item"))
      text += *item->find("serviceName") + " " + *item->find("type") + ", ";
    return text;
  };
  EXPECT_EQ(types({}),
            "node-10 deregistered, node-1 resumed, node-1 stopped, node-10 registered, ");
  EXPECT_EQ(types({{"MaxResults", "1"}}), "node-10 deregistered, ");
  EXPECT_EQ(types({{"ServiceName.1", "node-1"}}), "node-1 resumed, node-1 stopped, ");
  EXPECT_FALSE(call("DescribeEvents", {{"MaxResults", "0"}}));
  EXPECT_FALSE(call("DescribeEvents", {{"Format", "papyrus"}}));
  EXPECT_TRUE(call("DescribeEvents", {{"Format", "oneline"}, {"ShowStackTraces", "true"}}));
}

TEST_F(OperatorActions, ADryRunLeavesNoEvent) {
  EXPECT_FALSE(
      call("ModifyService", {{"Name", "node-1"}, {"State", "STOPPED"}, {"DryRun", "true"}}));
  EXPECT_TRUE(call("DescribeEvents").value().all("events/item").empty());
}

TEST_F(OperatorActions, TheTypesOfServicesAreThoseThatCanBeRegistered) {
  const auto reply = call("DescribeAvailableServiceTypes").value();
  const auto found = reply.all("available/item");
  ASSERT_EQ(found.size(), 5u);
  for (const auto* item : found) {
    const bool is_cloud = item->find("componentName") == "cloud";
    EXPECT_EQ(item->find("registerable"), is_cloud ? "false" : "true");
  }
}

TEST_F(OperatorActions, InstancesCannotBeMigrated) {
  const auto refused = call("MigrateInstances", {{"SourceHost", "10.0.0.1"}});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, RequestErrc::unsupported_operation);
  EXPECT_NE(refused.error().message.find("ModifyService"), std::string::npos);
  EXPECT_EQ(call("MigrateInstances").error().code, RequestErrc::invalid_combination);
}

TEST_F(OperatorActions, TheCloudIsCounted) {
  make_running(run(register_image()));
  run(register_image({}, "second"));
  create_volume();
  StorageReport report;
  report.capacity_gib = 100;
  report.used_gib = 7;
  report.volumes.push_back({VolumeId("vol-lost"), 1, ""});
  report.received_at = runtime.steady_now();
  storage.set(ZoneName("zone-a"), report);
  const auto reply = call("DescribeCloud").value();
  const auto count = [&](const std::string& list, const std::string& name) {
    for (const auto* item : reply.all(list + "/item"))
      if (item->find("name") == name) return *item->find("count");
    return std::string("none");
  };
  EXPECT_EQ(count("instances", "running"), "1");
  EXPECT_EQ(count("instances", "pending"), "1");
  EXPECT_EQ(count("volumes", "available"), "1");
  EXPECT_EQ(count("images", "machine"), "2");
  EXPECT_EQ(reply.find("volumesGib"), "1");
  EXPECT_EQ(reply.find("accounts"), "1");
  EXPECT_EQ(reply.find("registryVersion"), "9") << "four services were registered and enrolled";
  EXPECT_EQ(reply.find("storages/item/capacityGib"), "100");
  EXPECT_EQ(reply.find("storages/item/unknownVolumes/item/volumeId"), "vol-lost");
  EXPECT_FALSE(reply.find("restoredAt"));
}

TEST_F(OperatorActions, AnAttachmentThatDoesNotGetOnStandsOut) {
  const auto instance = run(register_image());
  make_running(instance);
  const auto volume = create_volume();
  ASSERT_TRUE(call("AttachVolume",
                   {{"VolumeId", volume}, {"InstanceId", instance}, {"Device", "/dev/sdf"}}));
  EXPECT_TRUE(call("DescribeCloud").value().all("stuckAttachments/item").empty());
  world.run_for(5min);
  const auto reply = call("DescribeCloud").value();
  EXPECT_EQ(reply.find("stuckAttachments/item/volumeId"), volume);
  EXPECT_EQ(reply.find("stuckAttachments/item/state"), "attaching");
}

TEST_F(OperatorActions, APropertyIsReset) {
  ASSERT_TRUE(call("ModifyPropertyValue", {{"Name", "cloud.key_pairs_max"}, {"Value", "5"}}));
  const auto reset = call("ResetPropertyValue", {{"Name", "cloud.key_pairs_max"}});
  ASSERT_TRUE(reset);
  EXPECT_EQ(reset.value().find("oldValue"), "5");
  EXPECT_EQ(reset.value().find("value"), "1000");
  EXPECT_EQ(properties.number("cloud.key_pairs_max"), 1000);
  EXPECT_FALSE(call("ResetPropertyValue", {{"Name", "cloud.key_pair_max"}}));
  EXPECT_FALSE(call("ResetPropertyValue"));
}

}  // namespace
}  // namespace angophora::clc
