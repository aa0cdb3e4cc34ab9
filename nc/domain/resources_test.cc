#include "nc/domain/resources.h"

#include <gtest/gtest.h>

namespace angophora::nc {
namespace {

InstanceSpec spec_of(std::uint32_t vcpus, std::uint32_t memory_mib, std::uint32_t disk_gib) {
  InstanceSpec spec;
  spec.id = InstanceId("i-1");
  spec.type = {.name = "t", .vcpus = vcpus, .memory_mib = memory_mib, .disk_gib = disk_gib};
  return spec;
}

TEST(Resources, CountRootEphemeralAndSwapDisks) {
  auto spec = spec_of(2, 512, 5);
  spec.type.ephemeral_gib = 10;
  spec.type.swap_mib = 512;
  EXPECT_EQ(held_by(spec), (Resources{2, 512, 16}));
}

TEST(Resources, CountTheImageWhenItIsLargerThanTheDiskOfTheType) {
  auto spec = spec_of(1, 128, 1);
  spec.machine_image.size_bytes = (3ull << 30) + 1;
  EXPECT_EQ(held_by(spec).disk_gib, 4u);
}

TEST(Resources, TakeWhatFitsExactly) {
  EXPECT_TRUE(check_fit({2, 1024, 10}, {9, 512, 5}, spec_of(2, 512, 5)));
}

TEST(Resources, RefuseWhatDoesNotFitAndSayTheFigures) {
  const auto memory = check_fit({2, 1024, 10}, {0, 600, 0}, spec_of(1, 512, 1));
  ASSERT_FALSE(memory);
  EXPECT_EQ(memory.error().code, common::Errc::limit_exceeded);
  EXPECT_NE(memory.error().message.find("1024"), std::string::npos);
  EXPECT_FALSE(check_fit({2, 1024, 10}, {0, 0, 6}, spec_of(1, 512, 5)));
  EXPECT_FALSE(check_fit({2, 1024, 10}, {0, 0, 0}, spec_of(3, 512, 5)));
}

}  // namespace
}  // namespace angophora::nc
