#include "sc/domain/export.h"

#include <gtest/gtest.h>

namespace angophora::sc {
namespace {

const VolumeId kVolume("vol-00000001");

Holder holder(std::int64_t epoch, const char* instance = "i-1", const char* node = "nc-a") {
  return {InstanceId(instance), NodeName(node), epoch};
}

std::optional<Grant> granted(std::int64_t epoch) {
  Grant grant;
  grant.volume = kVolume;
  grant.holder = holder(epoch);
  grant.granted = true;
  return grant;
}

std::optional<Grant> revoked(std::int64_t epoch) {
  auto grant = granted(epoch);
  grant->granted = false;
  return grant;
}

template <class T>
std::error_code code(const Result<T>& result) {
  return result ? std::error_code() : result.error().code;
}

TEST(GrantRules, LetTheFirstAndEveryHigherNumberIn) {
  EXPECT_EQ(check_grant(kVolume, {}, holder(1)).value(), GrantStep::write);
  EXPECT_EQ(check_grant(kVolume, granted(1), holder(2, "i-2", "nc-b")).value(), GrantStep::write);
  EXPECT_EQ(check_grant(kVolume, revoked(1), holder(2)).value(), GrantStep::write);
}

TEST(GrantRules, MayBeRepeatedByTheSameHolderAlone) {
  EXPECT_EQ(check_grant(kVolume, granted(3), holder(3)).value(), GrantStep::nothing);
  EXPECT_EQ(code(check_grant(kVolume, granted(3), holder(3, "i-2"))), ExportErrc::wrong_instance);
  EXPECT_EQ(code(check_grant(kVolume, granted(3), holder(3, "i-1", "nc-b"))),
            ExportErrc::wrong_node);
}

TEST(GrantRules, RefuseWhatIsOver) {
  EXPECT_EQ(code(check_grant(kVolume, granted(3), holder(2))), ExportErrc::stale_epoch);
  EXPECT_EQ(code(check_grant(kVolume, revoked(3), holder(3))), ExportErrc::stale_epoch);
}

TEST(GrantRules, RefuseNumbersAndNamesThatAreNone) {
  EXPECT_EQ(code(check_grant(kVolume, {}, holder(0))), common::Errc::invalid_argument);
  EXPECT_EQ(code(check_grant(kVolume, {}, holder(-1))), common::Errc::invalid_argument);
  EXPECT_EQ(code(check_grant(kVolume, {}, holder(1, ""))), common::Errc::invalid_argument);
  EXPECT_EQ(code(check_grant(kVolume, {}, holder(1, "i-1", ""))), common::Errc::invalid_argument);
}

TEST(OpenRules, LetOnlyTheHolderIn) {
  EXPECT_TRUE(check_open(kVolume, granted(3), holder(3)));
  EXPECT_EQ(code(check_open(kVolume, granted(3), holder(3, "i-2"))), ExportErrc::wrong_instance);
  EXPECT_EQ(code(check_open(kVolume, granted(3), holder(3, "i-1", "nc-b"))),
            ExportErrc::wrong_node);
  EXPECT_EQ(code(check_open(kVolume, granted(3), holder(2))), ExportErrc::stale_epoch);
  EXPECT_EQ(code(check_open(kVolume, granted(3), holder(4))), ExportErrc::not_granted);
  EXPECT_EQ(code(check_open(kVolume, revoked(3), holder(3))), ExportErrc::stale_epoch);
  EXPECT_EQ(code(check_open(kVolume, {}, holder(1))), ExportErrc::not_granted);
  EXPECT_EQ(code(check_open(kVolume, granted(3), holder(0))), common::Errc::invalid_argument);
}

TEST(RevokeRules, AnOlderNumberHasNothingToEnd) {
  EXPECT_TRUE(concerns({}, 1));
  EXPECT_TRUE(concerns(granted(3), 3));
  EXPECT_TRUE(concerns(granted(3), 4));
  EXPECT_FALSE(concerns(granted(3), 2));
}

}  // namespace
}  // namespace angophora::sc
