#include "nc/domain/instance.h"

#include <gtest/gtest.h>

namespace angophora::nc {
namespace {

using S = InstanceState;
using E = InstanceEvent;
constexpr S kStates[] = {S::staging,       S::booting,    S::running,
                         S::shutting_down, S::terminated, S::failed};
constexpr E kEvents[] = {E::staged,    E::started, E::ended, E::lost,
                         E::terminate, E::give_up, E::freed, E::freed_after_failure};

TEST(InstanceLife, EndsForGood) {
  for (const S state : {S::terminated, S::failed})
    for (const E event : kEvents) EXPECT_FALSE(next(state, event));
}

TEST(InstanceLife, CanBeTerminatedFromEveryStateInWhichItHoldsSomething) {
  for (const S state : {S::staging, S::booting, S::running})
    EXPECT_EQ(next(state, E::terminate), S::shutting_down);
}

TEST(InstanceLife, IsOverOnlyAfterEverythingWasFreed) {
  for (const S from : kStates)
    for (const E event : kEvents)
      if (const auto to = next(from, event); to && is_over(*to)) {
        EXPECT_EQ(from, S::shutting_down);
      }
}

TEST(InstanceLife, StartsAGuestAgainThatWasLost) {
  EXPECT_EQ(next(S::running, E::lost), S::booting);
}

TEST(InstanceStateName, ReadsBack) {
  for (const S state : kStates) EXPECT_EQ(parse_instance_state(to_string(state)), state);
  EXPECT_FALSE(parse_instance_state("asleep"));
}

TEST(DmiUuid, LooksLikeEc2AndFollowsFromTheInstanceId) {
  EXPECT_EQ(dmi_uuid(InstanceId("i-0123456789abcdef0")), "ec201234-5678-49ab-8cde-f00000000000");
  EXPECT_EQ(dmi_uuid(InstanceId("i-0123456789abcdef0")).size(), 36u);
  EXPECT_NE(dmi_uuid(InstanceId("i-0123456789abcdef1")),
            dmi_uuid(InstanceId("i-0123456789abcdef0")));
  EXPECT_EQ(dmi_uuid(InstanceId("i-3C07")).substr(0, 8), "ec23c070");
}

}  // namespace
}  // namespace angophora::nc
