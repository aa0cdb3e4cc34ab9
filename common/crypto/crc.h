// Checksums that S3 clients send along: CRC-32 (zlib's), CRC-32C (Castagnoli), CRC-64/NVME.
// Incremental: hand the last result back as `before`. Any thread.
#pragma once

#include <cstdint>
#include <string_view>

namespace angophora::crypto {

std::uint32_t crc32(std::string_view bytes, std::uint32_t before = 0);
std::uint32_t crc32c(std::string_view bytes, std::uint32_t before = 0);
std::uint64_t crc64nvme(std::string_view bytes, std::uint64_t before = 0);

}  // namespace angophora::crypto
