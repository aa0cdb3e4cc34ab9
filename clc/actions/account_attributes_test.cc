// DescribeAccountAttributes and GetPasswordData.
#include <gtest/gtest.h>

#include "clc/domain/instance_errors.h"
#include "clc/testing/instance_fixture.h"

namespace angophora::clc {
namespace {

class AccountAttributes : public testing::InstanceFixture {
 protected:
  std::string value(const std::string& name) {
    const auto reply = call("DescribeAccountAttributes", {{"AttributeName.1", name}}).value();
    EXPECT_EQ(reply.find("accountAttributeSet/item/attributeName"), name);
    return *reply.find("accountAttributeSet/item/attributeValueSet/item/attributeValue");
  }
};

TEST_F(AccountAttributes, AreShownAsTheyAre) {
  EXPECT_EQ(value("supported-platforms"), "VPC");
  EXPECT_EQ(value("default-vpc"), "none");
  ASSERT_TRUE(call("DescribeSecurityGroups"));
  EXPECT_TRUE(value("default-vpc").starts_with("vpc-"));
  properties.set("cloud.instances_max", "7");
  EXPECT_EQ(value("max-instances"), "7");
  properties.set("cloud.addresses_max", "9");
  EXPECT_EQ(value("max-elastic-ips"), "9");
  EXPECT_EQ(value("vpc-max-elastic-ips"), "9");
  EXPECT_EQ(call("DescribeAccountAttributes").value().all("accountAttributeSet/item").size(), 5u);
  EXPECT_EQ(call("DescribeAccountAttributes", {{"AttributeName.1", "colour"}}).error().code,
            RequestErrc::invalid_value);
}

TEST_F(AccountAttributes, APasswordIsWhatAWindowsGuestWrote) {
  const auto windows =
      call("RegisterImage", {{"ImageLocation", put_bundle({}, "windows")}, {"Platform", "windows"}})
          .value()
          .find("imageId")
          .value();
  const auto id = run(windows), other = run(register_image());
  make_running(id);
  make_running(other);
  const auto password = [&](const std::string& of) {
    return call("GetPasswordData", {{"InstanceId", of}}).value().find("passwordData");
  };
  EXPECT_EQ(password(id), "");
  cluster.console.bytes = "<Password>b2xk</Password> and <Password>\r\nbmV3\r\n</Password> <Pass";
  EXPECT_EQ(password(id), "bmV3");
  EXPECT_EQ(password(other), "") << "whatever it writes";
  EXPECT_EQ(call_as(stranger, "GetPasswordData", {{"InstanceId", id}}).error().code,
            InstanceErrc::not_found);
}

}  // namespace
}  // namespace angophora::clc
