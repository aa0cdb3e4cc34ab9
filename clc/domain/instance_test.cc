#include <gtest/gtest.h>

#include "clc/domain/addresses.h"
#include "clc/domain/capacity.h"
#include "clc/domain/instance.h"
#include "clc/domain/instance_types.h"
#include "clc/domain/network_document.h"

namespace angophora::clc {
namespace {

TEST(InstanceState, EveryPairHasTheAnswerOfTheTable) {
  using S = InstanceState;
  using E = InstanceEvent;
  int legal = 0;
  for (const auto from : {S::pending, S::running, S::shutting_down, S::terminated})
    for (const auto on : {E::booted, E::failed, E::ended, E::terminate, E::destroyed, E::lost})
      if (next(from, on)) ++legal;
  EXPECT_EQ(legal, static_cast<int>(kInstanceTransitions.size()));
  EXPECT_FALSE(next(S::terminated, E::terminate));
  EXPECT_FALSE(next(S::shutting_down, E::booted));
}

TEST(InstanceState, NamesGoBothWays) {
  for (const auto& t : kInstanceTransitions) EXPECT_EQ(parse_instance_state(to_string(t.to)), t.to);
  EXPECT_FALSE(parse_instance_state("shutting_down"));
}

TEST(Addresses, GoBothWaysAndRefuseWhatIsNone) {
  EXPECT_EQ(format_address(parse_address("10.100.0.7").value()), "10.100.0.7");
  for (const auto* bad :
       {"", "10.0.0", "10.0.0.256", "10.0.0.1.2", "10.0.0.x", "10.0.0.01", " 1.2.3.4"})
    EXPECT_FALSE(parse_address(bad)) << bad;
}

TEST(Addresses, ANetworkKeepsItsOwnThree) {
  const auto network = parse_instance_network("10.100.0.0/29").value();
  EXPECT_EQ(format_address(network.gateway()), "10.100.0.1");
  EXPECT_EQ(format_address(network.first()), "10.100.0.2");
  EXPECT_EQ(format_address(network.last()), "10.100.0.6");
  EXPECT_FALSE(network.contains(network.gateway()));
  EXPECT_EQ(network.cidr(), "10.100.0.0/29");
  for (const auto* bad :
       {"10.0.0.0", "10.0.0.0/30", "10.0.0.0/7", "10.0.0.1/24", "x/24", "10.0.0.0/"})
    EXPECT_FALSE(parse_instance_network(bad)) << bad;
}

TEST(Addresses, MacsAreLocalAndUnicast) {
  EXPECT_EQ(format_mac("\x01\x02\xfe\xff"), "d0:0d:01:02:fe:ff");
}

TEST(InstanceTypes, HaveTheUsualNames) {
  const InstanceTypes types;
  ASSERT_TRUE(types.find("t2.micro"));
  EXPECT_EQ(types.find("t2.micro")->resources, (Resources{1, 1024, 10}));
  EXPECT_TRUE(types.find(kDefaultInstanceType));
  EXPECT_FALSE(types.find("t2.Micro"));
}

TEST(InstanceTypes, CanBeChangedAddedAndRemoved) {
  const auto types =
      InstanceTypes::parse("t2.nano=1,128,2  big.one=64,1000,100,10,512 m1.small=off").value();
  EXPECT_EQ(types.find("t2.nano")->resources.memory_mib, 128);
  EXPECT_EQ(types.find("t2.nano")->interfaces, 2);
  EXPECT_EQ(types.find("big.one")->swap_mib, 512);
  EXPECT_FALSE(types.find("m1.small"));
}

TEST(InstanceTypes, NameTheEntryThatIsWrong) {
  for (const auto* bad :
       {"t2.nano", "=1,2,3", "a=1,2", "a=1,2,3,4,5,6", "a=0,1,1", "a=1,x,1", "a=1,-1,1"}) {
    const auto types = InstanceTypes::parse(bad);
    ASSERT_FALSE(types) << bad;
    EXPECT_NE(types.error().message.find(bad), std::string::npos);
  }
}

NodeState node(const char* name, Resources total, Resources used = {}) {
  NodeState state;
  state.name = NodeName(name);
  state.ready = state.reachable = true;
  state.total = total;
  state.used = used;
  state.guest_vcpus_max = total.vcpus;
  return state;
}

TEST(Capacity, CountsWhatEachNodeCanTake) {
  const std::vector<NodeState> nodes{node("a", {4, 4096, 100}), node("b", {4, 1000, 100})};
  EXPECT_EQ(fitting(free_by_node(nodes, {}, {}), {1, 1024, 10}), 4);
  EXPECT_EQ(fitting(free_by_node(nodes, {}, {}), {1, 500, 10}), 6);
  EXPECT_EQ(fitting(free_by_node(nodes, {}, {}), {5, 1, 1}), 0);
}

TEST(Capacity, SilentAndUnreadyNodesCountForNothing) {
  auto silent = node("a", {4, 4096, 100}), unready = node("b", {4, 4096, 100});
  silent.reachable = false;
  unready.ready = false;
  EXPECT_EQ(fitting(free_by_node({silent, unready}, {}, {}), {1, 1, 1}), 0);
}

TEST(Capacity, WhatWasPromisedIsTakenEvenBeforeANodeKnows) {
  const std::vector<NodeState> nodes{node("a", {4, 4096, 100}, {1, 1024, 10})};
  const std::map<NodeName, Resources> placed{{NodeName("a"), {2, 2048, 20}}};
  EXPECT_EQ(fitting(free_by_node(nodes, placed, {}), {1, 1024, 10}), 2);
  EXPECT_EQ(fitting(free_by_node(nodes, placed, {{{1, 1024, 10}, 2}}), {1, 1024, 10}), 0);
}

TEST(Capacity, APromiseOnANodeIsInTheBooksAndCountsOnce) {
  const std::vector<NodeState> nodes{node("a", {4, 4096, 100}), node("b", {4, 4096, 100})};
  const std::map<NodeName, Resources> given{{NodeName("a"), {2, 2048, 20}}};
  const std::vector<Unplaced> waiting{{{1, 1024, 10}, 2, NodeName("a")}};
  EXPECT_EQ(fitting(free_by_node(nodes, given, waiting), {1, 1024, 10}), 6);
}

TEST(Capacity, WhoseNodeIsSilentTakesRoomElsewhereFirst) {
  auto silent = node("a", {4, 4096, 100});
  silent.reachable = false;
  const std::vector<NodeState> nodes{silent, node("b", {4, 4096, 100})};
  const std::map<NodeName, Resources> given{{NodeName("a"), {3, 3072, 20}}};
  const std::vector<Unplaced> waiting{{{1, 1024, 10}, 1, NodeName("a")},
                                      {{2, 2048, 10}, 1, NodeName("a")}};
  EXPECT_EQ(fitting(free_by_node(nodes, given, waiting), {1, 1024, 10}), 1);
}

TEST(Capacity, OvercommitMakesNoMachineLarger) {
  auto shared = node("a", {16, 65536, 1000});
  shared.guest_vcpus_max = 4;
  EXPECT_EQ(fitting(free_by_node({shared}, {}, {}), {4, 1024, 10}), 4);
  EXPECT_EQ(fitting(free_by_node({shared}, {}, {}), {5, 1024, 10}), 0);
}

TEST(Capacity, TakesRoomFromTheFirstNodeThatHasIt) {
  auto rooms = free_by_node({node("a", {1, 1024, 10}), node("b", {2, 2048, 20})}, {}, {});
  EXPECT_EQ(*take_room(rooms, {2, 2048, 20}), NodeName("b"));
  EXPECT_EQ(*take_room(rooms, {1, 1024, 10}), NodeName("a"));
  EXPECT_FALSE(take_room(rooms, {1, 1, 1}));
}

TEST(Capacity, AllDisksOfAnInstanceCount) {
  InstanceType type;
  type.resources = {1, 512, 10};
  type.ephemeral_gib = 20;
  type.swap_mib = 1500;
  EXPECT_EQ(type.room(), (Resources{1, 512, 32}));
}

TEST(NetworkDocument, ItsTextChangesWithAnyValue) {
  NetworkDocument document;
  document.network = parse_instance_network("10.100.0.0/16").value();
  NetworkInstance instance;
  instance.id = InstanceId("i-1");
  instance.groups = {GroupId("sg-1")};
  document.instances = {instance};
  document.groups = {{GroupId("sg-1"), "web", {{"tcp", 22, 22, "0.0.0.0/0", GroupId()}}, {}}};
  const auto before = canonical_text(document);
  auto other = document;
  other.version = 7;
  EXPECT_EQ(canonical_text(other), before);
  other.groups[0].ingress[0].to_port = 23;
  EXPECT_NE(canonical_text(other), before);
  other = document;
  other.instances[0].node = NodeName("n");
  EXPECT_NE(canonical_text(other), before);
  other = document;
  other.nodes = {{NodeName("n"), 1}};
  const auto with_node = canonical_text(other);
  EXPECT_NE(with_node, before);
  other.nodes[0].address = 2;
  EXPECT_NE(canonical_text(other), with_node);
}

}  // namespace
}  // namespace angophora::clc
