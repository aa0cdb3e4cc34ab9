// DeleteAccount beside what an account runs and keeps.
#include <gtest/gtest.h>

#include "clc/domain/instance_errors.h"
#include "clc/store/images.h"
#include "clc/store/instances.h"
#include "clc/store/volumes.h"
#include "clc/testing/instance_fixture.h"

namespace angophora::clc {
namespace {

class AccountEnd : public testing::InstanceFixture {
 protected:
  AccountEnd() : administrator(testing::caller_of("999999999999", "admin")) {
    administrator.is_root = administrator.cloud_administrator = true;
  }
  std::error_code end(bool recursive = true) {
    testing::Pairs pairs{{"AccountName", caller.account.value}};
    if (recursive) pairs.emplace_back("Recursive", "true");
    const auto reply = call_as(administrator, "DeleteAccount", pairs);
    return reply ? std::error_code() : reply.error().code;
  }
  Image image_of(const std::string& id) {
    return write([=](Tx& tx) { return Images(tx).find(ImageId(id)); }).value().value();
  }
  Caller administrator;
};

TEST_F(AccountEnd, WhatRunsIsNotSweptAway) {
  const auto instance = run(register_image());
  EXPECT_EQ(end(), IdentityErrc::conflict);
  make_running(instance);
  EXPECT_EQ(end(), IdentityErrc::conflict);
  EXPECT_EQ(get(instance).state, InstanceState::running);
}

TEST_F(AccountEnd, WhatHoldsDataIsNotSweptAway) {
  const auto volume = create_volume();
  EXPECT_EQ(end(), IdentityErrc::conflict);
  ASSERT_TRUE(call("DeleteVolume", {{"VolumeId", volume}}));
  EXPECT_EQ(end(), IdentityErrc::conflict) << "its bytes are still there";
  const auto now = runtime.now();
  write([=](Tx& tx) {
    return Volumes(tx).advance(VolumeId(volume), VolumeEvent::removed, "", now);
  }).value();
  EXPECT_EQ(end(), std::error_code());
}

TEST_F(AccountEnd, ImagesGoOnlyWhenAllGoes) {
  const auto image = register_image();
  EXPECT_EQ(end(false), IdentityErrc::conflict);
  EXPECT_TRUE(image_of(image).available);
  EXPECT_EQ(end(), std::error_code());
  EXPECT_FALSE(image_of(image).available);
}

TEST_F(AccountEnd, OthersKeepWhatTheyRunFromAnImageThatGoes) {
  const auto image = register_image();
  ASSERT_TRUE(
      call("ModifyImageAttribute", {{"ImageId", image}, {"LaunchPermission.Add.1.Group", "all"}}));
  std::swap(caller, stranger);
  const auto instance = run(image);
  std::swap(caller, stranger);
  EXPECT_EQ(end(), std::error_code());
  EXPECT_FALSE(image_of(image).available);
  EXPECT_EQ(get(instance).state, InstanceState::pending);
  EXPECT_EQ(call_as(stranger, "DescribeImages", {{"ImageId.1", image}}).error().code,
            ImageErrc::not_found);
}

TEST_F(AccountEnd, ADryRunEndsNothing) {
  const auto reply =
      call_as(administrator, "DeleteAccount",
              {{"AccountName", caller.account.value}, {"Recursive", "true"}, {"DryRun", "true"}});
  EXPECT_EQ(reply.error().code, RequestErrc::dry_run_succeeded);
  EXPECT_EQ(end(), std::error_code());
}

}  // namespace
}  // namespace angophora::clc
