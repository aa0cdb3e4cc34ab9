#include <gtest/gtest.h>

#include "clc/domain/guest_judgement.h"
#include "clc/domain/instance_errors.h"
#include "clc/domain/volume_errors.h"
#include "clc/store/instances.h"
#include "clc/testing/instance_fixture.h"
#include "common/base/encoding.h"

namespace angophora::clc {
namespace {

using testing::Pairs;

class InstanceAttributes : public testing::InstanceFixture {
 protected:
  InstanceAttributes() : image(register_image()) {}
  std::string running(Pairs more = {}) {
    const auto id = run(image, std::move(more));
    make_running(id);
    return id;
  }
  Reply described(const std::string& id, const std::string& attribute) {
    auto reply = call("DescribeInstanceAttribute", {{"InstanceId", id}, {"Attribute", attribute}});
    EXPECT_TRUE(reply) << attribute << ": " << reply.error().message;
    return reply ? std::move(reply).value() : Reply();
  }
  Result<Reply> modify(const std::string& id, Pairs more) {
    Pairs pairs{{"InstanceId", id}};
    pairs.insert(pairs.end(), more.begin(), more.end());
    return call("ModifyInstanceAttribute", pairs);
  }
  std::error_code refusal(const Result<Reply>& reply) {
    EXPECT_FALSE(reply);
    return reply ? std::error_code() : reply.error().code;
  }
  std::string make_group(const std::string& name) {
    const auto reply =
        call("CreateSecurityGroup", {{"GroupName", name}, {"GroupDescription", "d"}});
    return reply.value().find("groupId").value_or("");
  }
  std::string image;
};

TEST_F(InstanceAttributes, EachIsTold) {
  const auto id = running({{"UserData", common::base64_encode("#!/bin/sh\n")},
                           {"InstanceType", "t2.nano"},
                           {"DisableApiTermination", "true"}});
  const auto value = [&](const std::string& name) {
    return described(id, name).find(name + "/value").value_or("(none)");
  };
  EXPECT_EQ(value("instanceType"), "t2.nano");
  EXPECT_EQ(value("userData"), common::base64_encode("#!/bin/sh\n"));
  EXPECT_EQ(value("disableApiTermination"), "true");
  EXPECT_EQ(value("instanceInitiatedShutdownBehavior"), "terminate");
  EXPECT_EQ(value("rootDeviceName"), "/dev/sda1");
  EXPECT_EQ(value("sourceDestCheck"), "true");
  EXPECT_EQ(value("ebsOptimized"), "false");
  EXPECT_EQ(value("disableApiStop"), "false");
  EXPECT_EQ(value("kernel"), "(none)");
  EXPECT_EQ(described(id, "groupSet").find("groupSet/item/groupId"),
            get(id).groups.front().id.value);
  EXPECT_EQ(described(id, "instanceType").find("instanceId"), id);
  for (const auto* empty : {"ramdisk", "productCodes", "sriovNetSupport", "blockDeviceMapping"})
    EXPECT_EQ(described(id, empty).find(empty), "") << empty;
}

TEST_F(InstanceAttributes, WhatIsNotThereIsRefused) {
  const auto id = running();
  const auto ask = [&](const std::string& which, const char* attribute, Caller who) {
    return refusal(call_as(std::move(who), "DescribeInstanceAttribute",
                           {{"InstanceId", which}, {"Attribute", attribute}}));
  };
  EXPECT_EQ(ask(id, "colour", caller), RequestErrc::invalid_value);
  EXPECT_EQ(ask("i-0123456789abcdef0", "kernel", caller), InstanceErrc::not_found);
  EXPECT_EQ(ask(id, "userData", stranger), InstanceErrc::not_found);
  EXPECT_EQ(refusal(call("DescribeInstanceAttribute", {{"InstanceId", id}})),
            RequestErrc::missing_parameter);
}

TEST_F(InstanceAttributes, AProtectedInstanceIsNotTerminated) {
  const auto id = running(), other = running();
  ASSERT_TRUE(modify(id, {{"DisableApiTermination.Value", "true"}}));
  EXPECT_EQ(refusal(call("TerminateInstances", {{"InstanceId.1", other}, {"InstanceId.2", id}})),
            InstanceErrc::termination_protected);
  EXPECT_EQ(get(other).state, InstanceState::running) << "all or none";
  ASSERT_TRUE(modify(id, {{"Attribute", "disableApiTermination"}, {"Value", "false"}}))
      << "the old form";
  EXPECT_TRUE(call("TerminateInstances", {{"InstanceId", id}}));
}

TEST_F(InstanceAttributes, ProtectionMayBeAskedForAtLaunch) {
  const auto id = running({{"DisableApiTermination", "true"}});
  EXPECT_EQ(refusal(call("TerminateInstances", {{"InstanceId", id}})),
            InstanceErrc::termination_protected);
}

TEST_F(InstanceAttributes, GroupsOfARunningInstanceChange) {
  const auto web = make_group("web"), db = make_group("db");
  const auto id = running();
  const auto before = get(id).revision;
  ASSERT_TRUE(modify(id, {{"GroupId.1", web}, {"GroupId.2", db}, {"GroupId.3", web}}));
  const auto groups = get(id).groups;
  ASSERT_EQ(groups.size(), 2u);
  EXPECT_GT(get(id).revision, before) << "the network hears of it";
  EXPECT_EQ(refusal(call("DeleteSecurityGroup", {{"GroupId", web}})), GroupErrc::in_use);
  EXPECT_EQ(refusal(modify(id, {{"GroupId.1", "sg-0123456789abcdef0"}})), GroupErrc::not_found);
  EXPECT_EQ(refusal(modify(id, {{"GroupId.1", "web"}})), GroupErrc::malformed_id);
  EXPECT_EQ(get(id).groups, groups) << "all or none";
  ASSERT_TRUE(modify(id, {{"Attribute", "groupSet"}, {"GroupId.1", db}}));
  EXPECT_TRUE(call("DeleteSecurityGroup", {{"GroupId", web}}));
}

TEST_F(InstanceAttributes, SomeChangeOnAStoppedInstanceOnly) {
  const auto id = running();
  for (const auto& change :
       {Pairs{{"UserData.Value", "eA=="}}, Pairs{{"InstanceType.Value", "t2.nano"}},
        Pairs{{"Kernel.Value", "eki-12345678"}}, Pairs{{"Ramdisk.Value", "eri-12345678"}},
        Pairs{{"EbsOptimized.Value", "true"}}, Pairs{{"Attribute", "userData"}, {"Value", "eA=="}}})
    EXPECT_EQ(refusal(modify(id, change)), InstanceErrc::incorrect_state) << change.front().first;
  EXPECT_EQ(get(id).user_data, "");
  const auto reset = [&](const char* attribute) {
    return call("ResetInstanceAttribute", {{"InstanceId", id}, {"Attribute", attribute}});
  };
  EXPECT_EQ(refusal(reset("kernel")), InstanceErrc::incorrect_state);
  EXPECT_TRUE(reset("sourceDestCheck"));
  EXPECT_EQ(refusal(reset("userData")), RequestErrc::invalid_value);
}

TEST_F(InstanceAttributes, WhatCannotBeIsRefusedAndWhatIsSoAlreadyIsTaken) {
  const auto id = running();
  EXPECT_TRUE(modify(id, {{"SourceDestCheck.Value", "true"}}));
  EXPECT_EQ(refusal(modify(id, {{"SourceDestCheck.Value", "false"}})),
            RequestErrc::unsupported_operation);
  EXPECT_TRUE(modify(id, {{"InstanceInitiatedShutdownBehavior.Value", "terminate"}}));
  EXPECT_EQ(refusal(modify(id, {{"InstanceInitiatedShutdownBehavior.Value", "stop"}})),
            RequestErrc::invalid_value);
  EXPECT_TRUE(modify(id, {{"DisableApiStop.Value", "false"}}));
  EXPECT_EQ(refusal(modify(id, {{"DisableApiStop.Value", "true"}})),
            RequestErrc::unsupported_operation);
  EXPECT_EQ(refusal(modify(id, {{"EnaSupport.Value", "true"}})),
            RequestErrc::unsupported_parameter);
  EXPECT_EQ(refusal(modify(id, {})), RequestErrc::invalid_combination);
  EXPECT_EQ(refusal(modify(
                id, {{"SourceDestCheck.Value", "true"}, {"DisableApiTermination.Value", "true"}})),
            RequestErrc::invalid_combination);
  EXPECT_EQ(refusal(modify(id, {{"Attribute", "productCodes"}, {"Value", "x"}})),
            RequestErrc::unsupported_operation);
  EXPECT_EQ(refusal(modify(id, {{"Attribute", "disableApiTermination"}, {"Value", "perhaps"}})),
            RequestErrc::invalid_value);
  EXPECT_EQ(refusal(modify(id, {{"Value", "true"}})), RequestErrc::missing_parameter);
  EXPECT_EQ(refusal(call_as(stranger, "ModifyInstanceAttribute",
                            {{"InstanceId", id}, {"DisableApiTermination.Value", "true"}})),
            InstanceErrc::not_found);
  const auto now = runtime.now();
  write([=](Tx& tx) {
    return Instances(tx).want_end(InstanceId(id), user_ended_it(), now);
  }).value();
  EXPECT_EQ(refusal(modify(id, {{"DisableApiTermination.Value", "true"}})),
            InstanceErrc::incorrect_state);
}

TEST_F(InstanceAttributes, AVolumeMayGoWithItsInstance) {
  const auto id = running();
  const auto volume = create_volume();
  ASSERT_TRUE(
      call("AttachVolume", {{"VolumeId", volume}, {"InstanceId", id}, {"Device", "/dev/sdf"}}));
  const auto set = [&](const char* device) {
    return modify(id, {{"BlockDeviceMapping.1.DeviceName", device},
                       {"BlockDeviceMapping.1.Ebs.DeleteOnTermination", "true"}});
  };
  EXPECT_EQ(refusal(set("/dev/sdg")), VolumeErrc::attachment_not_found);
  ASSERT_TRUE(set("/dev/xvdf")) << "the same place";
  const std::string item = "blockDeviceMapping/item/";
  const auto shown = described(id, "blockDeviceMapping");
  EXPECT_EQ(shown.find(item + "ebs/deleteOnTermination"), "true");
  EXPECT_EQ(shown.find(item + "ebs/volumeId"), volume);
  EXPECT_EQ(refusal(modify(id, {{"BlockDeviceMapping.1.DeviceName", "/dev/sdf"}})),
            RequestErrc::missing_parameter);
  EXPECT_EQ(refusal(modify(id, {{"BlockDeviceMapping.1.Ebs.DeleteOnTermination", "true"}})),
            RequestErrc::missing_parameter);
}

TEST_F(InstanceAttributes, InstancesWithoutARootVolumeAreNeitherStoppedNorStarted) {
  const auto id = running();
  for (const auto* action : {"StopInstances", "StartInstances"}) {
    const auto refused = call(action, {{"InstanceId", id}});
    EXPECT_EQ(refusal(refused), RequestErrc::unsupported_operation) << action;
    EXPECT_NE(refused.error().message.find(id), std::string::npos);
    EXPECT_EQ(refusal(call(action, {{"InstanceId", "i-0123456789abcdef0"}})),
              InstanceErrc::not_found);
  }
  EXPECT_EQ(get(id).state, InstanceState::running);
}

TEST_F(InstanceAttributes, MonitoringIsSwitched) {
  const auto id = running();
  const auto state = [&](const char* action) {
    return call(action, {{"InstanceId", id}}).value().find("instancesSet/item/monitoring/state");
  };
  EXPECT_EQ(state("MonitorInstances"), "pending");
  EXPECT_TRUE(get(id).monitoring);
  EXPECT_EQ(state("UnmonitorInstances"), "disabling");
  EXPECT_FALSE(get(id).monitoring);
  EXPECT_EQ(refusal(call("MonitorInstances",
                         {{"InstanceId.1", id}, {"InstanceId.2", "i-0123456789abcdef0"}})),
            InstanceErrc::not_found);
  EXPECT_FALSE(get(id).monitoring);
  EXPECT_EQ(refusal(call("MonitorInstances", {{"InstanceId", id}, {"DryRun", "true"}})),
            RequestErrc::dry_run_succeeded);
}

}  // namespace
}  // namespace angophora::clc
