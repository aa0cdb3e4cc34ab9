#include <gtest/gtest.h>

#include "clc/actions/address_fixture.h"
#include "clc/domain/address_errors.h"
#include "clc/domain/instance_errors.h"
#include "clc/store/events.h"
#include "clc/store/registrations.h"

namespace angophora::clc {
namespace {

using testing::AddressActions;
using testing::Pairs;

TEST_F(AddressActions, AllocateGivesEachAddressOfThePoolOnce) {
  std::set<std::string> given;
  for (int i = 0; i < 4; ++i) given.insert(allocate().ip);
  EXPECT_EQ(given, (std::set<std::string>{"198.51.100.10", "198.51.100.11", "198.51.100.12",
                                          "198.51.100.13"}));
  EXPECT_EQ(refusal("AllocateAddress", {}), AddressErrc::insufficient_capacity);
  EXPECT_EQ(listed(), std::vector<std::string>(given.begin(), given.end()));
}

TEST_F(AddressActions, AnAddressRestsBeforeItIsGivenAgain) {
  const auto first = allocate();
  ASSERT_TRUE(call("ReleaseAddress", {{"AllocationId", first.allocation}}));
  EXPECT_NE(allocate().ip, first.ip);
}

TEST_F(AddressActions, ReleasingTakesTheTagsAlong) {
  const auto first = allocate(
      {{"TagSpecification.1.ResourceType", "elastic-ip"}, {"TagSpecification.1.Tag.1.Key", "k"}});
  ASSERT_TRUE(call("ReleaseAddress", {{"AllocationId", first.allocation}}));
  EXPECT_TRUE(call("DescribeTags").value().all("tagSet/item").empty());
}

TEST_F(AddressActions, ThePoolIsTheOperatorsWhileTheCloudRuns) {
  const auto kept = allocate();
  set_pool("203.0.113.0/31");
  EXPECT_TRUE(allocate().ip.starts_with("203.0.113."));
  EXPECT_TRUE(allocate().ip.starts_with("203.0.113."));
  EXPECT_EQ(refusal("AllocateAddress", {}), AddressErrc::insufficient_capacity);
  // What was taken out goes on until it is released.
  const auto instance = running();
  associate(kept, instance);
  EXPECT_EQ(address_of(instance), kept.ip);
  ASSERT_TRUE(call("DisassociateAddress", {{"PublicIp", kept.ip}}));
  ASSERT_TRUE(call("ReleaseAddress", {{"AllocationId", kept.allocation}}));
  EXPECT_EQ(refusal("AllocateAddress", {{"Address", kept.ip}}), AddressErrc::not_found);
}

TEST_F(AddressActions, ThePoolHoldsNothingThatTheCloudUsesItself) {
  const auto refused = [&](const std::string& pool) {
    const auto reply = call("ModifyPropertyValue", {{"Name", kPublicAddresses}, {"Value", pool}});
    EXPECT_FALSE(reply) << pool;
    return reply ? std::string() : reply.error().message;
  };
  EXPECT_NE(refused("10.100.3.0/24").find("10.100.0.0/16"), std::string::npos);
  EXPECT_NE(refused("192.0.2.300").find("192.0.2.300"), std::string::npos);
  write([](Tx& tx) {
    Service node;
    node.name = ServiceName("node-9");
    node.type = ServiceType::node;
    node.zone = ZoneName("zone-a");
    node.host = "192.0.2.9";
    node.port = 8775;
    return Registrations(tx).insert(node);
  }).value();
  EXPECT_NE(refused("192.0.2.1-192.0.2.20").find("node-9"), std::string::npos);
  EXPECT_EQ(properties.text(kPublicAddresses), "198.51.100.10-198.51.100.13");
  EXPECT_EQ(call("RegisterService", {{"Name", "node-8"},
                                     {"Type", "node"},
                                     {"Partition", "zone-a"},
                                     {"Host", "198.51.100.12"}})
                .error()
                .code,
            RequestErrc::invalid_value);
}

TEST_F(AddressActions, OneMayAskForACertainAddress) {
  EXPECT_EQ(allocate({{"Address", "198.51.100.12"}}).ip, "198.51.100.12");
  EXPECT_EQ(refusal("AllocateAddress", {{"Address", "198.51.100.12"}}), AddressErrc::in_use);
  EXPECT_EQ(refusal("AllocateAddress", {{"Address", "198.51.100.99"}}), AddressErrc::not_found);
  EXPECT_EQ(refusal("AllocateAddress", {{"Address", "198.51.100"}}), AddressErrc::malformed);
}

TEST_F(AddressActions, AnAccountHasALimit) {
  ASSERT_TRUE(call("ModifyPropertyValue", {{"Name", "cloud.addresses_max"}, {"Value", "1"}}));
  const auto first = allocate();
  EXPECT_EQ(refusal("AllocateAddress", {}), AddressErrc::limit_exceeded);
  EXPECT_TRUE(call_as(stranger, "AllocateAddress"));
  ASSERT_TRUE(call("ReleaseAddress", {{"AllocationId", first.allocation}}));
  EXPECT_TRUE(call("AllocateAddress"));
}

TEST_F(AddressActions, ADryRunAllocatesNothing) {
  EXPECT_EQ(refusal("AllocateAddress", {{"DryRun", "true"}}), RequestErrc::dry_run_succeeded);
  EXPECT_TRUE(listed().empty());
}

TEST_F(AddressActions, AnAssociatedAddressIsShownEverywhere) {
  const auto instance = running();
  const auto address = allocate();
  const auto id = associate(address, instance);
  EXPECT_TRUE(id.starts_with("eipassoc-"));
  const auto shown = call("DescribeInstances", {{"InstanceId", instance}}).value();
  const std::string item = "reservationSet/item/instancesSet/item/";
  EXPECT_EQ(shown.find(item + "ipAddress"), address.ip);
  EXPECT_EQ(shown.find(item + "dnsName"), address.ip);
  const auto interface = item + "networkInterfaceSet/item/";
  EXPECT_EQ(shown.find(interface + "association/publicIp"), address.ip);
  EXPECT_EQ(shown.find(interface + "association/ipOwnerId"), caller.account.value);
  EXPECT_EQ(shown.find(interface + "privateIpAddressesSet/item/association/publicIp"), address.ip);
  const auto listed = call("DescribeAddresses", {{"AllocationId", address.allocation}}).value();
  const std::string entry = "addressesSet/item/";
  EXPECT_EQ(listed.find(entry + "instanceId"), instance);
  EXPECT_EQ(listed.find(entry + "associationId"), id);
  EXPECT_EQ(listed.find(entry + "privateIpAddress"), format_address(get(instance).private_ip));
  EXPECT_EQ(listed.find(entry + "networkInterfaceId"), interface_id(InstanceId(instance)));
  EXPECT_EQ(listed.find(entry + "domain"), "vpc");
}

TEST_F(AddressActions, AFreeAddressShowsNoInstance) {
  const auto address = allocate();
  const auto shown = call("DescribeAddresses").value();
  EXPECT_FALSE(shown.find("addressesSet/item/instanceId"));
  EXPECT_FALSE(shown.find("addressesSet/item/associationId"));
  EXPECT_EQ(shown.find("addressesSet/item/allocationId"), address.allocation);
}

TEST_F(AddressActions, AssociatingMovesAnAddressUnlessToldNotTo) {
  const auto one = running(), two = running();
  const auto address = allocate();
  const auto first = associate(address, one);
  EXPECT_EQ(associate(address, one), first) << "the same again changes nothing";
  const auto to_two = [&](const char* allow) {
    return Pairs{
        {"AllocationId", address.allocation}, {"InstanceId", two}, {"AllowReassociation", allow}};
  };
  EXPECT_EQ(refusal("AssociateAddress", to_two("false")), AddressErrc::already_associated);
  EXPECT_EQ(holder_of(address), one);
  EXPECT_TRUE(call("AssociateAddress", to_two("true")));
  EXPECT_EQ(holder_of(address), two);
  EXPECT_EQ(address_of(one), "");
  EXPECT_NE(associate(address, one), first) << "an association has an id of its own";
}

TEST_F(AddressActions, AnInstanceHasOneAddressAtATime) {
  const auto instance = running();
  const auto first = allocate(), second = allocate();
  associate(first, instance);
  EXPECT_EQ(refusal("AssociateAddress", {{"AllocationId", second.allocation},
                                         {"InstanceId", instance},
                                         {"AllowReassociation", "false"}}),
            AddressErrc::already_associated);
  associate(second, instance);
  EXPECT_EQ(address_of(instance), second.ip);
  EXPECT_EQ(holder_of(first), "");
  EXPECT_EQ(listed().size(), 2u) << "the account keeps the other one";
}

TEST_F(AddressActions, AssociateTakesAddressesAndInterfacesByAnyName) {
  const auto instance = running();
  const auto address = allocate();
  const auto interface = interface_id(InstanceId(instance));
  const auto private_ip = format_address(get(instance).private_ip);
  EXPECT_TRUE(call("AssociateAddress", {{"PublicIp", address.ip},
                                        {"NetworkInterfaceId", interface},
                                        {"PrivateIpAddress", private_ip}}));
  EXPECT_EQ(holder_of(address), instance);
  const auto refused = [&](Pairs pairs) { return refusal("AssociateAddress", std::move(pairs)); };
  EXPECT_EQ(refused({{"PublicIp", address.ip},
                     {"AllocationId", address.allocation},
                     {"InstanceId", instance}}),
            RequestErrc::invalid_combination);
  EXPECT_EQ(refused({{"InstanceId", instance}}), RequestErrc::missing_parameter);
  EXPECT_EQ(refused({{"PublicIp", address.ip}}), RequestErrc::missing_parameter);
  EXPECT_EQ(refused({{"PublicIp", address.ip}, {"InstanceId", "i-0123456789abcdef0"}}),
            InstanceErrc::not_found);
  EXPECT_EQ(refused({{"PublicIp", address.ip}, {"NetworkInterfaceId", "eni-0123456789abcdef0"}}),
            AddressErrc::interface_not_found);
  EXPECT_EQ(refused({{"PublicIp", address.ip}, {"NetworkInterfaceId", "eth0"}}),
            AddressErrc::interface_not_found);
  EXPECT_EQ(
      refused(
          {{"PublicIp", address.ip}, {"InstanceId", running()}, {"NetworkInterfaceId", interface}}),
      RequestErrc::invalid_combination);
  EXPECT_EQ(
      refused(
          {{"PublicIp", address.ip}, {"InstanceId", instance}, {"PrivateIpAddress", "10.100.9.9"}}),
      RequestErrc::invalid_value);
  EXPECT_EQ(refused({{"PublicIp", "198.51.100.13"}, {"InstanceId", instance}}),
            AddressErrc::not_found);
  EXPECT_EQ(refused({{"PublicIp", "nonsense"}, {"InstanceId", instance}}), AddressErrc::malformed);
  EXPECT_EQ(refused({{"AllocationId", "eipalloc-0123456789abcdef0"}, {"InstanceId", instance}}),
            AddressErrc::allocation_not_found);
}

TEST_F(AddressActions, AnInstanceThatEndsLetsGoOfItsAddress) {
  const auto instance = running();
  const auto address = allocate();
  associate(address, instance);
  const auto now = runtime.now();
  write([=](Tx& tx) { return Instances(tx).want_end(InstanceId(instance), {}, now); }).value();
  EXPECT_EQ(holder_of(address), instance) << "its node still has it";
  EXPECT_EQ(refusal("AssociateAddress",
                    {{"AllocationId", allocate().allocation}, {"InstanceId", instance}}),
            InstanceErrc::incorrect_state);
  end(instance);
  EXPECT_EQ(holder_of(address), "");
  EXPECT_EQ(address_of(instance), "");
  associate(address, running());
}

TEST_F(AddressActions, DisassociateIsKnownByAddressAndByAssociation) {
  const auto instance = running();
  const auto address = allocate();
  const auto id = associate(address, instance);
  EXPECT_TRUE(call("DisassociateAddress", {{"AssociationId", id}}));
  EXPECT_EQ(address_of(instance), "");
  EXPECT_EQ(refusal("DisassociateAddress", {{"AssociationId", id}}),
            AddressErrc::association_not_found);
  associate(address, instance);
  EXPECT_TRUE(call("DisassociateAddress", {{"PublicIp", address.ip}}));
  EXPECT_EQ(holder_of(address), "");
  EXPECT_TRUE(call("DisassociateAddress", {{"PublicIp", address.ip}})) << "may be repeated";
  EXPECT_EQ(refusal("DisassociateAddress", {}), RequestErrc::missing_parameter);
  EXPECT_EQ(refusal("DisassociateAddress", {{"PublicIp", address.ip}, {"AssociationId", id}}),
            RequestErrc::invalid_combination);
}

TEST_F(AddressActions, AnAddressInUseIsNotReleased) {
  const auto address = allocate();
  associate(address, running());
  EXPECT_EQ(refusal("ReleaseAddress", {{"AllocationId", address.allocation}}), AddressErrc::in_use);
  ASSERT_TRUE(call("DisassociateAddress", {{"PublicIp", address.ip}}));
  EXPECT_TRUE(call("ReleaseAddress", {{"PublicIp", address.ip}}));
  EXPECT_EQ(refusal("ReleaseAddress", {{"PublicIp", address.ip}}), AddressErrc::not_found);
  EXPECT_EQ(refusal("ReleaseAddress", {{"AllocationId", address.allocation}}),
            AddressErrc::allocation_not_found);
  EXPECT_EQ(refusal("ReleaseAddress", {}), RequestErrc::missing_parameter);
}

TEST_F(AddressActions, TheClassicKindIsSpokenOfByItsAddressAlone) {
  const auto address = allocate({{"Domain", "standard"}});
  EXPECT_EQ(address.allocation, "");
  const auto instance = running();
  const auto reply =
      call("AssociateAddress", {{"PublicIp", address.ip}, {"InstanceId", instance}}).value();
  EXPECT_EQ(reply.find("return"), "true");
  EXPECT_FALSE(reply.find("associationId"));
  const auto shown = call("DescribeAddresses").value();
  EXPECT_EQ(shown.find("addressesSet/item/domain"), "standard");
  EXPECT_FALSE(shown.find("addressesSet/item/allocationId"));
  EXPECT_TRUE(call("ReleaseAddress", {{"PublicIp", address.ip}})) << "it leaves by itself";
  EXPECT_EQ(address_of(instance), "");
  EXPECT_EQ(refusal("AllocateAddress", {{"Domain", "mars"}}), RequestErrc::invalid_value);
}

TEST_F(AddressActions, AStrangerSeesNothingAndChangesNothing) {
  const auto address = allocate();
  const auto instance = running();
  const auto id = associate(address, instance);
  const auto as_stranger = [&](std::string_view action, Pairs pairs) {
    return call_as(stranger, action, std::move(pairs)).error().code;
  };
  EXPECT_TRUE(call_as(stranger, "DescribeAddresses").value().all("addressesSet/item").empty());
  EXPECT_EQ(as_stranger("DescribeAddresses", {{"PublicIp", address.ip}}), AddressErrc::foreign);
  EXPECT_EQ(as_stranger("DescribeAddresses", {{"AllocationId", address.allocation}}),
            AddressErrc::allocation_not_found);
  EXPECT_EQ(as_stranger("ReleaseAddress", {{"PublicIp", address.ip}}), AddressErrc::foreign);
  EXPECT_EQ(as_stranger("DisassociateAddress", {{"AssociationId", id}}),
            AddressErrc::association_not_found);
  EXPECT_EQ(as_stranger("AssociateAddress", {{"PublicIp", address.ip}, {"InstanceId", instance}}),
            AddressErrc::foreign);
  const auto own = call_as(stranger, "AllocateAddress").value().find("publicIp").value();
  EXPECT_EQ(as_stranger("AssociateAddress", {{"PublicIp", own}, {"InstanceId", instance}}),
            InstanceErrc::not_found);
  EXPECT_EQ(holder_of(address), instance);
}

TEST_F(AddressActions, AnAdministratorSeesAllAndMixesNoAccounts) {
  const auto address = allocate();
  const auto others = call_as(stranger, "AllocateAddress").value().find("publicIp").value();
  const auto all = call_as(administrator(), "DescribeAddresses", {{"PublicIp", "verbose"}}).value();
  EXPECT_EQ(all.all("addressesSet/item").size(), 2u);
  EXPECT_TRUE(
      call_as(administrator(), "DescribeAddresses").value().all("addressesSet/item").empty());
  const auto instance = running();
  EXPECT_EQ(
      call_as(administrator(), "AssociateAddress", {{"PublicIp", others}, {"InstanceId", instance}})
          .error()
          .code,
      InstanceErrc::not_found);
  EXPECT_TRUE(call_as(administrator(), "AssociateAddress",
                      {{"PublicIp", address.ip}, {"InstanceId", instance}}));
}

TEST_F(AddressActions, AreFoundByWhatTheyAre) {
  const auto instance = running();
  const auto used = allocate({{"TagSpecification.1.ResourceType", "elastic-ip"},
                              {"TagSpecification.1.Tag.1.Key", "role"},
                              {"TagSpecification.1.Tag.1.Value", "web"}});
  const auto unused = allocate({{"Domain", "standard"}});
  const auto id = associate(used, instance);
  const auto found = [&](const std::string& name, const std::string& value) {
    return listed({{"Filter.1.Name", name}, {"Filter.1.Value.1", value}});
  };
  const std::vector<std::string> only_used{used.ip};
  EXPECT_EQ(found("instance-id", instance), only_used);
  EXPECT_EQ(found("allocation-id", used.allocation), only_used);
  EXPECT_EQ(found("association-id", id), only_used);
  EXPECT_EQ(found("public-ip", used.ip), only_used);
  EXPECT_EQ(found("domain", "standard"), std::vector<std::string>{unused.ip});
  EXPECT_EQ(found("private-ip-address", format_address(get(instance).private_ip)), only_used);
  EXPECT_EQ(found("network-interface-id", interface_id(InstanceId(instance))), only_used);
  EXPECT_EQ(found("network-interface-owner-id", caller.account.value), only_used);
  EXPECT_EQ(found("tag:role", "web"), only_used);
  EXPECT_EQ(found("tag-key", "role"), only_used);
  EXPECT_TRUE(found("tag:role", "db").empty());
  ASSERT_TRUE(
      call("CreateTags",
           {{"ResourceId", used.allocation}, {"Tag.1.Key", "role"}, {"Tag.1.Value", "db"}}));
  EXPECT_EQ(found("tag:role", "db"), only_used);
  EXPECT_EQ(call("DescribeTags").value().find("tagSet/item/resourceType"), "elastic-ip");
  EXPECT_EQ(refusal("DescribeAddresses", {{"Filter.1.Name", "colour"}, {"Filter.1.Value.1", "x"}}),
            RequestErrc::bad_filter);
  EXPECT_EQ(listed({{"PublicIp.1", used.ip}, {"AllocationId.1", used.allocation}}), only_used);
  EXPECT_EQ(refusal("AllocateAddress", {{"TagSpecification.1.ResourceType", "instance"},
                                        {"TagSpecification.1.Tag.1.Key", "k"}}),
            RequestErrc::invalid_value);
}

TEST_F(AddressActions, InstancesAreFoundByTheirAddresses) {
  const auto instance = running();
  running();
  const auto address = allocate();
  const auto id = associate(address, instance);
  for (const auto& [name, value] : Pairs{{"ip-address", address.ip},
                                         {"dns-name", address.ip},
                                         {"association.public-ip", address.ip},
                                         {"association.allocation-id", address.allocation},
                                         {"association.association-id", id},
                                         {"network-interface.association.public-ip", address.ip},
                                         {"association.ip-owner-id", caller.account.value}}) {
    const auto reply =
        call("DescribeInstances", {{"Filter.1.Name", name}, {"Filter.1.Value.1", value}}).value();
    const auto found = reply.all("reservationSet/item/instancesSet/item/instanceId");
    ASSERT_EQ(found.size(), 1u) << name;
    EXPECT_EQ(found.front()->text(), instance) << name;
  }
}

TEST_F(AddressActions, EachStepIsAnEvent) {
  const auto address = allocate();
  associate(address, running());
  ASSERT_TRUE(call("DisassociateAddress", {{"PublicIp", address.ip}}));
  ASSERT_TRUE(call("ReleaseAddress", {{"PublicIp", address.ip}}));
  const auto events = write([&](Tx& tx) { return Events(tx).of(address.ip); }).value();
  std::vector<std::string> kinds;
  for (const auto& event : events) kinds.push_back(event.kind);
  EXPECT_EQ(kinds, (std::vector<std::string>{"address.allocated", "address.associated",
                                             "address.disassociated", "address.released"}));
}

}  // namespace
}  // namespace angophora::clc
