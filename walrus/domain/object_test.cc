#include "walrus/domain/object.h"

#include <gmock/gmock.h>

namespace angophora::walrus {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(Cut, TakesBytesAcrossSegments) {
  const std::vector<Segment> content = {{"a", 100, 10}, {"b", 0, 5}, {"c", 7, 10}};
  EXPECT_THAT(cut(content, 0, 25), ElementsAre(content[0], content[1], content[2]));
  EXPECT_THAT(cut(content, 8, 9),
              ElementsAre(Segment{"a", 108, 2}, Segment{"b", 0, 5}, Segment{"c", 7, 2}));
  EXPECT_THAT(cut(content, 11, 2), ElementsAre(Segment{"b", 1, 2}));
  EXPECT_THAT(cut(content, 25, 4), IsEmpty());
}

TEST(StoredForms, AreTheSameAfterLoading) {
  const StoredHeaders headers = {{"content-type", "a:b"}, {"x-amz-meta-x", ""}};
  EXPECT_EQ(load_headers(store_headers(headers)), headers);
  const std::vector<Segment> content = {{"a", 100, 10}, {"b", 0, 5}};
  EXPECT_EQ(load_segments(store_segments(content)).value(), content);
  const std::vector<ObjectPart> parts = {{7, 1}, {9, 30, "sum="}};
  EXPECT_EQ(load_parts(store_parts(parts)).value(), parts);
  const std::optional<StoredChecksum> checksum = StoredChecksum{ChecksumKind::sha1, true, "x-2"};
  EXPECT_EQ(load_checksum(store_checksum(checksum)).value(), checksum);
  EXPECT_EQ(load_checksum("").value(), std::nullopt);
}

TEST(StoredForms, ThatDoNotReadAreErrors) {
  EXPECT_FALSE(load_segments("a b c"));
  EXPECT_FALSE(load_parts("1"));
  EXPECT_FALSE(load_checksum("md4 f x"));
}

}  // namespace
}  // namespace angophora::walrus
