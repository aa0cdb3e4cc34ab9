// That the judge of histories finds what must not happen.
#include "tests/histories/model/volume_model.h"

#include <gtest/gtest.h>

namespace angophora::histories {
namespace {

const std::string kZeros(kBlockBytes, '\0');

class Judge : public ::testing::Test {
 protected:
  std::string write(std::uint32_t block, std::int64_t epoch = 1) {
    const auto stamp = volume->send(block, epoch, ++now);
    volume->answered(block, ++now);
    return block_of(stamp);
  }
  std::string lose(std::uint32_t block, std::int64_t epoch = 1) {
    return block_of(volume->send(block, epoch, ++now));
  }
  bool holds(std::uint32_t block, const std::string& bytes) {
    return volume->check(block, bytes, ++now).has_value();
  }
  std::shared_ptr<SnapshotModel> snapshot() {
    auto taken = std::make_shared<SnapshotModel>(volume, ++now);
    taken->answered(++now);
    return taken;
  }

  Tick now = 0;
  std::shared_ptr<VolumeModel> volume = std::make_shared<VolumeModel>(1, nullptr);
};

TEST(Block, SaysWhoWroteIt) {
  const Stamp stamp{7, 3, 11, 2};
  EXPECT_EQ(read_block(block_of(stamp)).value(), stamp);
  EXPECT_EQ(read_block(kZeros).value(), std::nullopt);
  auto mixed = block_of(stamp).substr(0, 2048) + block_of({7, 3, 11, 3}).substr(2048);
  EXPECT_NE(read_block(mixed).error().message.find("mixed"), std::string::npos);
  EXPECT_FALSE(read_block(std::string(kBlockBytes, 'x')));
  mixed = block_of(stamp);
  mixed.back() = '\0';
  EXPECT_FALSE(read_block(mixed));
}

TEST_F(Judge, FindsALostAndAnOldBlock) {
  const auto first = write(5);
  EXPECT_TRUE(holds(5, first));
  EXPECT_FALSE(holds(5, kZeros));
  const auto second = write(5);
  EXPECT_TRUE(holds(5, second));
  EXPECT_FALSE(holds(5, first));
}

TEST_F(Judge, FindsABlockOfAnotherPlaceOrVolume) {
  const auto five = write(5);
  write(6);
  EXPECT_FALSE(holds(6, five));
  VolumeModel other(2, nullptr);
  EXPECT_FALSE(other.check(5, five, ++now));
  EXPECT_FALSE(holds(5, block_of({1, 1, 5, 9})));
  EXPECT_FALSE(holds(5, block_of({1, 2, 5, 1}))) << "of an attachment that never wrote it";
}

TEST_F(Judge, LetsAnUnansweredWriteBeThereOrNotButNotComeLate) {
  const auto first = write(5);
  const auto second = lose(5);
  EXPECT_TRUE(holds(5, first));
  EXPECT_FALSE(holds(5, second)) << "it was not there before";
  const auto third = lose(5);
  EXPECT_TRUE(holds(5, third));
  EXPECT_FALSE(holds(5, first)) << "what was seen stays";
}

TEST_F(Judge, TakesASnapshotForOneInstant) {
  const auto a = write(1);
  const auto taken = snapshot();
  const auto b = write(2);
  EXPECT_TRUE(taken->check(1, a));
  EXPECT_FALSE(taken->check(2, b)) << "it was sent after the answer";
  const auto lost = snapshot();
  EXPECT_FALSE(lost->check(1, kZeros));
}

TEST_F(Judge, FindsASnapshotThatIsOfTwoInstants) {
  const auto taken = std::make_shared<SnapshotModel>(volume, ++now);
  const auto a = write(1);
  const auto b = write(2);
  taken->answered(++now);
  EXPECT_TRUE(taken->check(2, b));
  EXPECT_FALSE(taken->check(1, kZeros)) << "a was answered before b was sent";
  EXPECT_TRUE(holds(1, a));
}

TEST_F(Judge, LetsWritesUnderWayBeInASnapshotOrNot) {
  write(1);
  const auto under_way = volume->send(1, 1, ++now);
  const auto with = snapshot();
  const auto without = snapshot();
  volume->answered(1, ++now);
  EXPECT_TRUE(with->check(1, block_of(under_way)));
  EXPECT_TRUE(without->check(1, block_of({1, 1, 1, 1})));
  EXPECT_FALSE(with->check(1, block_of({1, 1, 1, 1}))) << "it changed";
}

TEST_F(Judge, FollowsAVolumeToTheSnapshotItIsMadeFrom) {
  const auto a = write(1);
  const auto b = write(2);
  VolumeModel copy(2, snapshot());
  const auto later = write(1);
  EXPECT_TRUE(copy.check(1, a, ++now));
  EXPECT_FALSE(copy.check(1, later, ++now));
  const auto own = copy.send(2, 1, ++now);
  copy.answered(2, ++now);
  EXPECT_FALSE(copy.check(2, b, ++now));
  EXPECT_TRUE(copy.check(2, block_of(own), ++now));
  EXPECT_FALSE(copy.check(3, block_of({3, 1, 3, 1}), ++now));
  EXPECT_EQ(copy.blocks(), (std::vector<std::uint32_t>{1, 2}));
}

}  // namespace
}  // namespace angophora::histories
