#include "common/chunks/chunk_map.h"

#include <gtest/gtest.h>

namespace angophora::chunks {
namespace {

ChunkMap map_of_two() {
  ChunkMap map;
  map.volume_bytes = 4 * kChunkBytes;
  map.entries = {{0, name_of("a")}, {3, name_of("b")}};
  return map;
}

TEST(ChunkMap, TravelsThereAndBack) {
  const auto map = map_of_two();
  EXPECT_EQ(decode(encode(map)).value(), map);
  ChunkMap empty;
  empty.volume_bytes = kVolumeBytesMax;
  EXPECT_EQ(decode(encode(empty)).value(), empty);
}

TEST(ChunkMap, IsRefusedWhenAnythingIsWrongWithIt) {
  const auto bytes = encode(map_of_two());
  for (std::size_t cut = 0; cut < bytes.size(); ++cut) {
    if (cut == kHeadBytes || cut == kHeadBytes + kEntryBytes) continue;  // shorter maps
    EXPECT_FALSE(decode(std::string_view(bytes).substr(0, cut))) << cut;
  }
  auto map = map_of_two();
  std::swap(map.entries[0], map.entries[1]);
  EXPECT_FALSE(decode(encode(map)));
  map = map_of_two();
  map.entries[1].number = 4;
  EXPECT_FALSE(decode(encode(map)));
  map.entries[1].number = 0;
  EXPECT_FALSE(decode(encode(map)));
  for (const std::uint64_t size : {std::uint64_t{0}, kChunkBytes + 1, kVolumeBytesMax * 2}) {
    map = map_of_two();
    map.volume_bytes = size;
    EXPECT_FALSE(decode(encode(map))) << size;
  }
}

TEST(ChunkName, IsTheDigestInHex) {
  const auto hex = to_hex(name_of("abc"));
  EXPECT_EQ(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(parse_name(hex).value(), name_of("abc"));
  EXPECT_FALSE(parse_name("BA" + hex.substr(2)));
  EXPECT_FALSE(parse_name(hex.substr(2)));
  EXPECT_FALSE(parse_name("../" + hex.substr(3)));
}

TEST(ChunkName, TellsZerosFromOtherBytes) {
  EXPECT_TRUE(is_zeros(std::string(5000, '\0')));
  for (const std::size_t at : {0u, 1u, 4999u}) {
    std::string bytes(5000, '\0');
    bytes[at] = 'x';
    EXPECT_FALSE(is_zeros(bytes)) << at;
  }
  EXPECT_FALSE(is_zeros(std::string(5000, 'x')));
}

TEST(SnapshotId, HasHexDigitsOnly) {
  EXPECT_TRUE(is_snapshot_id("snap-0123456789abcdef0"));
  EXPECT_TRUE(is_snapshot_id("snap-01234567"));
  EXPECT_FALSE(is_snapshot_id("snap-0123456"));
  EXPECT_FALSE(is_snapshot_id("snap-0123456/"));
  EXPECT_FALSE(is_snapshot_id("vol-01234567"));
  EXPECT_TRUE(is_volume_id("vol-01234567"));
}

}  // namespace
}  // namespace angophora::chunks
