#include "walrus/domain/checksum.h"

#include <gtest/gtest.h>

#include "common/base/encoding.h"

namespace angophora::walrus {
namespace {

std::string combined(ChecksumKind kind, std::string_view first, std::string_view second,
                     std::uint64_t second_bytes) {
  return common::hex_encode(
      combine_crc(kind, *common::hex_decode(first), *common::hex_decode(second), second_bytes));
}

TEST(CombineCrc, OfPartsIsThatOfTheWhole) {
  // "1234" and "56789"; the published check values of "123456789".
  EXPECT_EQ(combined(ChecksumKind::crc32, "9be3e0a3", "131da070", 5), "cbf43926");
  EXPECT_EQ(combined(ChecksumKind::crc32c, "f63af4ee", "83b565d8", 5), "e3069283");
}

TEST(CombineCrc, WithNothingBehindItChangesNothing) {
  EXPECT_EQ(combined(ChecksumKind::crc32, "cbf43926", "00000000", 0), "cbf43926");
  EXPECT_EQ(combined(ChecksumKind::crc64nvme, "ae8b14860a799888", "0000000000000000", 0),
            "ae8b14860a799888");
}

TEST(ChecksumKind, IsKnownByNameAndHeader) {
  EXPECT_EQ(parse_checksum_kind("crc32c"), ChecksumKind::crc32c);
  EXPECT_EQ(checksum_kind_of_header("X-Amz-Checksum-SHA256"), ChecksumKind::sha256);
  EXPECT_EQ(parse_checksum_kind("md4"), std::nullopt);
}

}  // namespace
}  // namespace angophora::walrus
