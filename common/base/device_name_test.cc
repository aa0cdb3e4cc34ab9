#include "common/base/device_name.h"

#include <gtest/gtest.h>

namespace angophora::common {
namespace {

TEST(DeviceNames, AreTheSamePlaceHoweverTheyAreWritten) {
  for (const auto* name : {"/dev/sdf", "sdf", "/dev/xvdf", "xvdf", "/dev/vdf", "vdf"})
    EXPECT_EQ(device_letters(name), "f") << name;
  EXPECT_EQ(device_letters("/dev/sdab"), "ab");
  for (const auto* name : {"", "/dev/", "/dev/sd", "f", "/dev/sdF", "/dev/sdf1", "/dev/nvme0n1",
                           "/dev/sdabc", "../sdf", "/dev/sd f"})
    EXPECT_FALSE(device_letters(name)) << name;
}

}  // namespace
}  // namespace angophora::common
