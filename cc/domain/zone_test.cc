#include "cc/domain/zone.h"

#include <gtest/gtest.h>

namespace angophora::cc {
namespace {

using namespace std::chrono_literals;
using common::Errc;

const NodeName kA{"a"}, kB{"b"}, kC{"c"};
const Resources kSmall{1, 1024, 5};

class ZoneTest : public ::testing::Test {
 protected:
  ZoneTest() { zone_.set_members({{kA}, {kB}, {kC}}); }

  static NodeReport report(Resources used = {}, std::vector<GuestReport> guests = {}) {
    NodeReport r;
    r.boot_id = "boot";
    r.ready = true;
    r.total = {4, 4096, 100};
    r.used = used;
    r.guests = std::move(guests);
    return r;
  }
  static GuestReport guest(const char* id, std::int64_t placement_no = 1) {
    GuestReport g;
    g.id = InstanceId(id);
    g.placement_no = placement_no;
    g.state = "running";
    return g;
  }
  void hear(const NodeName& name, NodeReport r = report()) {
    zone_.reported(name, std::move(r), now_, now_);
  }
  void hear_all() {
    for (const auto& name : {kA, kB, kC}) hear(name);
  }
  RoomReply reserve(const char* id, std::int64_t placement_no = 1, Resources wanted = kSmall) {
    return zone_.reserve({{InstanceId(id), placement_no, wanted}}, {}, now_)[0];
  }
  std::vector<std::string> guests() const {
    std::vector<std::string> all;
    zone_.for_each_guest([&](const NodeName& node, const GuestReport& g) {
      all.push_back(node.value + " " + g.id.value + " " + std::to_string(g.placement_no) + " " +
                    g.state);
    });
    return all;
  }
  NodeView view(const NodeName& name) const {
    for (auto& v : zone_.nodes(now_))
      if (v.name == name) return v;
    return {};
  }

  SteadyTime now_{1h};
  int changes_ = 0;
  ZoneLimits limits_;
  Zone zone_{make_greedy(), limits_, [this] { ++changes_; }};
};

TEST_F(ZoneTest, ProposesOnlyNodesThatHaveReportedSinceItsStart) {
  EXPECT_TRUE(reserve("i-1").node.empty());
  EXPECT_NE(reserve("i-1").reason.find("has not reported"), std::string::npos);
  hear(kB);
  EXPECT_EQ(reserve("i-1").node, kB);
}

TEST_F(ZoneTest, GivesARepeatedRequestTheSameNode) {
  hear(kB);
  EXPECT_EQ(reserve("i-1").node, kB);
  hear_all();
  EXPECT_EQ(reserve("i-1").node, kB);
  EXPECT_EQ(zone_.reservations(), 1u);
}

TEST_F(ZoneTest, GivesAGuestThatANodeReportsThatNode) {
  hear_all();
  hear(kC, report(kSmall, {guest("i-1")}));
  EXPECT_EQ(reserve("i-1").node, kC);
  EXPECT_EQ(zone_.reservations(), 0u);
  EXPECT_EQ(reserve("i-1", 2).node, kA) << "a later placement is a new one";
}

TEST_F(ZoneTest, RefusesAPlacementThatWasSuperseded) {
  hear_all();
  EXPECT_EQ(reserve("i-1", 3).node, kA);
  EXPECT_TRUE(reserve("i-1", 2).node.empty());
  hear(kB, report(kSmall, {guest("i-2", 5)}));
  EXPECT_NE(reserve("i-2", 4).reason.find("placement 5"), std::string::npos);
}

TEST_F(ZoneTest, ChoosesAgainWhenTheNodeCannotTakeItAnyMore) {
  hear_all();
  EXPECT_EQ(reserve("i-1").node, kA);
  zone_.set_members({{kA, false}, {kB}, {kC}});
  EXPECT_EQ(reserve("i-1").node, kB);
  EXPECT_EQ(zone_.reservations(), 1u);
}

TEST_F(ZoneTest, FillsANodeAndNeverMore) {
  hear_all();
  std::vector<RoomRequest> requests;
  for (int i = 0; i < 14; ++i)
    requests.push_back({InstanceId("i-" + std::to_string(i)), 1, kSmall});
  std::map<NodeName, int> count;
  for (const auto& reply : zone_.reserve(requests, {}, now_)) ++count[reply.node];
  EXPECT_EQ(count[kA], 4);
  EXPECT_EQ(count[kB], 4);
  EXPECT_EQ(count[kC], 4);
  EXPECT_EQ(count[NodeName()], 2);
  EXPECT_NE(reserve("i-99").reason.find("has room for 1 processors, 1024 MiB"), std::string::npos);
}

TEST_F(ZoneTest, CountsMemoryAndDiskAsWell) {
  hear(kA);
  EXPECT_TRUE(reserve("i-1", 1, {1, 5000, 1}).node.empty());
  EXPECT_TRUE(reserve("i-1", 1, {1, 1, 101}).node.empty());
  EXPECT_EQ(reserve("i-1", 1, {4, 4096, 100}).node, kA);
}

TEST_F(ZoneTest, CountsAGuestOnceWhenItsNodeStartsToCountIt) {
  hear(kA);
  for (const char* id : {"i-1", "i-2", "i-3"}) reserve(id);
  hear(kA, report({3, 3072, 15}, {guest("i-1"), guest("i-2"), guest("i-3")}));
  EXPECT_EQ(zone_.reservations(), 0u);
  EXPECT_EQ(reserve("i-4").node, kA);
  EXPECT_TRUE(reserve("i-5").node.empty());
}

TEST_F(ZoneTest, ForgetsAReservationThatNobodyUsed) {
  hear(kA);
  EXPECT_EQ(reserve("i-1", 1, {4, 1, 1}).node, kA);
  EXPECT_TRUE(reserve("i-2").node.empty());
  now_ += 61s;
  hear(kA);
  EXPECT_EQ(reserve("i-2").node, kA);
}

TEST_F(ZoneTest, FreesTheRoomOfARefusedGuest) {
  hear(kA);
  reserve("i-1", 2, {4, 1, 1});
  zone_.refused(kA, InstanceId("i-1"), 1, now_);
  EXPECT_TRUE(reserve("i-2").node.empty()) << "another placement was refused";
  zone_.refused(kA, InstanceId("i-1"), 2, now_);
  EXPECT_EQ(reserve("i-2").node, kA);
}

TEST_F(ZoneTest, TriesOtherNodesAfterARefusal) {
  hear_all();
  EXPECT_EQ(reserve("i-1", 1).node, kA);
  zone_.refused(kA, InstanceId("i-1"), 1, now_);
  EXPECT_EQ(reserve("i-1", 2).node, kB);
  EXPECT_EQ(reserve("i-2", 1).node, kA) << "another guest may be welcome there";
  zone_.refused(kB, InstanceId("i-1"), 2, now_);
  zone_.set_members({{kA}, {kB}, {kC, false}});
  EXPECT_EQ(reserve("i-1", 3).node, kA) << "rather than none";
  now_ += 6min;
  hear_all();
  EXPECT_EQ(reserve("i-3", 1).node, kA);
}

TEST_F(ZoneTest, LeavesSilentStoppedAndUnreadyNodesAlone) {
  hear_all();
  now_ += 2s;
  hear(kB);
  hear(kC);
  now_ += 1s;
  zone_.find_silent(now_);
  EXPECT_FALSE(view(kA).reachable);
  EXPECT_NE(view(kA).reason.find("does not answer"), std::string::npos);
  EXPECT_EQ(view(kA).silent, 3s);
  zone_.set_members({{kA}, {kB, false}, {kC}});
  EXPECT_TRUE(view(kB).reachable);
  EXPECT_FALSE(view(kB).takes_guests);
  auto full = report();
  full.ready = false;
  full.reason = "the disk is full";
  hear(kC, full);
  EXPECT_EQ(view(kC).reason, "the disk is full");
  EXPECT_TRUE(reserve("i-1").node.empty());
  hear(kA);
  EXPECT_EQ(reserve("i-1").node, kA);
}

TEST_F(ZoneTest, KnowsWhenANodeWillBeSilent) {
  EXPECT_FALSE(zone_.silent_at(kA));
  hear(kA);
  EXPECT_EQ(zone_.silent_at(kA), now_ + 3s);
  now_ += 3s;
  zone_.find_silent(now_);
  EXPECT_FALSE(zone_.silent_at(kA));
}

TEST_F(ZoneTest, TellsWhyNothingShouldBeSent) {
  EXPECT_EQ(zone_.unreachable(NodeName("x"), now_)->code, Errc::not_found);
  EXPECT_EQ(zone_.unreachable(kA, now_)->code, Errc::unavailable);
  hear(kA);
  EXPECT_FALSE(zone_.unreachable(kA, now_));
  now_ += 7s;
  zone_.find_silent(now_);
  EXPECT_NE(zone_.unreachable(kA, now_)->message.find("7 s"), std::string::npos);
}

TEST_F(ZoneTest, SharesProcessorsByTheOvercommitButNoGuestGetsMoreThanTheMachineHas) {
  limits_.cpu_overcommit_percent = 200;
  Zone zone(make_greedy(), limits_, [] {});
  zone.set_members({{kA}});
  zone.reported(kA, report(), now_, now_);
  EXPECT_EQ(zone.nodes(now_)[0].total, (Resources{8, 4096, 100}));
  EXPECT_TRUE(zone.reserve({{InstanceId("i-1"), 1, {5, 1, 1}}}, {}, now_)[0].node.empty());
  EXPECT_EQ(zone.reserve({{InstanceId("i-2"), 1, {4, 1, 1}}}, {}, now_)[0].node, kA);
  EXPECT_EQ(zone.reserve({{InstanceId("i-3"), 1, {4, 1, 1}}}, {}, now_)[0].node, kA);
  EXPECT_TRUE(zone.reserve({{InstanceId("i-4"), 1, {1, 1, 1}}}, {}, now_)[0].node.empty());
}

TEST_F(ZoneTest, GivesNobodyTheRoomThatAnotherWasPromised) {
  hear_all();
  const Resources large{4, 4096, 10};
  const Books books{{kA, large}, {kB, kSmall}};
  const auto replies = zone_.reserve({{InstanceId("i-1"), 1, kSmall, kB},
                                      {InstanceId("i-2"), 1, kSmall, kB},
                                      {InstanceId("i-3"), 1, large, kA}},
                                     books, now_);
  EXPECT_EQ(replies[0].node, kB) << "greedy would take the first, which is promised to i-3";
  EXPECT_EQ(replies[1].node, kB);
  EXPECT_EQ(replies[2].node, kA);
}

TEST_F(ZoneTest, ThePolicyChoosesWhereThereIsRoomForAll) {
  hear_all();
  const Books books{{kC, kSmall}};
  EXPECT_EQ(zone_.reserve({{InstanceId("i-1"), 1, kSmall, kC}}, books, now_)[0].node, kA);
}

TEST_F(ZoneTest, ARequestTakesItsPromiseAlongToItsNode) {
  hear_all();
  const Resources half{2, 2048, 10}, large{4, 4096, 10};
  const Books books{{kB, large}};
  const auto replies = zone_.reserve({{InstanceId("i-1"), 1, half, kB},
                                      {InstanceId("i-2"), 1, half, kB},
                                      {InstanceId("i-3"), 1, large},
                                      {InstanceId("i-4"), 1, large}},
                                     books, now_);
  EXPECT_EQ(replies[0].node, kA);
  EXPECT_EQ(replies[1].node, kA);
  EXPECT_EQ(replies[2].node, kB) << "what i-1 and i-2 do not use is free";
  EXPECT_EQ(replies[3].node, kC);
}

TEST_F(ZoneTest, LeavesANodeThatWasPromisedToAnotherMeanwhile) {
  hear_all();
  EXPECT_EQ(reserve("i-1").node, kA);
  const Books books{{kA, {4, 4096, 10}}};
  EXPECT_EQ(zone_.reserve({{InstanceId("i-1"), 1, kSmall}}, books, now_)[0].node, kB);
  EXPECT_EQ(zone_.reservations(), 1u);
}

TEST_F(ZoneTest, ShowsAnAcceptedGuestUntilItsNodeWasAskedAgain) {
  hear(kA);
  const auto asked_before = now_;
  now_ += 1s;
  zone_.accepted(kA, InstanceId("i-1"), 2, now_);
  EXPECT_EQ(guests(), std::vector<std::string>{"a i-1 2 staging"});
  zone_.reported(kA, report(kSmall, {guest("i-1", 1)}), asked_before, now_);
  EXPECT_EQ(guests(), std::vector<std::string>{"a i-1 2 staging"}) << "an older placement";
  zone_.reported(kA, report(kSmall, {guest("i-1", 2)}), asked_before, now_);
  EXPECT_EQ(guests(), std::vector<std::string>{"a i-1 2 running"});
  zone_.reported(kA, report(), now_, now_);
  EXPECT_TRUE(guests().empty()) << "asked afterwards, it does not know the guest";
}

TEST_F(ZoneTest, TellsOfChangesAndOnlyOfThem) {
  hear(kA);
  const int before = changes_;
  auto same = report();
  same.clock_ms = 12345;
  hear(kA, same);
  zone_.set_members({{kC}, {kA}, {kB}});
  zone_.find_silent(now_ + 1s);
  EXPECT_EQ(changes_, before);
  hear(kA, report(kSmall, {guest("i-1")}));
  EXPECT_EQ(changes_, before + 1);
  zone_.find_silent(now_ + 3s);
  EXPECT_EQ(changes_, before + 2);
  hear(kA, report(kSmall, {guest("i-1")}));
  EXPECT_EQ(changes_, before + 3) << "it is back";
  zone_.set_members({{kA}});
  EXPECT_EQ(changes_, before + 4);
}

TEST_F(ZoneTest, SaysWhyASilentNodeDoesNotAnswer) {
  zone_.unanswered(kA, "clock off by 75 s, ahead: the message is from the future");
  EXPECT_EQ(view(kA).reason,
            "node a has not reported since the cluster controller started: "
            "clock off by 75 s, ahead: the message is from the future");
  hear(kA);
  EXPECT_EQ(view(kA).reason, "");
  const int before = changes_;
  zone_.unanswered(kA, "connection refused");
  EXPECT_EQ(view(kA).reason, "") << "one lost answer is no silence";
  EXPECT_EQ(changes_, before);
  now_ += 4s;
  zone_.find_silent(now_);
  EXPECT_EQ(view(kA).reason, "node a does not answer: connection refused");
  const int silent = changes_;
  zone_.unanswered(kA, "no answer in time");
  zone_.unanswered(kA, "no answer in time");
  EXPECT_EQ(changes_, silent + 1);
  zone_.unanswered(NodeName("x"), "who is that");
}

TEST_F(ZoneTest, ForgetsANodeThatLeftTheRegistry) {
  hear_all();
  hear(kB, report(kSmall, {guest("i-1")}));
  reserve("i-2");
  zone_.set_members({{kC}});
  EXPECT_EQ(zone_.nodes(now_).size(), 1u);
  EXPECT_EQ(zone_.reservations(), 0u);
  EXPECT_TRUE(guests().empty());
  hear(kB);
  EXPECT_EQ(zone_.nodes(now_).size(), 1u) << "a late report of it changes nothing";
  EXPECT_EQ(reserve("i-1").node, kC);
}

TEST(PlacementPolicies, AreFoundByName) {
  EXPECT_TRUE(make_policy("greedy"));
  EXPECT_TRUE(make_policy("ROUNDROBIN"));
  EXPECT_EQ(make_policy("POWERSAVE").assume_error().code, Errc::invalid_argument);
}

TEST(PlacementPolicies, RoundRobinGoesAroundAndSkipsTheFull) {
  const auto policy = make_round_robin();
  const std::vector<Candidate> all{{&kA, {}}, {&kB, {}}, {&kC, {}}};
  const std::vector<Candidate> without_b{{&kA, {}}, {&kC, {}}};
  EXPECT_EQ(policy->choose(all), 0u);
  EXPECT_EQ(policy->choose(without_b), 1u);
  EXPECT_EQ(policy->choose(all), 0u);
  EXPECT_EQ(policy->choose(all), 1u);
}

}  // namespace
}  // namespace angophora::cc
