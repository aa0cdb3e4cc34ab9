#include <gtest/gtest.h>

#include "clc/domain/instance_errors.h"
#include "clc/store/images.h"
#include "clc/testing/instance_fixture.h"

namespace angophora::clc {
namespace {

class ImageActions : public testing::InstanceFixture {
 protected:
  std::size_t seen_by(const Caller& who) {
    return call_as(who, "DescribeImages").value().all("imagesSet/item").size();
  }
};

using testing::SampleBundle;

TEST_F(ImageActions, ABundleBecomesAnImage) {
  const auto id = register_image();
  EXPECT_TRUE(id.starts_with("emi-")) << id;
  const auto reply = call("DescribeImages", {{"ImageId.1", id}}).value();
  EXPECT_EQ(reply.find("imagesSet/item/imageState"), "available");
  EXPECT_EQ(reply.find("imagesSet/item/imageLocation"), "images/guest.manifest.xml");
  EXPECT_EQ(reply.find("imagesSet/item/imageType"), "machine");
  EXPECT_EQ(reply.find("imagesSet/item/isPublic"), "false");
  EXPECT_TRUE(walrus.admitted.contains(ImageId(id)));
}

TEST_F(ImageActions, KernelsAndRamdisksGetIdsOfTheirOwn) {
  SampleBundle kernel;
  kernel.kernel_id = "true";
  kernel.kind = "kernel";
  const auto eki = register_image(kernel, "kernel");
  EXPECT_TRUE(eki.starts_with("eki-"));
  EXPECT_EQ(walrus.admitted, std::set<ImageId>{ImageId(eki)});
  SampleBundle ramdisk;
  ramdisk.ramdisk_id = "true";
  EXPECT_TRUE(register_image(ramdisk, "ramdisk").starts_with("eri-"));
}

TEST_F(ImageActions, WhatAStrangerSignedIsRefusedAndForgotten) {
  SampleBundle bundle;
  const auto location = put_bundle(bundle);
  auto& manifest = walrus.bundles[location].manifest;
  manifest.replace(manifest.find("<size>1"), 7, "<size>2");
  const auto reply = call("RegisterImage", {{"ImageLocation", location}});
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().code, ImageErrc::invalid_manifest);
  EXPECT_TRUE(walrus.admitted.empty());
  EXPECT_EQ(seen_by(caller), 0u);
}

TEST_F(ImageActions, ABundleForAnotherCloudIsRefused) {
  SampleBundle bundle;
  bundle.key_hex = "not hex, but thirty-two letters.";
  const auto reply = call("RegisterImage", {{"ImageLocation", put_bundle(bundle)}});
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().code, ImageErrc::invalid_manifest);
}

TEST_F(ImageActions, WhatCannotBeReadIsRefused) {
  const auto missing = call("RegisterImage", {{"ImageLocation", "images/none.xml"}});
  EXPECT_EQ(missing.error().code, ImageErrc::not_readable);
  const auto location = put_bundle({});
  walrus.forbidden.insert(caller.account);
  EXPECT_EQ(call("RegisterImage", {{"ImageLocation", location}}).error().code,
            ImageErrc::not_readable);
  walrus.is_down = true;
  EXPECT_EQ(call("RegisterImage", {{"ImageLocation", location}}).error().code,
            common::Errc::unavailable);
}

TEST_F(ImageActions, MissingPartsAreRefused) {
  const auto location = put_bundle({});
  walrus.bundles[location].parts.pop_back();
  EXPECT_EQ(call("RegisterImage", {{"ImageLocation", location}}).error().code,
            ImageErrc::invalid_manifest);
}

TEST_F(ImageActions, NamesAreCheckedAndUsedOnce) {
  register_image();
  const auto location = put_bundle({});
  EXPECT_EQ(call("RegisterImage", {{"ImageLocation", location}, {"Name", "guest"}}).error().code,
            ImageErrc::duplicate_name);
  EXPECT_EQ(call("RegisterImage", {{"ImageLocation", location}, {"Name", "x!"}}).error().code,
            ImageErrc::malformed_name);
  EXPECT_TRUE(call("RegisterImage", {{"ImageLocation", location}}));
}

TEST_F(ImageActions, TooManyKeysThatDoNotOpenAreStopped) {
  SampleBundle bundle;
  bundle.key_hex = "not hex, but thirty-two letters.";
  const auto location = put_bundle(bundle);
  for (int i = 0; i < 30; ++i) (void)call("RegisterImage", {{"ImageLocation", location}});
  EXPECT_EQ(call("RegisterImage", {{"ImageLocation", location}}).error().code,
            ImageErrc::too_many_failures);
  world.run_for(std::chrono::minutes(2));
  EXPECT_EQ(call("RegisterImage", {{"ImageLocation", location}}).error().code,
            ImageErrc::invalid_manifest);
}

TEST_F(ImageActions, AnImageIsPrivateUntilItIsShared) {
  add_account_of(stranger);
  const auto id = register_image();
  EXPECT_EQ(seen_by(stranger), 0u);
  ASSERT_TRUE(call("ModifyImageAttribute",
                   {{"ImageId", id}, {"LaunchPermission.Add.1.UserId", stranger.account.value}}));
  EXPECT_EQ(seen_by(stranger), 1u);
  const auto shown =
      call("DescribeImageAttribute", {{"ImageId", id}, {"Attribute", "launchPermission"}});
  EXPECT_EQ(shown.value().find("launchPermission/item/userId"), stranger.account.value);
  // The old form takes it back.
  ASSERT_TRUE(call("ModifyImageAttribute", {{"ImageId", id},
                                            {"Attribute", "launchPermission"},
                                            {"OperationType", "remove"},
                                            {"UserId.1", stranger.account.value}}));
  EXPECT_EQ(seen_by(stranger), 0u);
  ASSERT_TRUE(
      call("ModifyImageAttribute", {{"ImageId", id}, {"LaunchPermission.Add.1.Group", "all"}}));
  EXPECT_EQ(seen_by(stranger), 1u);
  EXPECT_EQ(
      call("DescribeImages", {{"ExecutableBy.1", "all"}}).value().all("imagesSet/item").size(), 1u);
}

TEST_F(ImageActions, OnlyTheOwnerChangesAnImage) {
  const auto id = register_image();
  ASSERT_TRUE(
      call("ModifyImageAttribute", {{"ImageId", id}, {"LaunchPermission.Add.1.Group", "all"}}));
  EXPECT_EQ(call_as(stranger, "DeregisterImage", {{"ImageId", id}}).error().code,
            ImageErrc::not_permitted);
  EXPECT_EQ(call_as(stranger, "DescribeImageAttribute",
                    {{"ImageId", id}, {"Attribute", "launchPermission"}})
                .error()
                .code,
            ImageErrc::not_permitted);
  EXPECT_TRUE(
      call_as(stranger, "DescribeImageAttribute", {{"ImageId", id}, {"Attribute", "description"}}));
}

TEST_F(ImageActions, ADeregisteredImageIsGoneFromSight) {
  const auto id = register_image();
  ASSERT_TRUE(call("DeregisterImage", {{"ImageId", id}}));
  EXPECT_EQ(seen_by(caller), 0u);
  EXPECT_EQ(call("DeregisterImage", {{"ImageId", id}}).error().code, ImageErrc::unavailable);
  EXPECT_EQ(call("DescribeImages", {{"ImageId.1", id}}).error().code, ImageErrc::not_found);
}

TEST_F(ImageActions, WrongIdsAndValuesAreNamed) {
  const auto id = register_image();
  EXPECT_EQ(call("DescribeImages", {{"ImageId.1", "emi-zz"}}).error().code,
            ImageErrc::malformed_id);
  EXPECT_EQ(call("DeregisterImage", {{"ImageId", "emi-12345678"}}).error().code,
            ImageErrc::not_found);
  EXPECT_EQ(call("ModifyImageAttribute", {{"ImageId", id}, {"LaunchPermission.Add.1.UserId", "12"}})
                .error()
                .code,
            ImageErrc::bad_user_id);
  const auto nobody = call("ModifyImageAttribute",
                           {{"ImageId", id}, {"LaunchPermission.Add.1.UserId", "999999999999"}});
  EXPECT_EQ(nobody.error().code, ImageErrc::bad_attribute_value);
  EXPECT_NE(nobody.error().message.find("999999999999\" for userId: there is no such account"),
            std::string::npos);
  EXPECT_EQ(
      call("ModifyImageAttribute", {{"ImageId", id}, {"LaunchPermission.Add.1.Group", "some"}})
          .error()
          .code,
      ImageErrc::bad_attribute_value);
  EXPECT_EQ(call("ModifyImageAttribute", {{"ImageId", id}}).error().code,
            RequestErrc::missing_parameter);
}

}  // namespace
}  // namespace angophora::clc
