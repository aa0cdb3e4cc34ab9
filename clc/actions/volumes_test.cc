#include <gtest/gtest.h>

#include "clc/domain/instance_errors.h"
#include "clc/domain/snapshot_errors.h"
#include "clc/domain/volume_errors.h"
#include "clc/store/events.h"
#include "clc/store/volumes.h"
#include "clc/testing/instance_fixture.h"

namespace angophora::clc {
namespace {

using testing::Pairs;
using E = AttachmentEvent;

class VolumeActions : public testing::InstanceFixture {
 protected:
  Result<Reply> create(Pairs more = {}) {
    Pairs pairs{{"AvailabilityZone", "zone-a"}, {"Size", "1"}};
    for (auto& pair : more) {
      std::erase_if(pairs, [&](const auto& p) { return p.first == pair.first; });
      if (!pair.second.empty()) pairs.push_back(pair);
    }
    return call("CreateVolume", pairs);
  }
  std::string running() {
    if (image.empty()) image = register_image();
    const auto id = run(image);
    make_running(id);
    return id;
  }
  Result<Reply> attach(const std::string& volume, const std::string& instance,
                       const std::string& device = "/dev/sdf") {
    return call("AttachVolume",
                {{"VolumeId", volume}, {"InstanceId", instance}, {"Device", device}});
  }
  Result<Reply> detach(const std::string& volume, Pairs more = {}) {
    more.emplace_back("VolumeId", volume);
    return call("DetachVolume", more);
  }
  Result<Reply> remove(const std::string& volume) {
    return call("DeleteVolume", {{"VolumeId", volume}});
  }
  std::size_t shown(Pairs pairs) {
    return call("DescribeVolumes", pairs).value().all("volumeSet/item").size();
  }
  std::string image;
};

TEST_F(VolumeActions, CreatePromisesAVolume) {
  const auto reply = create({{"VolumeType", "io1"},
                             {"Iops", "100"},
                             {"Size", "4"},
                             {"TagSpecification.1.ResourceType", "volume"},
                             {"TagSpecification.1.Tag.1.Key", "Name"},
                             {"TagSpecification.1.Tag.1.Value", "data"}})
                         .value();
  EXPECT_TRUE(is_well_formed_id(reply.find("volumeId").value(), "vol"));
  EXPECT_EQ(reply.find("volumeId")->size(), 21u);
  EXPECT_EQ(reply.find("status"), "creating");
  EXPECT_EQ(reply.find("size"), "4");
  EXPECT_EQ(reply.find("volumeType"), "io1");
  EXPECT_EQ(reply.find("iops"), "100");
  EXPECT_EQ(reply.find("availabilityZone"), "zone-a");
  EXPECT_EQ(reply.find("encrypted"), "false");
  EXPECT_EQ(reply.find("tagSet/item/value"), "data");
  EXPECT_FALSE(create().value().find("iops"));
}

TEST_F(VolumeActions, WrongWishesAreNamed) {
  const auto code = [&](Pairs more) { return create(std::move(more)).error().code; };
  EXPECT_EQ(code({{"AvailabilityZone", ""}}), RequestErrc::missing_parameter);
  EXPECT_EQ(code({{"AvailabilityZone", "zone-z"}}), ZoneErrc::not_found);
  EXPECT_EQ(code({{"Size", ""}}), RequestErrc::missing_parameter);
  EXPECT_EQ(code({{"Size", "0"}}), RequestErrc::invalid_value);
  EXPECT_EQ(code({{"Size", "-1"}}), RequestErrc::invalid_value);
  EXPECT_EQ(code({{"Size", "16385"}}), RequestErrc::invalid_value);
  EXPECT_EQ(code({{"Size", "much"}}), RequestErrc::invalid_value);
  EXPECT_EQ(code({{"VolumeType", "st1"}}), RequestErrc::invalid_value);
  EXPECT_EQ(code({{"Iops", "100"}}), RequestErrc::invalid_combination);
  EXPECT_EQ(code({{"VolumeType", "io1"}}), RequestErrc::missing_parameter);
  EXPECT_EQ(code({{"Encrypted", "true"}}), RequestErrc::unsupported_parameter);
  EXPECT_EQ(code({{"KmsKeyId", "k"}}), RequestErrc::unsupported_parameter);
  EXPECT_EQ(code({{"MultiAttachEnabled", "true"}}), RequestErrc::unsupported_parameter);
  EXPECT_EQ(code({{"SnapshotId", "snap-12345678"}}), SnapshotErrc::not_found);
  EXPECT_EQ(code({{"Throughput", "125"}}), RequestErrc::unsupported_parameter);
  EXPECT_EQ(code({{"Colour", "red"}}), RequestErrc::unknown_parameter);
  EXPECT_EQ(code({{"TagSpecification.1.ResourceType", "instance"}}), RequestErrc::invalid_value);
  EXPECT_EQ(code({{"DryRun", "true"}}), RequestErrc::dry_run_succeeded);
  EXPECT_EQ(shown({}), 0u);
  EXPECT_TRUE(create({{"Encrypted", "false"}, {"MultiAttachEnabled", "false"}}));
}

TEST_F(VolumeActions, AClientTokenMakesOneVolumeOnly) {
  const auto first = create({{"ClientToken", "t"}}).value().find("volumeId");
  EXPECT_EQ(create({{"ClientToken", "t"}}).value().find("volumeId"), first);
  EXPECT_EQ(create({{"ClientToken", "t"}, {"Size", "2"}}).error().code,
            RequestErrc::client_token_mismatch);
  EXPECT_EQ(shown({}), 1u);
}

TEST_F(VolumeActions, TheQuotasHold) {
  properties.set("cloud.volumes_max", "2");
  properties.set("cloud.volumes_size_max_gib", "10");
  EXPECT_EQ(create({{"Size", "11"}}).error().code, VolumeErrc::limit_exceeded);
  EXPECT_TRUE(create({{"Size", "9"}}));
  EXPECT_EQ(create({{"Size", "2"}}).error().code, VolumeErrc::limit_exceeded);
  EXPECT_TRUE(create());
  EXPECT_EQ(create().error().code, VolumeErrc::limit_exceeded);
}

TEST_F(VolumeActions, AZoneWithoutAStorageControllerHasNoRoom) {
  auto administrator = caller;
  administrator.cloud_administrator = true;
  ASSERT_TRUE(call_as(administrator, "DeregisterService", {{"Name", "sc-a"}}));
  EXPECT_EQ(create().error().code, VolumeErrc::insufficient_capacity);
}

TEST_F(VolumeActions, AStorageControllerThatKeepsVolumesStays) {
  auto administrator = caller;
  administrator.cloud_administrator = true;
  create_volume();
  EXPECT_EQ(call_as(administrator, "DeregisterService", {{"Name", "sc-a"}}).error().code,
            ServiceErrc::in_use);
}

TEST_F(VolumeActions, DescribeFiltersAndPages) {
  const auto instance = running();
  const auto attached = create_volume({{"VolumeType", "gp2"}});
  ASSERT_TRUE(attach(attached, instance));
  for (int i = 0; i < 6; ++i) create_volume();
  EXPECT_EQ(shown({}), 7u);
  EXPECT_EQ(shown({{"VolumeId.1", attached}}), 1u);
  const auto filtered = [&](const std::string& name, const std::string& value) {
    return shown({{"Filter.1.Name", name}, {"Filter.1.Value.1", value}});
  };
  EXPECT_EQ(filtered("status", "available"), 6u);
  EXPECT_EQ(filtered("status", "in-use"), 1u);
  EXPECT_EQ(filtered("volume-type", "gp*"), 1u);
  EXPECT_EQ(filtered("attachment.instance-id", instance), 1u);
  EXPECT_EQ(filtered("attachment.device", "/dev/sdf"), 1u);
  EXPECT_EQ(filtered("attachment.status", "attaching"), 1u);
  EXPECT_EQ(filtered("attachment.delete-on-termination", "false"), 1u);
  EXPECT_EQ(filtered("availability-zone", "zone-b"), 0u);
  EXPECT_EQ(filtered("encrypted", "true"), 0u);
  EXPECT_EQ(filtered("size", "1"), 7u);
  EXPECT_EQ(filtered("tag:Name", "*"), 0u);
  EXPECT_EQ(call("DescribeVolumes", {{"Filter.1.Name", "colour"}, {"Filter.1.Value.1", "x"}})
                .error()
                .code,
            RequestErrc::bad_filter);
  const auto first = call("DescribeVolumes", {{"MaxResults", "5"}}).value();
  EXPECT_EQ(first.all("volumeSet/item").size(), 5u);
  EXPECT_EQ(shown({{"MaxResults", "5"}, {"NextToken", *first.find("nextToken")}}), 2u);
}

TEST_F(VolumeActions, OthersVolumesAreNotThere) {
  const auto id = create_volume();
  const auto code = [&](std::string_view action, Pairs pairs) {
    return call_as(stranger, action, std::move(pairs)).error().code;
  };
  EXPECT_EQ(code("DescribeVolumes", {{"VolumeId.1", id}}), VolumeErrc::not_found);
  EXPECT_EQ(code("DescribeVolumeStatus", {{"VolumeId.1", id}}), VolumeErrc::not_found);
  EXPECT_EQ(code("DeleteVolume", {{"VolumeId", id}}), VolumeErrc::not_found);
  EXPECT_EQ(code("DetachVolume", {{"VolumeId", id}}), VolumeErrc::not_found);
  EXPECT_EQ(
      code("AttachVolume", {{"VolumeId", id}, {"InstanceId", running()}, {"Device", "/dev/sdf"}}),
      VolumeErrc::not_found);
  EXPECT_TRUE(call_as(stranger, "DescribeVolumes", {}).value().all("volumeSet/item").empty());
  auto administrator = stranger;
  administrator.cloud_administrator = true;
  EXPECT_EQ(call_as(administrator, "DescribeVolumes", {{"VolumeId.1", "verbose"}})
                .value()
                .all("volumeSet/item")
                .size(),
            1u);
}

TEST_F(VolumeActions, WrongNamesAreNamed) {
  EXPECT_EQ(remove("vol-zz").error().code, VolumeErrc::malformed_id);
  EXPECT_EQ(remove("i-12345678").error().code, VolumeErrc::malformed_id);
  EXPECT_EQ(remove("vol-12345678").error().code, VolumeErrc::not_found);
  EXPECT_EQ(call("DescribeVolumes", {{"VolumeId.1", "vol-12345678"}}).error().code,
            VolumeErrc::not_found);
  EXPECT_EQ(attach("vol-12345678", running()).error().code, VolumeErrc::not_found);
  EXPECT_EQ(attach(create_volume(), "i-12345678").error().code, InstanceErrc::not_found);
  EXPECT_EQ(attach(create_volume(), "web").error().code, InstanceErrc::malformed_id);
}

TEST_F(VolumeActions, AttachClaimsTheVolume) {
  const auto instance = running();
  const auto volume = create_volume();
  const auto reply = attach(volume, instance).value();
  EXPECT_EQ(reply.find("volumeId"), volume);
  EXPECT_EQ(reply.find("instanceId"), instance);
  EXPECT_EQ(reply.find("device"), "/dev/sdf");
  EXPECT_EQ(reply.find("status"), "attaching");
  EXPECT_TRUE(reply.find("attachTime"));
  const auto row = get_volume(volume);
  EXPECT_EQ(row.state, VolumeState::in_use);
  EXPECT_EQ(row.attachment->node, NodeName("node-1"));
  EXPECT_EQ(row.attachment->placement_no, 1);
  EXPECT_EQ(row.attachment->epoch, 1);
  move_attachment(volume, {E::plugged});
  const auto shown_volume = call("DescribeVolumes", {{"VolumeId.1", volume}}).value();
  EXPECT_EQ(shown_volume.find("volumeSet/item/status"), "in-use");
  EXPECT_EQ(shown_volume.find("volumeSet/item/attachmentSet/item/status"), "attached");
  const auto shown_instance = call("DescribeInstances", {{"InstanceId.1", instance}}).value();
  const std::string mapping = "reservationSet/item/instancesSet/item/blockDeviceMapping/item";
  EXPECT_EQ(shown_instance.find(mapping + "/deviceName"), "/dev/sdf");
  EXPECT_EQ(shown_instance.find(mapping + "/ebs/volumeId"), volume);
  EXPECT_EQ(shown_instance.find(mapping + "/ebs/status"), "attached");
  const auto found = call("DescribeInstances", {{"Filter.1.Name", "block-device-mapping.volume-id"},
                                                {"Filter.1.Value.1", volume}});
  EXPECT_EQ(found.value().all("reservationSet/item").size(), 1u);
}

TEST_F(VolumeActions, AVolumeIsAttachedOnce) {
  const auto volume = create_volume();
  const auto one = running();
  const auto other = running();
  ASSERT_TRUE(attach(volume, one));
  EXPECT_EQ(attach(volume, other).error().code, VolumeErrc::in_use);
  EXPECT_EQ(attach(volume, one).error().code, VolumeErrc::in_use);
  EXPECT_EQ(remove(volume).error().code, VolumeErrc::in_use);
  ASSERT_TRUE(detach(volume));
  EXPECT_EQ(attach(volume, other).error().code, VolumeErrc::in_use);
  EXPECT_EQ(remove(volume).error().code, VolumeErrc::in_use);
}

TEST_F(VolumeActions, OnlyWhatIsThereCanBeAttached) {
  const auto instance = running();
  const auto creating = create().value().find("volumeId").value();
  EXPECT_EQ(attach(creating, instance).error().code, VolumeErrc::incorrect_state);
  const auto deleted = create_volume();
  ASSERT_TRUE(remove(deleted));
  EXPECT_EQ(attach(deleted, instance).error().code, VolumeErrc::incorrect_state);
  const auto pending = run(image);
  EXPECT_EQ(attach(create_volume(), pending).error().code, VolumeErrc::incorrect_state);
  ASSERT_TRUE(call("TerminateInstances", {{"InstanceId.1", instance}}));
  EXPECT_EQ(attach(create_volume(), instance).error().code, VolumeErrc::incorrect_state);
}

TEST_F(VolumeActions, AVolumeOfAnotherZoneIsRefused) {
  const auto instance = running();
  Volume volume;
  volume.id = VolumeId("vol-12345678");
  volume.account = caller.account;
  volume.zone = ZoneName("zone-b");
  volume.state = VolumeState::available;
  write([=](Tx& tx) -> Result<> {
    TRY_VOID(Volumes(tx).insert(volume));
    return common::ok();
  }).value();
  EXPECT_EQ(attach("vol-12345678", instance).error().code, VolumeErrc::zone_mismatch);
}

TEST_F(VolumeActions, DevicesAreTakenAsUsersWriteThemAndOnlyOnce) {
  const auto instance = running();
  const auto code = [&](const std::string& device) {
    return attach(create_volume(), instance, device).error().code;
  };
  EXPECT_EQ(code(""), RequestErrc::missing_parameter);
  EXPECT_EQ(code("/dev/nvme0n1"), RequestErrc::invalid_value);
  EXPECT_EQ(code("f"), RequestErrc::invalid_value);
  EXPECT_EQ(code("/dev/sda"), VolumeErrc::device_in_use);
  EXPECT_EQ(code("vda"), VolumeErrc::device_in_use);
  EXPECT_TRUE(attach(create_volume(), instance, "/dev/sdf"));
  EXPECT_EQ(code("/dev/sdf"), VolumeErrc::device_in_use);
  EXPECT_EQ(code("xvdf"), VolumeErrc::device_in_use);
  EXPECT_TRUE(attach(create_volume(), instance, "/dev/vdg"));
  EXPECT_TRUE(attach(create_volume(), instance, "xvdh"));
  EXPECT_TRUE(attach(create_volume(), running(), "/dev/sdf"));
}

TEST_F(VolumeActions, AnInstanceHasRoomForSoManyVolumes) {
  const auto instance = running();
  for (int i = 0; i < kAttachmentsPerInstanceMax; ++i)
    ASSERT_TRUE(
        attach(create_volume(), instance, std::string("/dev/sd") + static_cast<char>('f' + i)));
  EXPECT_EQ(attach(create_volume(), instance, "/dev/sdaa").error().code,
            VolumeErrc::too_many_attachments);
}

TEST_F(VolumeActions, DetachNamesWhatIsNotSo) {
  const auto instance = running();
  const auto volume = create_volume();
  EXPECT_EQ(detach(volume).error().code, VolumeErrc::incorrect_state);
  ASSERT_TRUE(attach(volume, instance));
  EXPECT_EQ(detach(volume, {{"InstanceId", running()}}).error().code,
            VolumeErrc::attachment_not_found);
  EXPECT_EQ(detach(volume, {{"Device", "/dev/sdg"}}).error().code,
            VolumeErrc::attachment_not_found);
  EXPECT_EQ(get_volume(volume).attachment->state, AttachmentState::attaching);
  EXPECT_TRUE(detach(volume, {{"InstanceId", instance}, {"Device", "xvdf"}}));
}

TEST_F(VolumeActions, DetachMayBeRepeatedAndForced) {
  const auto volume = create_volume();
  ASSERT_TRUE(attach(volume, running()));
  move_attachment(volume, {E::plugged});
  EXPECT_EQ(detach(volume).value().find("status"), "detaching");
  EXPECT_EQ(detach(volume).value().find("status"), "detaching");
  EXPECT_FALSE(get_volume(volume).attachment->forced);
  EXPECT_EQ(detach(volume, {{"Force", "true"}}).value().find("status"), "detaching");
  EXPECT_TRUE(get_volume(volume).attachment->forced);
  move_attachment(volume, {E::let_go});
  EXPECT_EQ(detach(volume).value().find("status"), "detaching");
  move_attachment(volume, {E::revoked});
  EXPECT_EQ(detach(volume).error().code, VolumeErrc::incorrect_state);
  EXPECT_EQ(get_volume(volume).state, VolumeState::available);
}

TEST_F(VolumeActions, ADetachWhileAttachingWins) {
  const auto volume = create_volume();
  ASSERT_TRUE(attach(volume, running()));
  EXPECT_EQ(detach(volume).value().find("status"), "detaching");
  const bool plugged = write([=](Tx& tx) {
                         return Attachments(tx).advance(VolumeId(volume), 1, E::plugged, "", {});
                       }).value();
  EXPECT_FALSE(plugged);
}

TEST_F(VolumeActions, DeleteMayBeRepeatedUntilTheVolumeIsGone) {
  const auto volume = create_volume();
  EXPECT_EQ(remove(volume).value().find("return"), "true");
  EXPECT_TRUE(remove(volume));
  EXPECT_EQ(call("DescribeVolumes", {{"VolumeId.1", volume}}).value().find("volumeSet/item/status"),
            "deleting");
  write([=](Tx& tx) {
    return Volumes(tx).advance(VolumeId(volume), VolumeEvent::removed, "", {});
  }).value();
  EXPECT_EQ(remove(volume).error().code, VolumeErrc::not_found);
  EXPECT_EQ(shown({}), 0u);
}

TEST_F(VolumeActions, AVolumeThatIsNotThereYetCanBeGivenUp) {
  const auto volume = create().value().find("volumeId").value();
  EXPECT_TRUE(remove(volume));
  EXPECT_EQ(get_volume(volume).state, VolumeState::deleting);
}

TEST_F(VolumeActions, StatusTellsWhatTheStorageControllerSaid) {
  const auto whole = create_volume();
  const auto damaged = create_volume();
  const auto status = [&](const std::string& id) {
    return call("DescribeVolumeStatus", {{"VolumeId.1", id}}).value();
  };
  const std::string item = "volumeStatusSet/item/";
  EXPECT_EQ(status(whole).find(item + "volumeStatus/status"), "insufficient-data");
  StorageReport report;
  report.volumes = {{VolumeId(whole), 1, ""}, {VolumeId(damaged), 1, "the file is too short"}};
  report.received_at = runtime.steady_now();
  storage.set(ZoneName("zone-a"), report);
  EXPECT_EQ(status(whole).find(item + "volumeStatus/status"), "ok");
  EXPECT_EQ(status(whole).find(item + "volumeStatus/details/item/status"), "passed");
  EXPECT_EQ(status(damaged).find(item + "volumeStatus/status"), "impaired");
  EXPECT_EQ(status(damaged).find(item + "eventsSet/item/description"), "the file is too short");
  const auto impaired = call("DescribeVolumeStatus", {{"Filter.1.Name", "volume-status.status"},
                                                      {"Filter.1.Value.1", "impaired"}});
  EXPECT_EQ(impaired.value().all("volumeStatusSet/item").size(), 1u);
  world.run_for(std::chrono::minutes(1));
  EXPECT_EQ(status(whole).find(item + "volumeStatus/status"), "insufficient-data");
}

TEST_F(VolumeActions, StatusSaysWhyAVolumeCouldNotBeMade) {
  const auto volume = create().value().find("volumeId").value();
  write([=](Tx& tx) {
    return Volumes(tx).advance(VolumeId(volume), VolumeEvent::not_made, "the pool is full", {});
  }).value();
  const auto reply = call("DescribeVolumeStatus", {{"VolumeId.1", volume}}).value();
  EXPECT_EQ(reply.find("volumeStatusSet/item/volumeStatus/status"), "impaired");
  EXPECT_EQ(reply.find("volumeStatusSet/item/eventsSet/item/description"), "the pool is full");
  EXPECT_TRUE(remove(volume));
}

TEST_F(VolumeActions, WhatHappenedIsRecorded) {
  const auto volume = create_volume();
  ASSERT_TRUE(attach(volume, running()));
  ASSERT_TRUE(detach(volume));
  const auto events = write([=](Tx& tx) { return Events(tx).of(volume); }).value();
  std::vector<std::string> kinds;
  for (const auto& event : events) kinds.push_back(event.kind);
  EXPECT_EQ(kinds, (std::vector<std::string>{"volume.creating", "attachment.attaching",
                                             "attachment.detaching"}));
}

}  // namespace
}  // namespace angophora::clc
