#include "nc/domain/attachment.h"

#include <gtest/gtest.h>

namespace angophora::nc {
namespace {

using S = AttachmentState;
using E = AttachmentEvent;

TEST(AttachmentTable, NeverComesBackOnceItIsOver) {
  for (const auto over : {S::detached, S::failed})
    for (const auto event :
         {E::plugged, E::detach, E::give_up, E::released, E::released_after_failure})
      EXPECT_FALSE(next(over, event)) << to_string(over);
}

TEST(AttachmentTable, EveryStateLeadsToTheEnd) {
  for (const auto s : {S::attaching, S::attached, S::detaching}) {
    auto at = s;
    if (const auto to = next(at, E::detach)) at = *to;
    EXPECT_EQ(next(at, E::released), S::detached) << to_string(s);
  }
}

TEST(AttachmentTable, ReadsItsOwnWords) {
  for (const auto s : {S::attaching, S::attached, S::detaching, S::detached, S::failed})
    EXPECT_EQ(parse_attachment_state(to_string(s)), s);
  EXPECT_FALSE(parse_attachment_state("busy"));
}

TEST(Attachment, IsAttachingInReportsUntilItsFailureIsOver) {
  Attachment a;
  a.state = S::detaching;
  EXPECT_EQ(reported_state(a), S::detaching);
  a.failing = true;
  EXPECT_EQ(reported_state(a), S::attaching);
  a.state = S::failed;
  EXPECT_EQ(reported_state(a), S::failed);
}

TEST(DeviceNames, AreTakenAsUsersSayThem) {
  for (const auto* name : {"/dev/sdf", "sdf", "/dev/xvdf", "xvdf", "/dev/vdf", "vdf"})
    EXPECT_EQ(target_of_device(name), "vdf") << name;
  EXPECT_EQ(target_of_device("/dev/xvdba"), "vdba");
  for (const auto* name : {"", "/dev/", "sd", "/dev/sd", "/dev/sdf1", "/dev/sdF", "/dev/hda",
                           "/dev/sdabc", "/dev/../sdf", "sdf "})
    EXPECT_FALSE(target_of_device(name)) << name;
}

TEST(Serials, FitIntoWhatVirtioHasRoomFor) {
  EXPECT_EQ(serial_of(VolumeId("vol-00000001")), "vol-00000001");
  EXPECT_EQ(serial_of(VolumeId("vol-0123456789abcdef0")), "vol0123456789abcdef0");
}

}  // namespace
}  // namespace angophora::nc
