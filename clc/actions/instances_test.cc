#include <gtest/gtest.h>

#include <set>

#include "clc/domain/instance_errors.h"
#include "clc/store/instances.h"
#include "clc/testing/instance_fixture.h"
#include "common/base/encoding.h"

namespace angophora::clc {
namespace {

using namespace std::chrono_literals;

using testing::Pairs;

class InstanceActions : public testing::InstanceFixture {
 protected:
  InstanceActions() : image(register_image()) {}
  Result<Reply> run_many(const std::string& least, const std::string& most, Pairs more = {}) {
    Pairs pairs{{"ImageId", image}, {"MinCount", least}, {"MaxCount", most}};
    pairs.insert(pairs.end(), more.begin(), more.end());
    return call("RunInstances", pairs);
  }
  std::string image;
};

TEST_F(InstanceActions, RunPromisesAPendingInstanceWithAnAddress) {
  const auto reply = run_many("1", "1").value();
  EXPECT_EQ(reply.find("instancesSet/item/instanceState/name"), "pending");
  EXPECT_EQ(reply.find("instancesSet/item/instanceType"), "t2.micro");
  EXPECT_EQ(reply.find("instancesSet/item/placement/availabilityZone"), "zone-a");
  EXPECT_EQ(reply.find("instancesSet/item/privateIpAddress"), "10.100.0.2");
  EXPECT_EQ(reply.find("instancesSet/item/groupSet/item/groupName"), "default");
  EXPECT_TRUE(reply.find("reservationId")->starts_with("r-"));
  EXPECT_EQ(reply.find("ownerId"), caller.account.value);
}

TEST_F(InstanceActions, RunGivesAsManyAsFit) {
  set_room({3, 16384, 200});
  const auto reply = run_many("2", "10").value();
  EXPECT_EQ(reply.all("instancesSet/item").size(), 3u);
  std::set<std::string> addresses;
  for (const auto* item : reply.all("instancesSet/item"))
    addresses.insert(*item->find("privateIpAddress"));
  EXPECT_EQ(addresses.size(), 3u);
}

TEST_F(InstanceActions, AFullZoneSaysSoAndClaimsNothing) {
  set_room({2, 16384, 200});
  EXPECT_EQ(run_many("3", "3").error().code, InstanceErrc::insufficient_capacity);
  EXPECT_TRUE(run_many("2", "2"));
  EXPECT_EQ(run_many("1", "1").error().code, InstanceErrc::insufficient_capacity);
  EXPECT_EQ(call("DescribeInstances").value().all("reservationSet/item/instancesSet/item").size(),
            2u);
}

TEST_F(InstanceActions, AYesIsRoomOnACertainNode) {
  const auto id = run(image);
  EXPECT_EQ(get(id).promised_node, NodeName("node-1"));
  EXPECT_TRUE(get(id).node.empty()) << "which node it gets is for the zone's policy";
}

TEST_F(InstanceActions, WithoutAReportThereIsNoCapacity) {
  world.run_for(1min);
  EXPECT_EQ(run_many("1", "1").error().code, InstanceErrc::insufficient_capacity);
}

TEST_F(InstanceActions, ARequestWaitsAMomentForTheFirstReport) {
  world.run_for(1min);
  world.call_at(world.steady_now() + 2s, [this] { set_room({8, 16384, 200}); });
  EXPECT_TRUE(run_many("1", "1"));
}

TEST_F(InstanceActions, AClientTokenMakesOneReservationOnly) {
  const auto first = run_many("1", "1", {{"ClientToken", "t"}}).value();
  const auto again = run_many("1", "1", {{"ClientToken", "t"}}).value();
  EXPECT_EQ(first.find("instancesSet/item/instanceId"), again.find("instancesSet/item/instanceId"));
  EXPECT_EQ(run_many("1", "2", {{"ClientToken", "t"}}).error().code,
            RequestErrc::client_token_mismatch);
  EXPECT_EQ(call("DescribeInstances").value().all("reservationSet/item").size(), 1u);
}

TEST_F(InstanceActions, ADryRunFindsWhatWouldBeRefusedAndChangesNothing) {
  const auto dry = [&](Pairs more) {
    Pairs all{{"DryRun", "true"}};
    all.insert(all.end(), more.begin(), more.end());
    return run_many("1", "1", std::move(all)).error().code;
  };
  EXPECT_EQ(dry({}), RequestErrc::dry_run_succeeded);
  EXPECT_EQ(dry({{"ClientToken", "t"}}), RequestErrc::dry_run_succeeded);
  EXPECT_EQ(dry({{"KeyName", "nobody"}}), KeyPairErrc::not_found);
  EXPECT_EQ(dry({{"InstanceType", "x9.huge"}}), RequestErrc::invalid_value);
  EXPECT_EQ(dry({{"Placement.AvailabilityZone", "nowhere"}}), RequestErrc::invalid_value);
  EXPECT_EQ(run_many("99", "99", {{"DryRun", "true"}}).error().code,
            InstanceErrc::insufficient_capacity);
  EXPECT_TRUE(call("DescribeInstances").value().all("reservationSet/item").empty());
  const auto id = run(image);
  EXPECT_EQ(call("TerminateInstances", {{"InstanceId", id}, {"DryRun", "true"}}).error().code,
            RequestErrc::dry_run_succeeded);
  EXPECT_EQ(call("TerminateInstances", {{"InstanceId", "i-0123456789abcdef0"}, {"DryRun", "true"}})
                .error()
                .code,
            InstanceErrc::not_found);
  EXPECT_EQ(get(id).state, InstanceState::pending);
}

TEST_F(InstanceActions, AnImageOfAnotherArchitectureIsNotLaunched) {
  testing::SampleBundle bundle;
  bundle.architecture = "arm64";
  const auto foreign = register_image(bundle, "foreign");
  const auto reply =
      call("RunInstances", {{"ImageId", foreign}, {"MinCount", "1"}, {"MaxCount", "1"}});
  EXPECT_EQ(reply.error().code, RequestErrc::invalid_value);
  EXPECT_NE(reply.error().message.find(foreign), std::string::npos);
}

TEST_F(InstanceActions, TheRequestsWishesAreKept) {
  ASSERT_TRUE(call("CreateSecurityGroup", {{"GroupName", "web"}, {"GroupDescription", "d"}}));
  const auto id = run(image, {{"InstanceType", "t2.nano"},
                              {"SecurityGroup.1", "web"},
                              {"UserData", common::base64_encode("#!/bin/sh")},
                              {"MetadataOptions.HttpTokens", "required"},
                              {"TagSpecification.1.ResourceType", "instance"},
                              {"TagSpecification.1.Tag.1.Key", "Name"},
                              {"TagSpecification.1.Tag.1.Value", "one"}});
  const auto instance = get(id);
  EXPECT_EQ(instance.resources, (Resources{1, 512, 5}));
  EXPECT_EQ(instance.user_data, "#!/bin/sh");
  EXPECT_TRUE(instance.metadata_tokens_required);
  ASSERT_EQ(instance.groups.size(), 1u);
  EXPECT_EQ(instance.groups[0].name, "web");
  const auto tagged =
      call("DescribeInstances", {{"Filter.1.Name", "tag:Name"}, {"Filter.1.Value.1", "o*"}});
  EXPECT_EQ(tagged.value().all("reservationSet/item").size(), 1u);
}

TEST_F(InstanceActions, WrongRequestsAreNamed) {
  const auto code = [&](Pairs more, const char* least = "1", const char* most = "1") {
    return run_many(least, most, std::move(more)).error().code;
  };
  EXPECT_EQ(code({}, "0"), RequestErrc::invalid_value);
  EXPECT_EQ(code({}, "2", "1"), RequestErrc::invalid_value);
  EXPECT_EQ(code({{"InstanceType", "x9.huge"}}), RequestErrc::invalid_value);
  EXPECT_EQ(code({{"KeyName", "none"}}), KeyPairErrc::not_found);
  EXPECT_EQ(code({{"SecurityGroupId.1", "sg-12345678"}}), GroupErrc::not_found);
  EXPECT_EQ(code({{"SecurityGroupId.1", "web"}}), GroupErrc::malformed_id);
  EXPECT_EQ(code({{"Placement.AvailabilityZone", "zone-z"}}), RequestErrc::invalid_value);
  EXPECT_EQ(code({{"Placement.GroupName", "g"}}), RequestErrc::unsupported_parameter);
  EXPECT_EQ(code({{"BlockDeviceMapping.1.DeviceName", "sdb"}}), RequestErrc::unsupported_parameter);
  EXPECT_EQ(code({{"SubnetId", "subnet-12345678"}}), InstanceErrc::subnet_not_found);
  EXPECT_EQ(code({{"KernelId", image}}), RequestErrc::invalid_value);
  EXPECT_EQ(code({{"UserData", common::base64_encode(std::string(16385, 'x'))}}),
            InstanceErrc::user_data_too_large);
  EXPECT_EQ(code({{"Colour", "red"}}), RequestErrc::unknown_parameter);
  EXPECT_EQ(
      call("RunInstances", {{"ImageId", "emi-12345678"}, {"MinCount", "1"}, {"MaxCount", "1"}})
          .error()
          .code,
      ImageErrc::not_found);
  EXPECT_EQ(
      call_as(stranger, "RunInstances", {{"ImageId", image}, {"MinCount", "1"}, {"MaxCount", "1"}})
          .error()
          .code,
      ImageErrc::not_found);
}

TEST_F(InstanceActions, WhoMayRunAnImageMayRunItWithTheKernelThatItHas) {
  testing::SampleBundle bundle;
  bundle.kind = "kernel";
  bundle.kernel_id = "true";
  const auto kernel = register_image(bundle, "kernel");
  testing::SampleBundle machine;
  machine.kernel_id = kernel;
  const auto shared = register_image(machine, "machine");
  ASSERT_TRUE(
      call("ModifyImageAttribute", {{"ImageId", shared}, {"LaunchPermission.Add.1.Group", "all"}}));
  const Pairs wish = {{"ImageId", shared}, {"MinCount", "1"}, {"MaxCount", "1"}};
  EXPECT_TRUE(call_as(stranger, "RunInstances", wish));
  const auto other = register_image({}, "other");
  ASSERT_TRUE(
      call("ModifyImageAttribute", {{"ImageId", other}, {"LaunchPermission.Add.1.Group", "all"}}));
  const Pairs foreign = {
      {"ImageId", other}, {"KernelId", kernel}, {"MinCount", "1"}, {"MaxCount", "1"}};
  EXPECT_EQ(call_as(stranger, "RunInstances", foreign).error().code, ImageErrc::not_found);
}

TEST_F(InstanceActions, ANodeThatIsGoneForGoodTakesItsInstancesAlong) {
  const auto lost = run(image), unplaced = run(image);
  make_running(lost);
  const auto volume = create_volume();
  ASSERT_TRUE(
      call("AttachVolume", {{"VolumeId", volume}, {"InstanceId", lost}, {"Device", "/dev/sdf"}}));
  auto administrator = caller;
  administrator.cloud_administrator = true;
  const auto deregister = [&](const std::string& name, const std::string& force) {
    const auto reply =
        call_as(administrator, "DeregisterService", {{"Name", name}, {"Force", force}});
    return reply ? std::error_code() : reply.error().code;
  };
  EXPECT_EQ(deregister("node-1", "false"), ServiceErrc::in_use);
  EXPECT_EQ(deregister("sc-a", "true"), RequestErrc::invalid_combination);
  EXPECT_EQ(get(lost).state, InstanceState::running);
  EXPECT_EQ(deregister("node-1", "true"), std::error_code());
  EXPECT_EQ(get(lost).state, InstanceState::terminated);
  EXPECT_NE(get(lost).reason.message.find("node-1"), std::string::npos);
  EXPECT_EQ(get(unplaced).state, InstanceState::pending);
  EXPECT_EQ(deregister("node-1", "true"), ServiceErrc::not_found);
}

TEST_F(InstanceActions, TheQuotaHolds) {
  properties.set("cloud.instances_max", "2");
  EXPECT_EQ(run_many("1", "5").value().all("instancesSet/item").size(), 2u);
  EXPECT_EQ(run_many("1", "1").error().code, InstanceErrc::limit_exceeded);
}

TEST_F(InstanceActions, DescribeFiltersAndPages) {
  ASSERT_TRUE(run_many("8", "8"));
  const auto first = call("DescribeInstances", {{"MaxResults", "5"}}).value();
  EXPECT_EQ(first.all("reservationSet/item/instancesSet/item").size(), 5u);
  const auto rest =
      call("DescribeInstances", {{"MaxResults", "5"}, {"NextToken", *first.find("nextToken")}})
          .value();
  EXPECT_EQ(rest.all("reservationSet/item/instancesSet/item").size(), 3u);
  EXPECT_FALSE(rest.find("nextToken"));
  const auto running = call("DescribeInstances", {{"Filter.1.Name", "instance-state-name"},
                                                  {"Filter.1.Value.1", "running"}});
  EXPECT_TRUE(running.value().all("reservationSet/item").empty());
  EXPECT_EQ(call("DescribeInstances", {{"Filter.1.Name", "colour"}, {"Filter.1.Value.1", "x"}})
                .error()
                .code,
            RequestErrc::bad_filter);
}

TEST_F(InstanceActions, OthersInstancesAreNotThere) {
  const auto id = run(image);
  EXPECT_EQ(call_as(stranger, "DescribeInstances", {{"InstanceId.1", id}}).error().code,
            InstanceErrc::not_found);
  EXPECT_EQ(call_as(stranger, "TerminateInstances", {{"InstanceId.1", id}}).error().code,
            InstanceErrc::not_found);
  EXPECT_EQ(call("DescribeInstances", {{"InstanceId.1", "i-zz"}}).error().code,
            InstanceErrc::malformed_id);
  auto administrator = stranger;
  administrator.cloud_administrator = true;
  EXPECT_EQ(call_as(administrator, "DescribeInstances", {{"InstanceId.1", "verbose"}})
                .value()
                .all("reservationSet/item")
                .size(),
            1u);
}

TEST_F(InstanceActions, TerminateIsAllOrNothingAndMayBeRepeated) {
  const auto id = run(image);
  make_running(id);
  EXPECT_FALSE(call("TerminateInstances", {{"InstanceId.1", id}, {"InstanceId.2", "i-12345678"}}));
  EXPECT_EQ(get(id).state, InstanceState::running);
  const auto reply = call("TerminateInstances", {{"InstanceId.1", id}}).value();
  EXPECT_EQ(reply.find("instancesSet/item/previousState/name"), "running");
  EXPECT_EQ(reply.find("instancesSet/item/currentState/name"), "shutting-down");
  EXPECT_EQ(reply.find("instancesSet/item/currentState/code"), "32");
  EXPECT_TRUE(call("TerminateInstances", {{"InstanceId.1", id}}));
}

TEST_F(InstanceActions, StatusShowsRunningOnesUnlessAllAreAskedFor) {
  const auto id = run(image);
  EXPECT_TRUE(call("DescribeInstanceStatus").value().all("instanceStatusSet/item").empty());
  const auto all = call("DescribeInstanceStatus", {{"IncludeAllInstances", "true"}}).value();
  EXPECT_EQ(all.find("instanceStatusSet/item/instanceStatus/status"), "not-applicable");
  make_running(id);
  set_room({8, 16384, 200});
  const auto running = call("DescribeInstanceStatus").value();
  EXPECT_EQ(running.find("instanceStatusSet/item/instanceStatus/status"), "ok");
  EXPECT_EQ(running.find("instanceStatusSet/item/systemStatus/details/item/name"), "reachability");
}

TEST_F(InstanceActions, RebootNeedsARunningInstance) {
  const auto id = run(image);
  EXPECT_EQ(call("RebootInstances", {{"InstanceId.1", id}}).error().code,
            InstanceErrc::incorrect_state);
  make_running(id);
  EXPECT_TRUE(call("RebootInstances", {{"InstanceId.1", id}}));
  EXPECT_EQ(cluster.calls.back(), "RebootInstances");
  cluster.is_down = true;
  EXPECT_FALSE(call("RebootInstances", {{"InstanceId.1", id}}));
}

TEST_F(InstanceActions, TheConsoleIsFetchedFromTheNode) {
  const auto id = run(image);
  EXPECT_EQ(call("GetConsoleOutput", {{"InstanceId", id}}).value().find("output"), "");
  make_running(id);
  EXPECT_EQ(call("GetConsoleOutput", {{"InstanceId", id}}).value().find("output"),
            common::base64_encode("login: "));
}

TEST_F(InstanceActions, InstanceTypesHaveTheShapeOfTheVersionAskedFor) {
  const auto aws = call("DescribeInstanceTypes", {{"InstanceType.1", "t2.nano"}}).value();
  EXPECT_EQ(aws.find("instanceTypeSet/item/memoryInfo/sizeInMiB"), "512");
  auto older = caller;
  older.version = "2015-10-01";
  const auto eucalyptus = call_as(older, "DescribeInstanceTypes",
                                  {{"InstanceType.1", "t2.nano"}, {"Availability", "true"}});
  EXPECT_EQ(eucalyptus.value().find("instanceTypeDetails/item/memory"), "512");
  EXPECT_EQ(eucalyptus.value().find("instanceTypeDetails/item/availability/item/available"), "8");
  EXPECT_EQ(call("DescribeInstanceTypes", {{"InstanceType.1", "x9.huge"}}).error().code,
            InstanceErrc::no_such_type);
}

TEST_F(InstanceActions, AnImageThatRunsIsKeptAfterItIsDeregistered) {
  const auto id = run(image);
  ASSERT_TRUE(call("DeregisterImage", {{"ImageId", image}}));
  EXPECT_EQ(run_many("1", "1").error().code, ImageErrc::unavailable);
  EXPECT_EQ(get(id).image.value, image);
}

}  // namespace
}  // namespace angophora::clc
