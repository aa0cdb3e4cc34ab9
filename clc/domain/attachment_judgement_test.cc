#include "clc/domain/attachment_judgement.h"

#include <gtest/gtest.h>

namespace angophora::clc {
namespace {

using S = AttachmentState;
using E = AttachmentEvent;
using Step = AttachmentStep;
using Node = NodeVolumeState;

// A guest whose node speaks, and what it says of the volume.
AttachmentView seen(const VolumeReport* volume) {
  AttachmentView view;
  view.node_speaks = view.guest_reported = true;
  view.volume = volume;
  return view;
}

VolumeReport report(Node state, const std::string& reason = {}) {
  return {VolumeId("vol-1"), 3, "/dev/sdf", state, reason};
}

Attachment attachment(S state, bool forced = false) {
  Attachment a;
  a.volume = VolumeId("vol-1");
  a.instance = InstanceId("i-1");
  a.epoch = 3;
  a.state = state;
  a.forced = forced;
  return a;
}

AttachmentPlan plan(S state, const AttachmentView& view, bool forced = false) {
  return plan_for(attachment(state, forced), view);
}

void expect_move(const AttachmentPlan& plan, E event) {
  EXPECT_EQ(plan.step, Step::advance);
  EXPECT_EQ(plan.event, event);
}

TEST(AttachmentPlan, AWishIsOrderedUntilTheNodeShowsIt) {
  EXPECT_EQ(plan(S::attaching, seen(nullptr)).step, Step::attach);
  const auto attaching = report(Node::attaching);
  EXPECT_EQ(plan(S::attaching, seen(&attaching)).step, Step::wait);
  const auto attached = report(Node::attached);
  expect_move(plan(S::attaching, seen(&attached)), E::plugged);
  EXPECT_EQ(plan(S::attached, seen(&attached)).step, Step::wait);
}

TEST(AttachmentPlan, ASilentNodeIsAskedAgainAndNothingFollowsFromSilence) {
  const AttachmentView silent;
  EXPECT_EQ(plan(S::attaching, silent).step, Step::attach);
  EXPECT_EQ(plan(S::attached, silent).step, Step::wait);
  EXPECT_EQ(plan(S::detaching, silent).step, Step::detach);
}

TEST(AttachmentPlan, WhatTheNodeHasLetGoIsRevoked) {
  for (const auto state : {S::attaching, S::attached, S::detaching, S::busy}) {
    const auto detached = report(Node::detached);
    expect_move(plan(state, seen(&detached)), E::let_go);
    const auto failed = report(Node::failed, "no port is free");
    expect_move(plan(state, seen(&failed)), E::let_go);
    EXPECT_EQ(plan(state, seen(&failed)).reason, "no port is free");
  }
  EXPECT_EQ(plan(S::revoking, seen(nullptr)).step, Step::revoke);
}

TEST(AttachmentPlan, AGuestThatHoldsOnMakesItBusy) {
  const auto attached = report(Node::attached);
  EXPECT_EQ(plan(S::detaching, seen(&attached)).step, Step::detach);
  const auto detaching = report(Node::detaching);
  EXPECT_EQ(plan(S::detaching, seen(&detaching)).step, Step::wait);
  const auto held = report(Node::detaching, "the guest does not answer");
  expect_move(plan(S::detaching, seen(&held)), E::held);
  EXPECT_EQ(plan(S::busy, seen(&held)).step, Step::wait);
}

TEST(AttachmentPlan, ForceWaitsForTheNodeOnlyAWhile) {
  const auto held = report(Node::detaching, "the guest does not answer");
  auto view = seen(&held);
  EXPECT_EQ(plan(S::detaching, view, true).step, Step::detach);
  view.patience_over = true;
  expect_move(plan(S::detaching, view, true), E::give_up);
  EXPECT_EQ(plan(S::busy, view).step, Step::wait);
  expect_move(plan(S::detaching, AttachmentView(), true), E::give_up);
  EXPECT_EQ(plan(S::detaching, AttachmentView()).step, Step::detach);
}

TEST(AttachmentPlan, AnInstanceOnItsWayOutTakesItsVolumesAlong) {
  for (const auto state : {S::attaching, S::attached, S::detaching, S::busy}) {
    auto view = seen(nullptr);
    view.instance_ends = true;
    EXPECT_EQ(plan(state, view).step, Step::wait) << to_string(state);
    view.instance_over = true;
    expect_move(plan(state, view), E::give_up);
  }
}

TEST(AttachmentPlan, ANodeThatLostAVolumeGetsItsOrderAgain) {
  EXPECT_EQ(plan(S::attached, seen(nullptr)).step, Step::attach);
  auto view = seen(nullptr);
  view.guest_reported = false;
  EXPECT_EQ(plan(S::attached, view).step, Step::wait);
}

TEST(StaleVolumes, AreThoseThatNobodyWantsThere) {
  const InstanceId instance("i-1");
  const auto current = attachment(S::attached);
  EXPECT_FALSE(is_stale(report(Node::attached), instance, &current));
  EXPECT_TRUE(is_stale(report(Node::attached), instance, nullptr));
  EXPECT_TRUE(is_stale(report(Node::attached), InstanceId("i-2"), &current));
  EXPECT_FALSE(is_stale(report(Node::detached), instance, nullptr));
  EXPECT_FALSE(is_stale(report(Node::failed), instance, nullptr));
  auto later = current;
  later.epoch = 4;
  EXPECT_TRUE(is_stale(report(Node::attaching), instance, &later));
  const auto revoking = attachment(S::revoking);
  EXPECT_TRUE(is_stale(report(Node::attached), instance, &revoking));
}

}  // namespace
}  // namespace angophora::clc
