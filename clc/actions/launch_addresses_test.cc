#include <gtest/gtest.h>

#include "clc/actions/address_fixture.h"
#include "clc/domain/address_errors.h"

namespace angophora::clc {
namespace {

using testing::Pairs;

using LaunchAddresses = testing::AddressActions;

TEST_F(LaunchAddresses, AnInstanceMayGetAnAddressAtItsLaunch) {
  for (const auto& wish : {Pairs{{"AddressingType", "public"}},
                           Pairs{{"NetworkInterface.1.DeviceIndex", "0"},
                                 {"NetworkInterface.1.AssociatePublicIpAddress", "true"}}}) {
    const auto id = run(image, wish);
    const auto address = address_of(id);
    EXPECT_TRUE(address.starts_with("198.51.100.")) << wish.front().first;
    EXPECT_TRUE(listed().empty()) << "it is not the account's";
    EXPECT_EQ(refusal("ReleaseAddress", {{"PublicIp", address}}), AddressErrc::not_found);
    end(id);
    EXPECT_EQ(address_of(id), "");
  }
  EXPECT_EQ(address_of(run(image)), "") << "nobody asked for one";
}

TEST_F(LaunchAddresses, TheOperatorDecidesForThoseWhoDoNotSay) {
  ASSERT_TRUE(call("ModifyPropertyValue", {{"Name", kPublicAtLaunch}, {"Value", "yes"}}));
  EXPECT_NE(address_of(run(image)), "");
  EXPECT_EQ(address_of(run(image, {{"AddressingType", "private"}})), "");
  EXPECT_FALSE(call("ModifyPropertyValue", {{"Name", kPublicAtLaunch}, {"Value", "perhaps"}}));
}

TEST_F(LaunchAddresses, ALaunchThatCannotHaveItsAddressClaimsNothing) {
  set_pool("198.51.100.10");
  const auto reply = call(
      "RunInstances",
      {{"ImageId", image}, {"MinCount", "2"}, {"MaxCount", "2"}, {"AddressingType", "public"}});
  EXPECT_EQ(reply.error().code, AddressErrc::insufficient_capacity);
  EXPECT_TRUE(call("DescribeInstances").value().all("reservationSet/item").empty());
  const auto some = call(
      "RunInstances",
      {{"ImageId", image}, {"MinCount", "1"}, {"MaxCount", "2"}, {"AddressingType", "public"}});
  ASSERT_TRUE(some) << some.error().message;
  EXPECT_EQ(some.value().all("instancesSet/item").size(), 1u) << "as many as have addresses";
  EXPECT_EQ(some.value().find("instancesSet/item/ipAddress"), "198.51.100.10");
  set_pool("198.51.100.10 198.51.100.11");
  EXPECT_EQ(allocate().ip, "198.51.100.11");
}

TEST_F(LaunchAddresses, AnElasticAddressTakesThePlaceOfTheFirstOne) {
  const auto id = run(image, {{"AddressingType", "public"}});
  make_running(id);
  const auto came_with_it = address_of(id);
  const auto address = allocate();
  associate(address, id, {{"AllowReassociation", "false"}});
  EXPECT_EQ(address_of(id), address.ip);
  EXPECT_EQ(allocate({{"Address", came_with_it}}).ip, came_with_it) << "it is free again";
}

TEST_F(LaunchAddresses, AnInterfaceIsTheOneThatAnInstanceHas) {
  ASSERT_TRUE(call("CreateSecurityGroup", {{"GroupName", "web"}, {"GroupDescription", "d"}}));
  const auto group = call("DescribeSecurityGroups", {{"GroupName", "web"}})
                         .value()
                         .find("securityGroupInfo/item/groupId")
                         .value();
  const auto id = run(image, {{"NetworkInterface.1.DeviceIndex", "0"},
                              {"NetworkInterface.1.SecurityGroupId.1", group},
                              {"NetworkInterface.1.DeleteOnTermination", "true"}});
  EXPECT_EQ(get(id).groups.front().id.value, group);
  const auto refused = [&](Pairs more) {
    Pairs pairs{{"ImageId", image}, {"MinCount", "1"}, {"MaxCount", "1"}};
    pairs.insert(pairs.end(), more.begin(), more.end());
    return refusal("RunInstances", pairs);
  };
  EXPECT_EQ(refused({{"NetworkInterface.1.AssociatePublicIpAddress", "true"}}),
            RequestErrc::missing_parameter);
  EXPECT_EQ(refused({{"NetworkInterface.1.DeviceIndex", "1"}}), RequestErrc::invalid_value);
  EXPECT_EQ(
      refused({{"NetworkInterface.1.DeviceIndex", "0"}, {"NetworkInterface.2.DeviceIndex", "1"}}),
      RequestErrc::unsupported_parameter);
  EXPECT_EQ(refused({{"NetworkInterface.1.DeviceIndex", "0"},
                     {"NetworkInterface.1.DeleteOnTermination", "false"}}),
            RequestErrc::unsupported_parameter);
  EXPECT_EQ(refused({{"NetworkInterface.1.DeviceIndex", "0"}, {"SecurityGroupId.1", group}}),
            RequestErrc::invalid_combination);
  EXPECT_EQ(refused({{"NetworkInterface.1.DeviceIndex", "0"},
                     {"NetworkInterface.1.AssociatePublicIpAddress", "true"},
                     {"AddressingType", "private"}}),
            RequestErrc::invalid_combination);
}

}  // namespace
}  // namespace angophora::clc
