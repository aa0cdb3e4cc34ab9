#include "clc/domain/volume.h"

#include <gtest/gtest.h>

#include <set>

#include "clc/domain/errors.h"

namespace angophora::clc {
namespace {

using VS = VolumeState;
using VE = VolumeEvent;
using AS = AttachmentState;
using AE = AttachmentEvent;

constexpr VS kVolumeStates[] = {VS::creating, VS::available, VS::in_use,
                                VS::deleting, VS::deleted,   VS::error};
constexpr VE kVolumeEvents[] = {VE::made,    VE::not_made, VE::claim,
                                VE::release, VE::unwant,   VE::removed};
constexpr AS kAttachmentStates[] = {AS::attaching, AS::attached, AS::detaching,
                                    AS::busy,      AS::revoking, AS::detached};
constexpr AE kAttachmentEvents[] = {AE::plugged, AE::detach,  AE::held,   AE::let_go,
                                    AE::refused, AE::give_up, AE::revoked};

TEST(VolumeLife, EveryPairIsAllowedOrRefusedAsTheTableSays) {
  std::size_t allowed = 0;
  for (const auto state : kVolumeStates)
    for (const auto event : kVolumeEvents) allowed += next(state, event).has_value();
  EXPECT_EQ(allowed, kVolumeTransitions.size());
  EXPECT_EQ(next(VS::creating, VE::made), VS::available);
  EXPECT_EQ(next(VS::creating, VE::not_made), VS::error);
  EXPECT_EQ(next(VS::in_use, VE::release), VS::available);
  EXPECT_EQ(next(VS::deleting, VE::removed), VS::deleted);
}

TEST(VolumeLife, WhatIsOverStaysOver) {
  for (const auto event : kVolumeEvents) EXPECT_FALSE(next(VS::deleted, event));
  for (const auto event : kAttachmentEvents) EXPECT_FALSE(next(AS::detached, event));
}

TEST(VolumeLife, AVolumeInUseIsNeitherClaimedNorDeleted) {
  for (const auto event : {VE::claim, VE::unwant, VE::made, VE::removed})
    EXPECT_FALSE(next(VS::in_use, event));
  EXPECT_FALSE(next(VS::deleting, VE::claim));
  EXPECT_FALSE(next(VS::creating, VE::claim));
  EXPECT_FALSE(next(VS::error, VE::claim));
}

TEST(AttachmentLife, EveryPairIsAllowedOrRefusedAsTheTableSays) {
  std::size_t allowed = 0;
  for (const auto state : kAttachmentStates)
    for (const auto event : kAttachmentEvents) allowed += next(state, event).has_value();
  EXPECT_EQ(allowed, kAttachmentTransitions.size());
}

TEST(AttachmentLife, TheOnlyWayOutLeadsThroughTheStorageController) {
  for (const auto state : kAttachmentStates)
    for (const auto event : kAttachmentEvents) {
      if (next(state, event) != AS::detached) continue;
      EXPECT_EQ(state, AS::revoking);
      EXPECT_EQ(event, AE::revoked);
    }
}

TEST(AttachmentLife, WhatIsOnItsWayOutDoesNotComeBack) {
  for (const auto state : {AS::detaching, AS::busy, AS::revoking})
    EXPECT_FALSE(next(state, AE::plugged)) << to_string(state);
}

TEST(StateNames, ComeBackAsTheyWent) {
  for (const auto state : kVolumeStates) EXPECT_EQ(parse_volume_state(to_string(state)), state);
  for (const auto state : kAttachmentStates)
    EXPECT_EQ(parse_attachment_state(to_string(state)), state);
  EXPECT_FALSE(parse_volume_state("gone"));
  EXPECT_FALSE(parse_attachment_state(""));
  EXPECT_EQ(shown(AS::revoking), "detaching");
  EXPECT_EQ(shown(AS::busy), "busy");
}

TEST(Iops, AreTakenWhereAwsTakesThem) {
  using T = VolumeType;
  EXPECT_TRUE(check_iops(T::standard, 1, std::nullopt));
  EXPECT_EQ(check_iops(T::standard, 1, 100).error().code, RequestErrc::invalid_combination);
  EXPECT_EQ(check_iops(T::gp2, 1, 100).error().code, RequestErrc::invalid_combination);
  EXPECT_EQ(check_iops(T::io1, 10, std::nullopt).error().code, RequestErrc::missing_parameter);
  EXPECT_TRUE(check_iops(T::io1, 10, 500));
  EXPECT_EQ(check_iops(T::io1, 10, 501).error().code, RequestErrc::invalid_value);
  EXPECT_EQ(check_iops(T::io1, 10, 99).error().code, RequestErrc::invalid_value);
  EXPECT_TRUE(check_iops(T::gp3, 1, std::nullopt));
  EXPECT_TRUE(check_iops(T::gp3, 1, 3000));
  EXPECT_EQ(check_iops(T::gp3, 1, 3001).error().code, RequestErrc::invalid_value);
  EXPECT_TRUE(check_iops(T::gp3, 32, 16000));
}

TEST(Iops, AreShownForTypesThatHaveThem) {
  Volume volume;
  volume.size_gib = 100;
  EXPECT_EQ(shown_iops(volume), std::nullopt);
  volume.type = VolumeType::gp2;
  EXPECT_EQ(shown_iops(volume), 300);
  volume.size_gib = 1;
  EXPECT_EQ(shown_iops(volume), 100);
  volume.size_gib = 16384;
  EXPECT_EQ(shown_iops(volume), 16000);
  volume.type = VolumeType::gp3;
  EXPECT_EQ(shown_iops(volume), 3000);
  volume.type = VolumeType::io1;
  volume.iops = 500;
  EXPECT_EQ(shown_iops(volume), 500);
}

}  // namespace
}  // namespace angophora::clc
