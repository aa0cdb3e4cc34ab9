#include "walrus/lifecycle/judgement.h"

#include <gtest/gtest.h>

namespace angophora::walrus {
namespace {

using namespace std::chrono_literals;
using Act = LifecycleWish::Act;

constexpr LifecycleClock kClock{10s};  // a day has ten seconds
const common::SysTime kStart{1000s};

LifecycleRule rule() {
  LifecycleRule made;
  made.enabled = true;
  return made;
}
Object current() {
  Object object;
  object.key = "k";
  object.changed = kStart;
  return object;
}
Object noncurrent() {
  auto object = current();
  object.is_latest = false;
  object.superseded = kStart;
  return object;
}
LifecycleWish judge(const LifecycleRule& one, const Object& object, std::chrono::milliseconds after,
                    VersionsAround around = {}) {
  return judge_version({one}, kClock, object, around, kStart + after);
}

TEST(LifecycleJudgement, ExpiresWhatIsOldEnough) {
  auto one = rule();
  one.expiration = LifecycleWhen{2, {}};
  EXPECT_EQ(judge(one, current(), 19s).act, Act::keep);
  EXPECT_EQ(judge(one, current(), 20s).act, Act::expire);
  EXPECT_EQ(judge(one, noncurrent(), 20s).act, Act::keep) << "is about the newest alone";
  one.enabled = false;
  EXPECT_EQ(judge(one, current(), 20s).act, Act::keep);
}

TEST(LifecycleJudgement, KeepsTheNewestOfTheOldVersions) {
  auto one = rule();
  one.noncurrent_days = 1;
  one.newer_kept = 2;
  EXPECT_EQ(judge(one, noncurrent(), 10s, {1, false}).act, Act::keep);
  EXPECT_EQ(judge(one, noncurrent(), 10s, {2, false}).act, Act::remove_version);
  EXPECT_EQ(judge(one, noncurrent(), 9s, {2, false}).act, Act::keep);
}

TEST(LifecycleJudgement, ADeleteMarkerGoesOnlyWhenItHidesNothing) {
  auto marker = current();
  marker.delete_marker = true;
  auto one = rule();
  one.removes_lone_markers = true;
  EXPECT_EQ(judge(one, marker, 0s, {0, false}).act, Act::keep);
  EXPECT_EQ(judge(one, marker, 0s, {0, true}).act, Act::remove_version);
  one.tags = {{"k", "v"}};
  EXPECT_EQ(judge(one, marker, 0s, {0, true}).act, Act::keep) << "a marker has no tags";
  auto by_days = rule();
  by_days.expiration = LifecycleWhen{1, {}};
  EXPECT_EQ(judge(by_days, marker, 9s, {0, true}).act, Act::keep);
  EXPECT_EQ(judge(by_days, marker, 10s, {0, true}).act, Act::remove_version);
}

TEST(LifecycleJudgement, TheLatestMoveThatIsDueCounts) {
  auto one = rule();
  one.transitions = {{{1, {}}, "COOL", 0}, {{3, {}}, "COLD", 0}};
  EXPECT_EQ(judge(one, current(), 5s).storage_class, "");
  EXPECT_EQ(judge(one, current(), 10s).storage_class, "COOL");
  EXPECT_EQ(judge(one, current(), 30s).storage_class, "COLD");
  auto moved = current();
  moved.storage_class = "COLD";
  EXPECT_EQ(judge(one, moved, 30s).storage_class, "") << "there already";
}

TEST(LifecycleJudgement, UploadsEndAfterTheirDays) {
  auto one = rule();
  one.prefix = "k";
  one.abort_days = 1;
  Upload upload;
  upload.key = "key";
  upload.begun = kStart;
  EXPECT_FALSE(is_upload_overdue({one}, kClock, upload, kStart + 9s));
  EXPECT_TRUE(is_upload_overdue({one}, kClock, upload, kStart + 10s));
  upload.key = "other";
  EXPECT_FALSE(is_upload_overdue({one}, kClock, upload, kStart + 10s));
}

}  // namespace
}  // namespace angophora::walrus
