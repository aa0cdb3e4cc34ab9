// Actions about public addresses with a pool of four and instances to give them to; for tests.
#pragma once

#include "clc/domain/guest_judgement.h"
#include "clc/store/instances.h"
#include "clc/testing/instance_fixture.h"

namespace angophora::clc::testing {

class AddressActions : public InstanceFixture {
 protected:
  AddressActions() : image(register_image()) { set_pool("198.51.100.10-198.51.100.13"); }

  void set_pool(const std::string& pool) {
    const auto set = call("ModifyPropertyValue", {{"Name", kPublicAddresses}, {"Value", pool}});
    ASSERT_TRUE(set) << set.error().message;
  }
  struct Given {
    std::string ip, allocation;
  };
  Given allocate(Pairs more = {}) {
    const auto reply = call("AllocateAddress", std::move(more));
    EXPECT_TRUE(reply) << reply.error().message;
    if (!reply) return {};
    return {*reply.value().find("publicIp"), reply.value().find("allocationId").value_or("")};
  }
  std::error_code refusal(std::string_view action, Pairs pairs) {
    const auto reply = call(action, std::move(pairs));
    EXPECT_FALSE(reply) << action;
    return reply ? std::error_code() : reply.error().code;
  }
  std::string associate(const Given& address, const std::string& instance, Pairs more = {}) {
    Pairs pairs{{"AllocationId", address.allocation}, {"InstanceId", instance}};
    pairs.insert(pairs.end(), more.begin(), more.end());
    const auto reply = call("AssociateAddress", pairs);
    EXPECT_TRUE(reply) << reply.error().message;
    return reply ? reply.value().find("associationId").value_or("") : "";
  }
  std::string running() {
    const auto id = run(image);
    make_running(id);
    return id;
  }
  // What DescribeInstances shows as its public address.
  std::string address_of(const std::string& instance) {
    const auto reply = call("DescribeInstances", {{"InstanceId", instance}});
    return reply.value().find("reservationSet/item/instancesSet/item/ipAddress").value_or("");
  }
  // Which instance DescribeAddresses shows for it.
  std::string holder_of(const Given& address) {
    const auto reply = call("DescribeAddresses", {{"PublicIp", address.ip}});
    EXPECT_TRUE(reply) << reply.error().message;
    return reply ? reply.value().find("addressesSet/item/instanceId").value_or("") : "";
  }
  std::vector<std::string> listed(Pairs pairs = {}) {
    const auto reply = call("DescribeAddresses", std::move(pairs));
    EXPECT_TRUE(reply) << reply.error().message;
    std::vector<std::string> found;
    for (const auto* item : reply.value().all("addressesSet/item/publicIp"))
      found.push_back(item->text());
    return found;
  }
  void end(const std::string& instance) {
    const auto now = runtime.now();
    write([=](Tx& tx) -> Result<> {
      const InstanceId id(instance);
      TRY_VOID(Instances(tx).want_end(id, user_ended_it(), now));
      TRY_VOID(Instances(tx).advance(id, 1, InstanceEvent::destroyed, {}, now));
      return common::ok();
    }).value();
  }
  Caller administrator() const {
    auto who = caller_of("999999999999", "admin");
    who.cloud_administrator = true;
    return who;
  }

  std::string image;
};

}  // namespace angophora::clc::testing
