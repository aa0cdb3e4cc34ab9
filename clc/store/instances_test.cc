#include "clc/store/instances.h"

#include <gtest/gtest.h>

#include <set>

#include "clc/domain/instance_errors.h"
#include "clc/store/images.h"
#include "clc/store/migrations.h"
#include "clc/store/network_versions.h"
#include "clc/store/quota_usage.h"
#include "common/runtime/sim_runtime.h"

namespace angophora::clc {
namespace {

using S = InstanceState;
using E = InstanceEvent;

class InstancesStore : public ::testing::Test {
 protected:
  InstancesStore() {
    db::Options options;
    options.path = ":memory:";
    options.inline_io = true;
    database = std::move(db::Database::open(runtime, options, kMigrations)).value();
  }
  template <class F>
  auto write(F f) {
    using R = std::invoke_result_t<F&, Tx&>;
    return world.run<R>(runtime, database->write(std::move(f)));
  }
  // Stores an instance with an address of the network.
  Instance launch(const std::string& id, const std::string& promised = {}) {
    auto stored = write([&](Tx& tx) -> Result<Instance> {
      Instance i;
      i.id = InstanceId(id);
      i.reservation = ReservationId("r-1");
      i.account = AccountId("1");
      i.zone = ZoneName("zone-a");
      i.type = "t2.micro";
      i.resources = {1, 1024, 10};
      i.image = ImageId("emi-1");
      i.promised_node = NodeName(promised);
      i.user_data = std::string("a\0b", 3);
      i.groups = {{GroupId("sg-1"), "default"}};
      i.tags = {{"Name", "web"}};
      // The address refers to the row, so the row comes first; constraints of both hold at the end.
      TRY_VOID(Instances(tx).insert(i));
      const std::string macs[] = {"d0:0d:" + id, "d0:0d:other" + id};
      TRY(const auto taken, Addresses(tx).take(network, i.id, macs));
      i.private_ip = taken.address;
      i.mac = taken.mac;
      return i;
    });
    EXPECT_TRUE(stored) << stored.error().message;
    return stored ? stored.value() : Instance{};
  }
  Instance get(const std::string& id) {
    auto found = write([&](Tx& tx) { return Instances(tx).find(InstanceId(id)); });
    return found.value().value();
  }
  bool place(const std::string& id, std::int64_t no, const char* node) {
    return write(
               [&](Tx& tx) { return Instances(tx).place(InstanceId(id), no, NodeName(node), now); })
        .value();
  }
  bool advance(const std::string& id, std::int64_t no, E on) {
    return write([&](Tx& tx) {
             return Instances(tx).advance(InstanceId(id), no, on, {"Code", "why"}, now);
           })
        .value();
  }
  std::map<NodeName, Resources> usage() {
    return write([&](Tx& tx) { return NodeUsage(tx).by_node(ZoneName("zone-a")); }).value();
  }

  common::SimWorld world;
  common::SimRuntime runtime{world, "clc"};
  std::unique_ptr<db::Database> database;
  common::SysTime now = from_ms(1'000'000);
  InstanceNetwork network = parse_instance_network("10.0.0.0/29").value();
};

TEST_F(InstancesStore, ReturnsWhatWasStored) {
  launch("i-a");
  const auto i = get("i-a");
  EXPECT_EQ(i.user_data.size(), 3u);
  ASSERT_EQ(i.groups.size(), 1u);
  EXPECT_EQ(i.groups[0].name, "default");
  EXPECT_EQ(i.tags.at("Name"), "web");
  EXPECT_EQ(i.state, S::pending);
  EXPECT_TRUE(i.wants_to_run);
}

TEST_F(InstancesStore, GivesEachInstanceAnAddressOfItsOwnUntilNoneIsLeft) {
  std::set<std::uint32_t> seen;
  for (const auto* id : {"i-a", "i-b", "i-c", "i-d", "i-e"}) seen.insert(launch(id).private_ip);
  EXPECT_EQ(seen.size(), 5u);
  EXPECT_EQ(*seen.begin(), network.first());
  const auto full = write([&](Tx& tx) -> Result<> {
    Instance i;
    i.id = InstanceId("i-f");
    TRY_VOID(Instances(tx).insert(i));
    const std::string macs[] = {"d0:0d:f"};
    TRY(const auto taken, Addresses(tx).take(network, i.id, macs));
    return common::ok();
  });
  ASSERT_FALSE(full);
  EXPECT_EQ(full.error().code, InstanceErrc::no_free_address);
  EXPECT_FALSE(write([](Tx& tx) { return Instances(tx).find(InstanceId("i-f")); }).value());
}

TEST_F(InstancesStore, AnAddressRestsBeforeItIsGivenAgain) {
  const auto first = launch("i-a").private_ip;
  write([](Tx& tx) { return Addresses(tx).give_back(InstanceId("i-a")); }).value();
  EXPECT_NE(launch("i-b").private_ip, first);
}

TEST_F(InstancesStore, FindsTheLastFreeAddressOfACrowdedNetwork) {
  network = parse_instance_network("10.0.0.0/24").value();
  for (int n = 0; n < 253; ++n) launch("i-" + std::to_string(n));
  write([](Tx& tx) { return Addresses(tx).give_back(InstanceId("i-200")); }).value();
  EXPECT_EQ(format_address(launch("i-x").private_ip), "10.0.0.202");
}

TEST_F(InstancesStore, AnotherMacIsTakenWhenOneIsInUse) {
  launch("i-a");
  const auto taken = write([&](Tx& tx) -> Result<Addresses::Taken> {
    Instance i;
    i.id = InstanceId("i-b");
    TRY_VOID(Instances(tx).insert(i));
    const std::string macs[] = {"d0:0d:i-a", "d0:0d:new"};
    return Addresses(tx).take(network, i.id, macs);
  });
  EXPECT_EQ(taken.value().mac, "d0:0d:new");
}

TEST_F(InstancesStore, OnlyOnePlacementWins) {
  launch("i-a");
  EXPECT_FALSE(place("i-a", 2, "n1"));
  EXPECT_TRUE(place("i-a", 1, "n1"));
  EXPECT_FALSE(place("i-a", 1, "n2"));
  EXPECT_EQ(get("i-a").node, NodeName("n1"));
}

TEST_F(InstancesStore, NobodyIsPlacedWhoIsNoLongerWanted) {
  launch("i-a");
  write([&](Tx& tx) { return Instances(tx).want_end(InstanceId("i-a"), {}, now); }).value();
  EXPECT_FALSE(place("i-a", 1, "n1"));
}

TEST_F(InstancesStore, LeavingANodeRaisesThePlacementAndKeepsTheOldGuestInMind) {
  launch("i-a");
  place("i-a", 1, "n1");
  EXPECT_TRUE(
      write([&](Tx& tx) { return Instances(tx).unplace(InstanceId("i-a"), 1, now); }).value());
  EXPECT_FALSE(
      write([&](Tx& tx) { return Instances(tx).unplace(InstanceId("i-a"), 1, now); }).value());
  EXPECT_EQ(get("i-a").placement_no, 2);
  EXPECT_TRUE(get("i-a").node.empty());
  const auto old = write([](Tx& tx) { return Instances(tx).superseded(); }).value();
  ASSERT_EQ(old.size(), 1u);
  EXPECT_EQ(old[0].node, NodeName("n1"));
  EXPECT_FALSE(advance("i-a", 1, E::booted));
}

TEST_F(InstancesStore, TheRoomOfANodeFollowsItsInstances) {
  launch("i-a");
  launch("i-b");
  EXPECT_TRUE(usage().empty());
  place("i-a", 1, "n1");
  EXPECT_EQ(usage()[NodeName("n1")], (Resources{1, 1024, 10}));
  const auto waiting = write([](Tx& tx) { return NodeUsage(tx).unplaced(ZoneName("zone-a")); });
  ASSERT_EQ(waiting.value().size(), 1u);
  EXPECT_EQ(waiting.value()[0].count, 1);
  advance("i-a", 1, E::booted);
  advance("i-a", 1, E::ended);
  EXPECT_EQ(usage()[NodeName("n1")], Resources{});
  write([](Tx& tx) { return NodeUsage(tx).rebuild(); }).value();
  EXPECT_TRUE(usage().empty());
}

TEST_F(InstancesStore, APromiseHoldsItsRoomUntilTheInstanceIsElsewhere) {
  launch("i-a", "n1");
  EXPECT_EQ(usage()[NodeName("n1")], (Resources{1, 1024, 10}));
  place("i-a", 1, "n2");
  EXPECT_EQ(usage()[NodeName("n1")], Resources{});
  EXPECT_EQ(usage()[NodeName("n2")], (Resources{1, 1024, 10}));
  write([&](Tx& tx) { return Instances(tx).unplace(InstanceId("i-a"), 1, now); }).value();
  EXPECT_EQ(usage()[NodeName("n1")], Resources{}) << "who was refused is promised nothing";
  EXPECT_EQ(usage()[NodeName("n2")], Resources{});
  launch("i-b", "n1");
  advance("i-b", 1, E::failed);
  EXPECT_EQ(usage()[NodeName("n1")], Resources{});
  launch("i-c", "n1");
  const auto before = usage();
  write([](Tx& tx) { return NodeUsage(tx).rebuild(); }).value();
  EXPECT_EQ(usage()[NodeName("n1")], before.at(NodeName("n1")));
}

TEST_F(InstancesStore, NobodyIsPlacedOnWhatWasPromisedToAnother) {
  launch("i-a", "n1");
  launch("i-b");
  const Resources one{1, 1024, 10}, two{2, 2048, 20};
  auto place_in = [&](const char* id, Resources total) {
    return write([&](Tx& tx) {
             return Instances(tx).place_where_it_fits(InstanceId(id), 1, NodeName("n1"), total,
                                                      now);
           })
        .value();
  };
  EXPECT_FALSE(place_in("i-b", one));
  EXPECT_TRUE(place_in("i-a", one)) << "its own promise is no hindrance";
  EXPECT_FALSE(place_in("i-b", {}));
  EXPECT_TRUE(place_in("i-b", two));
  EXPECT_FALSE(place_in("i-none", two));
}

TEST_F(InstancesStore, ATerminatedInstanceHoldsNothing) {
  launch("i-a");
  place("i-a", 1, "n1");
  EXPECT_TRUE(advance("i-a", 1, E::booted));
  EXPECT_EQ(write([&](Tx& tx) {
              return Instances(tx).want_end(InstanceId("i-a"),
                                            {"Client.UserInitiatedShutdown", "u"}, now);
            }).value(),
            S::running);
  EXPECT_EQ(get("i-a").state, S::shutting_down);
  EXPECT_TRUE(write([](Tx& tx) { return Instances(tx).any_in_group(GroupId("sg-1")); }).value());
  EXPECT_TRUE(advance("i-a", 1, E::destroyed));
  const auto i = get("i-a");
  EXPECT_EQ(i.state, S::terminated);
  EXPECT_EQ(i.private_ip, 0u);
  EXPECT_EQ(i.reason.code, "Client.UserInitiatedShutdown");
  EXPECT_FALSE(write([](Tx& tx) { return Instances(tx).any_in_group(GroupId("sg-1")); }).value());
  EXPECT_EQ(
      write([](Tx& tx) { return QuotaUsage(tx).of(Quota::instances, AccountId("1")); }).value(), 0);
  launch("i-b");
  const auto count = [&] {
    return write([](Tx& tx) { return QuotaUsage(tx).of(Quota::instances, AccountId("1")); })
        .value();
  };
  EXPECT_EQ(count(), 1);
  write([](Tx& tx) { return AccountUsage(tx).rebuild(); }).value();
  EXPECT_EQ(count(), 1);
}

TEST_F(InstancesStore, ChangesAreReadInTheirOrder) {
  launch("i-a");
  launch("i-b");
  const auto seen = get("i-b").revision;
  place("i-a", 1, "n1");
  const auto changed = write([&](Tx& tx) { return Instances(tx).changed_since(seen); }).value();
  ASSERT_EQ(changed.size(), 1u);
  EXPECT_EQ(changed[0].id, InstanceId("i-a"));
}

TEST_F(InstancesStore, AListIsReadInStretchesWithGroupsAndTagsAndWithoutUserData) {
  for (const auto* id : {"i-c", "i-a", "i-d", "i-b"}) launch(id);
  const auto after = [&](const char* account, const char* id, std::int64_t count) {
    return write([&](Tx& tx) {
             return Instances(tx).list_after(AccountId(account), InstanceId(id), count);
           })
        .value();
  };
  const auto two = after("1", "i-a", 2);
  ASSERT_EQ(two.size(), 2u);
  EXPECT_EQ(two[0].id, InstanceId("i-b"));
  EXPECT_EQ(two[1].id, InstanceId("i-c"));
  for (const auto& i : two) {
    EXPECT_EQ(i.groups, (std::vector<GroupName>{{GroupId("sg-1"), "default"}}));
    EXPECT_EQ(i.tags, (Tags{{"Name", "web"}}));
    EXPECT_EQ(i.user_data, "");
  }
  EXPECT_EQ(after("1", "", 100).size(), 4u);
  EXPECT_EQ(after("", "i-c", 100).size(), 1u);
  EXPECT_TRUE(after("2", "", 100).empty());
  EXPECT_TRUE(after("1", "i-d", 100).empty());
}

TEST_F(InstancesStore, TerminatedInstancesAreForgottenAfterAWhile) {
  launch("i-a");
  launch("i-b");
  advance("i-a", 1, E::failed);
  auto purge = [&](common::SysTime until) {
    return write([=](Tx& tx) { return Instances(tx).purge(until); }).value().size();
  };
  EXPECT_EQ(purge(now), 0u);
  EXPECT_EQ(purge(now + std::chrono::hours(1)), 1u);
  EXPECT_TRUE(write([](Tx& tx) { return Instances(tx).find(InstanceId("i-b")); }).value());
}

TEST_F(InstancesStore, TheNetworksVersionGrowsWithItsDigest) {
  auto version = [&](const char* digest) {
    return write([=](Tx& tx) { return NetworkVersions(tx).version_of(digest); }).value();
  };
  EXPECT_EQ(version("a"), 1);
  EXPECT_EQ(version("a"), 1);
  EXPECT_EQ(version("b"), 2);
  EXPECT_EQ(version("a"), 3);
}

class ImagesStore : public InstancesStore {
 protected:
  Result<> add(const std::string& id, const std::string& owner, const std::string& name) {
    Image image;
    image.id = ImageId(id);
    image.owner = AccountId(owner);
    image.name = name;
    image.sealed_key = {std::string("\0k", 2), "iv"};
    image.parts = {{"p0", "aa", 1}, {"p1", "bb", 2}};
    return write([&](Tx& tx) { return Images(tx).insert(image); });
  }
};

TEST_F(ImagesStore, ReturnsWhatWasStored) {
  ASSERT_TRUE(add("emi-1", "1", "one"));
  const auto image =
      write([](Tx& tx) { return Images(tx).find(ImageId("emi-1")); }).value().value();
  EXPECT_EQ(image.sealed_key.key.size(), 2u);
  EXPECT_EQ(image.parts, (std::vector<ImagePart>{{"p0", "aa", 1}, {"p1", "bb", 2}}));
}

TEST_F(ImagesStore, ANameIsTakenOnceAnAccountWhileItIsRegistered) {
  ASSERT_TRUE(add("emi-1", "1", "one"));
  ASSERT_TRUE(add("emi-2", "2", "one"));
  const auto again = add("emi-3", "1", "one");
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, ImageErrc::duplicate_name);
  write([](Tx& tx) { return Images(tx).retire(ImageId("emi-1")); }).value();
  EXPECT_TRUE(add("emi-3", "1", "one"));
}

TEST_F(ImagesStore, IsSeenByOwnersLaunchersAndWhenPublic) {
  ASSERT_TRUE(add("emi-1", "1", "one"));
  auto seen_by = [&](const char* account) {
    return write([=](Tx& tx) { return Images(tx).visible_to(AccountId(account)); }).value().size();
  };
  EXPECT_EQ(seen_by("1"), 1u);
  EXPECT_EQ(seen_by("2"), 0u);
  write([](Tx& tx) { return Images(tx).add_launcher(ImageId("emi-1"), AccountId("2")); }).value();
  EXPECT_EQ(seen_by("2"), 1u);
  write([](Tx& tx) { return Images(tx).set_public(ImageId("emi-1"), true); }).value();
  EXPECT_EQ(seen_by("3"), 1u);
  write([](Tx& tx) { return Images(tx).retire(ImageId("emi-1")); }).value();
  EXPECT_EQ(seen_by("2"), 0u);
}

TEST_F(ImagesStore, ARetiredImageStaysWhileAnInstanceUsesIt) {
  ASSERT_TRUE(add("emi-1", "1", "one"));
  launch("i-a");
  write([](Tx& tx) { return Images(tx).retire(ImageId("emi-1")); }).value();
  auto unused = [&] {
    return write([](Tx& tx) { return Images(tx).unused_retired(); }).value().size();
  };
  EXPECT_EQ(unused(), 0u);
  advance("i-a", 1, E::failed);
  EXPECT_EQ(unused(), 1u);
}

}  // namespace
}  // namespace angophora::clc
