#include "sc/domain/volume.h"

#include <gtest/gtest.h>

namespace angophora::sc {
namespace {

TEST(VolumeIds, AreVolAndHexDigits) {
  EXPECT_TRUE(check_id(VolumeId("vol-0123456789abcdef0")));
  EXPECT_TRUE(check_id(VolumeId("vol-0123abcd")));
  for (const char* bad : {"", "vol", "vol-", "vol-0123abc", "vol-0123ABCD", "vol-../../et",
                          "snap-0123abcd", "vol-0123abcd/", "vol-0123456789abcdef01"})
    EXPECT_EQ(check_id(VolumeId(bad)).assume_error().code, VolumeErrc::bad_id) << bad;
}

TEST(VolumeSizes, GoFromOneTo16384) {
  const VolumeId id("vol-0123abcd");
  EXPECT_TRUE(check_size(id, 1));
  EXPECT_TRUE(check_size(id, 16384));
  for (const std::int64_t bad : {0, -1, 16385})
    EXPECT_EQ(check_size(id, bad).assume_error().code, VolumeErrc::bad_size) << bad;
}

TEST(PoolRoom, KeepsAReserve) {
  const PoolLimits limits;
  EXPECT_TRUE(check_room({100 * kBytesPerGib, 6 * kBytesPerGib}, limits, 0, 10));
  const auto full = check_room({100 * kBytesPerGib, 5 * kBytesPerGib}, limits, 0, 1);
  EXPECT_EQ(full.assume_error().code, VolumeErrc::pool_full);
  EXPECT_NE(full.assume_error().message.find("5 GiB of 100 GiB left"), std::string::npos);
}

TEST(PoolRoom, PromisesNoMoreThanTheOvercommitAllows) {
  PoolLimits limits;
  limits.overcommit_percent = 200;
  const Pool pool{100 * kBytesPerGib, 90 * kBytesPerGib};
  EXPECT_TRUE(check_room(pool, limits, 150, 50));
  EXPECT_EQ(check_room(pool, limits, 150, 51).assume_error().code, VolumeErrc::pool_full);
}

TEST(PoolRoom, CountsThePoolsBytesAndNotItsWholeGibibytes) {
  PoolLimits limits;
  limits.overcommit_percent = 400;
  const Pool pool{kBytesPerGib / 2, kBytesPerGib / 2};
  EXPECT_TRUE(check_room(pool, limits, 0, 1));
  EXPECT_EQ(check_room(pool, limits, 1, 1).assume_error().code, VolumeErrc::pool_full);
}

}  // namespace
}  // namespace angophora::sc
