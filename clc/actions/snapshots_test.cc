#include <gtest/gtest.h>

#include "clc/domain/snapshot_errors.h"
#include "clc/domain/tag.h"
#include "clc/domain/volume_errors.h"
#include "clc/store/events.h"
#include "clc/store/snapshots.h"
#include "clc/store/volumes.h"
#include "clc/testing/instance_fixture.h"

namespace angophora::clc {
namespace {

using testing::Pairs;

class SnapshotActions : public testing::InstanceFixture {
 protected:
  Result<Reply> create(const std::string& volume, Pairs more = {}) {
    more.emplace_back("VolumeId", volume);
    return call("CreateSnapshot", more);
  }
  std::string created(const std::string& volume, Pairs more = {}) {
    return create(volume, std::move(more)).value().find("snapshotId").value();
  }
  // As the reconcilers do.
  std::string completed(Pairs of_volume = {}) {
    const auto id = created(create_volume(std::move(of_volume)));
    move(id, SnapshotEvent::completed);
    return id;
  }
  void move(const std::string& id, SnapshotEvent event) {
    ASSERT_TRUE(write([=](Tx& tx) {
                  return Snapshots(tx).advance(SnapshotId(id), event, "", {});
                }).value());
  }
  Result<Reply> remove(const std::string& id) {
    return call("DeleteSnapshot", {{"SnapshotId", id}});
  }
  Result<Reply> volume_of(const std::string& id, Pairs more = {}) {
    more.emplace_back("SnapshotId", id);
    more.emplace_back("AvailabilityZone", "zone-a");
    return call("CreateVolume", more);
  }
  Result<Reply> allow(const std::string& id, const std::string& what, const std::string& whom) {
    return call("ModifySnapshotAttribute",
                {{"SnapshotId", id}, {"CreateVolumePermission." + what, whom}});
  }
  std::size_t shown(Pairs pairs) { return shown_to(caller, std::move(pairs)); }
  std::size_t shown_to(const Caller& who, Pairs pairs = {}) {
    return call_as(who, "DescribeSnapshots", std::move(pairs))
        .value()
        .all("snapshotSet/item")
        .size();
  }
};

TEST_F(SnapshotActions, CreatePromisesASnapshot) {
  const auto volume = create_volume({{"Size", "1"}});
  const auto reply = create(volume, {{"Description", "before the upgrade"},
                                     {"TagSpecification.1.ResourceType", "snapshot"},
                                     {"TagSpecification.1.Tag.1.Key", "Name"},
                                     {"TagSpecification.1.Tag.1.Value", "data"}})
                         .value();
  EXPECT_TRUE(is_well_formed_id(reply.find("snapshotId").value(), "snap"));
  EXPECT_EQ(reply.find("snapshotId")->size(), 22u);
  EXPECT_EQ(reply.find("volumeId"), volume);
  EXPECT_EQ(reply.find("status"), "pending");
  EXPECT_EQ(reply.find("progress"), "0%");
  EXPECT_EQ(reply.find("ownerId"), caller.account.value);
  EXPECT_EQ(reply.find("volumeSize"), "1");
  EXPECT_EQ(reply.find("description"), "before the upgrade");
  EXPECT_EQ(reply.find("tagSet/item/value"), "data");
  const auto listed = call("DescribeSnapshots").value();
  EXPECT_EQ(listed.find("snapshotSet/item/snapshotId"), reply.find("snapshotId"));
  EXPECT_EQ(listed.find("snapshotSet/item/tagSet/item/key"), "Name");
}

TEST_F(SnapshotActions, OnlyOfAVolumeThatIsThere) {
  EXPECT_EQ(create("vol-1").error().code, VolumeErrc::malformed_id);
  EXPECT_EQ(create("vol-00000000").error().code, VolumeErrc::not_found);
  const auto volume = create_volume();
  EXPECT_EQ(call_as(stranger, "CreateSnapshot", {{"VolumeId", volume}}).error().code,
            VolumeErrc::not_found);
  EXPECT_EQ(create(volume, {{"Description", std::string(256, 'x')}}).error().code,
            RequestErrc::invalid_value);
  EXPECT_EQ(create(volume, {{"DryRun", "true"}}).error().code, RequestErrc::dry_run_succeeded);
  EXPECT_EQ(shown({}), 0u);
  ASSERT_TRUE(call("DeleteVolume", {{"VolumeId", volume}}));
  EXPECT_EQ(create(volume).error().code, VolumeErrc::incorrect_state);
}

TEST_F(SnapshotActions, AnAccountHasSoManyAndNoMore) {
  properties.set("cloud.snapshots_max", "2");
  const auto volume = create_volume();
  const auto id = created(volume);
  created(volume);
  EXPECT_EQ(create(volume).error().code, SnapshotErrc::limit_exceeded);
  ASSERT_TRUE(remove(id));
  EXPECT_EQ(create(volume).error().code, SnapshotErrc::limit_exceeded) << "it is still there";
  move(id, SnapshotEvent::removed);
  EXPECT_TRUE(create(volume));
}

TEST_F(SnapshotActions, DeleteHidesItAtOnce) {
  const auto id = completed({});
  ASSERT_TRUE(call("CreateTags", {{"ResourceId.1", id}, {"Tag.1.Key", "a"}}));
  EXPECT_EQ(remove("snap-1").error().code, SnapshotErrc::malformed_id);
  EXPECT_EQ(call_as(stranger, "DeleteSnapshot", {{"SnapshotId", id}}).error().code,
            SnapshotErrc::not_found);
  ASSERT_TRUE(remove(id));
  EXPECT_EQ(shown({}), 0u);
  EXPECT_TRUE(call("DescribeTags").value().all("tagSet/item").empty());
  EXPECT_EQ(call("DescribeSnapshots", {{"SnapshotId.1", id}}).error().code,
            SnapshotErrc::not_found);
  EXPECT_EQ(remove(id).error().code, SnapshotErrc::not_found);
  EXPECT_EQ(volume_of(id).error().code, SnapshotErrc::not_found);
  EXPECT_EQ(call("CreateTags", {{"ResourceId.1", id}, {"Tag.1.Key", "a"}}).error().code,
            TagErrc::bad_resource);
  EXPECT_TRUE(remove(created(create_volume()))) << "a pending one";
}

TEST_F(SnapshotActions, DescribeFiltersAndPages) {
  const auto volume = create_volume();
  const auto id = created(volume, {{"Description", "first"}});
  move(id, SnapshotEvent::completed);
  for (int i = 0; i < 6; ++i) created(volume);
  EXPECT_EQ(shown({{"SnapshotId.1", id}}), 1u);
  const auto filtered = [&](const std::string& name, const std::string& value) {
    return shown({{"Filter.1.Name", name}, {"Filter.1.Value.1", value}});
  };
  EXPECT_EQ(filtered("status", "completed"), 1u);
  EXPECT_EQ(filtered("status", "pending"), 6u);
  EXPECT_EQ(filtered("progress", "100%"), 1u);
  EXPECT_EQ(filtered("description", "f*"), 1u);
  EXPECT_EQ(filtered("volume-id", volume), 7u);
  EXPECT_EQ(filtered("volume-size", "1"), 7u);
  EXPECT_EQ(filtered("owner-id", stranger.account.value), 0u);
  EXPECT_EQ(filtered("encrypted", "true"), 0u);
  EXPECT_EQ(filtered("tag:Name", "*"), 0u);
  EXPECT_EQ(call("DescribeSnapshots", {{"Filter.1.Name", "colour"}, {"Filter.1.Value.1", "x"}})
                .error()
                .code,
            RequestErrc::bad_filter);
  const auto page = call("DescribeSnapshots", {{"MaxResults", "5"}}).value();
  EXPECT_EQ(page.all("snapshotSet/item").size(), 5u);
  const auto rest =
      call("DescribeSnapshots", {{"MaxResults", "5"}, {"NextToken", *page.find("nextToken")}});
  EXPECT_EQ(rest.value().all("snapshotSet/item").size(), 2u);
  EXPECT_FALSE(rest.value().find("nextToken"));
  EXPECT_EQ(call("DescribeSnapshots", {{"SnapshotId.1", id}, {"MaxResults", "5"}}).error().code,
            RequestErrc::invalid_combination);
}

TEST_F(SnapshotActions, AreSharedWithSomeOrAll) {
  add_account_of(stranger);
  const auto id = completed({});
  ASSERT_TRUE(call("CreateTags", {{"ResourceId.1", id}, {"Tag.1.Key", "mine"}}));
  EXPECT_EQ(shown_to(stranger), 0u);
  ASSERT_TRUE(allow(id, "Add.1.UserId", stranger.account.value));
  const auto seen = call_as(stranger, "DescribeSnapshots").value();
  EXPECT_EQ(seen.find("snapshotSet/item/snapshotId"), id);
  EXPECT_FALSE(seen.find("snapshotSet/item/tagSet/item/key")) << "its owner's own";
  EXPECT_EQ(shown_to(stranger, {{"Owner.1", "self"}}), 0u);
  EXPECT_EQ(shown_to(stranger, {{"Owner.1", caller.account.value}}), 1u);
  EXPECT_EQ(shown_to(stranger, {{"RestorableBy.1", "self"}}), 1u);
  EXPECT_EQ(shown({{"RestorableBy.1", stranger.account.value}}), 1u);
  EXPECT_EQ(shown({{"RestorableBy.1", "all"}}), 0u);
  for (const auto* action : {"DeleteSnapshot", "DescribeSnapshotAttribute",
                             "ModifySnapshotAttribute", "ResetSnapshotAttribute"}) {
    Pairs pairs{{"SnapshotId", id}};
    if (action != std::string("DeleteSnapshot"))
      pairs.emplace_back("Attribute", "createVolumePermission");
    if (action == std::string("ModifySnapshotAttribute"))
      pairs.emplace_back("CreateVolumePermission.Add.1.Group", "all");
    EXPECT_EQ(call_as(stranger, action, pairs).error().code, SnapshotErrc::not_permitted) << action;
  }
  EXPECT_TRUE(
      call_as(stranger, "CreateVolume", {{"SnapshotId", id}, {"AvailabilityZone", "zone-a"}}));
  ASSERT_TRUE(allow(id, "Remove.1.UserId", stranger.account.value));
  EXPECT_EQ(shown_to(stranger), 0u);
  ASSERT_TRUE(allow(id, "Add.1.Group", "all"));
  EXPECT_EQ(shown_to(stranger, {{"RestorableBy.1", "all"}}), 1u);
  const auto attribute = call("DescribeSnapshotAttribute",
                              {{"SnapshotId", id}, {"Attribute", "createVolumePermission"}})
                             .value();
  EXPECT_EQ(attribute.find("createVolumePermission/item/group"), "all");
  ASSERT_TRUE(call("ResetSnapshotAttribute",
                   {{"SnapshotId", id}, {"Attribute", "createVolumePermission"}}));
  EXPECT_EQ(shown_to(stranger), 0u);
}

TEST_F(SnapshotActions, TheOlderFormOfPermissionsIsTaken) {
  add_account_of(stranger);
  const auto id = completed({});
  const auto modify = [&](const std::string& operation, const std::string& name,
                          const std::string& value) {
    return call("ModifySnapshotAttribute", {{"SnapshotId", id},
                                            {"Attribute", "createVolumePermission"},
                                            {"OperationType", operation},
                                            {name, value}});
  };
  ASSERT_TRUE(modify("add", "UserId.1", stranger.account.value));
  ASSERT_TRUE(modify("add", "UserGroup.1", "all"));
  EXPECT_EQ(shown_to(stranger), 1u);
  ASSERT_TRUE(modify("remove", "UserGroup.1", "all"));
  ASSERT_TRUE(modify("remove", "UserId.1", stranger.account.value));
  EXPECT_EQ(shown_to(stranger), 0u);
  EXPECT_EQ(modify("add", "UserId.1", "12").error().code, SnapshotErrc::bad_user_id);
  EXPECT_EQ(modify("add", "UserId.1", "999999999999").error().code, RequestErrc::invalid_value);
  EXPECT_TRUE(modify("remove", "UserId.1", "999999999999"));  // of an account that is gone
  EXPECT_EQ(modify("add", "UserGroup.1", "some").error().code, RequestErrc::invalid_value);
  EXPECT_EQ(call("ModifySnapshotAttribute", {{"SnapshotId", id}}).error().code,
            RequestErrc::missing_parameter);
  EXPECT_EQ(call("ModifySnapshotAttribute", {{"SnapshotId", id}, {"UserId.1", "123456789012"}})
                .error()
                .code,
            RequestErrc::missing_parameter);
  EXPECT_EQ(call("ModifySnapshotAttribute", {{"SnapshotId", id}, {"Attribute", "productCodes"}})
                .error()
                .code,
            RequestErrc::invalid_value);
}

TEST_F(SnapshotActions, AVolumeOfOneHasItsSizeOrMore) {
  const auto id = completed({{"Size", "3"}});
  ASSERT_EQ(call("DescribeSnapshots").value().find("snapshotSet/item/volumeSize"), "3");
  const auto same = volume_of(id).value();
  EXPECT_EQ(same.find("size"), "3");
  EXPECT_EQ(same.find("snapshotId"), id);
  EXPECT_EQ(volume_of(id, {{"Size", "5"}}).value().find("size"), "5");
  EXPECT_EQ(volume_of(id, {{"Size", "2"}}).error().code, RequestErrc::invalid_value);
  EXPECT_EQ(call("DescribeVolumes", {{"Filter.1.Name", "snapshot-id"}, {"Filter.1.Value.1", id}})
                .value()
                .all("volumeSet/item")
                .size(),
            2u);
  EXPECT_EQ(volume_of(id, {{"VolumeType", "io1"}, {"Iops", "99999"}}).error().code,
            RequestErrc::invalid_value)
      << "more than its size allows";
  EXPECT_EQ(volume_of("snap-1").error().code, SnapshotErrc::malformed_id);
  EXPECT_EQ(volume_of("snap-00000000").error().code, SnapshotErrc::not_found);
  EXPECT_EQ(volume_of(created(create_volume())).error().code, SnapshotErrc::incorrect_state);
}

TEST_F(SnapshotActions, ARepeatedWishMakesOneVolume) {
  const auto id = completed({});
  const auto first = volume_of(id, {{"ClientToken", "t"}}).value();
  ASSERT_TRUE(remove(id));
  EXPECT_EQ(volume_of(id, {{"ClientToken", "t"}}).value().find("volumeId"), first.find("volumeId"));
}

TEST_F(SnapshotActions, OneThatAVolumeIsBeingMadeOfIsKept) {
  const auto id = completed({});
  const auto volume = volume_of(id).value().find("volumeId").value();
  ASSERT_TRUE(remove(id));
  const auto due = [&] {
    return write([](Tx& tx) { return Snapshots(tx).unsettled_in(ZoneName("zone-a")); })
        .value()
        .size();
  };
  EXPECT_EQ(due(), 0u);
  ASSERT_TRUE(write([&](Tx& tx) {
                return Volumes(tx).advance(VolumeId(volume), VolumeEvent::made, "", {});
              }).value());
  EXPECT_EQ(due(), 1u);
}

TEST_F(SnapshotActions, AutoEnableIoIsKept) {
  const auto volume = create_volume();
  const auto value = [&] {
    return call("DescribeVolumeAttribute", {{"VolumeId", volume}, {"Attribute", "autoEnableIO"}})
        .value()
        .find("autoEnableIO/value");
  };
  EXPECT_EQ(value(), "false");
  ASSERT_TRUE(
      call("ModifyVolumeAttribute", {{"VolumeId", volume}, {"AutoEnableIO.Value", "true"}}));
  EXPECT_EQ(value(), "true");
  EXPECT_EQ(call("ModifyVolumeAttribute", {{"VolumeId", volume}}).error().code,
            RequestErrc::missing_parameter);
  EXPECT_EQ(call_as(stranger, "ModifyVolumeAttribute",
                    {{"VolumeId", volume}, {"AutoEnableIO.Value", "true"}})
                .error()
                .code,
            VolumeErrc::not_found);
  EXPECT_TRUE(
      call("DescribeVolumeAttribute", {{"VolumeId", volume}, {"Attribute", "productCodes"}}));
  EXPECT_EQ(
      call("DescribeVolumeAttribute", {{"VolumeId", volume}, {"Attribute", "size"}}).error().code,
      RequestErrc::invalid_value);
}

}  // namespace
}  // namespace angophora::clc
