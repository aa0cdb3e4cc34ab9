// The checksums that clients may send along with their data (x-amz-checksum-*).
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace angophora::walrus {

enum class ChecksumKind { crc32, crc32c, crc64nvme, sha1, sha256 };
inline constexpr std::array kChecksumKinds = {ChecksumKind::crc32, ChecksumKind::crc32c,
                                              ChecksumKind::crc64nvme, ChecksumKind::sha1,
                                              ChecksumKind::sha256};

std::string_view to_string(ChecksumKind kind);   // CRC32 ...
std::string_view header_of(ChecksumKind kind);   // x-amz-checksum-crc32 ...
std::string_view element_of(ChecksumKind kind);  // ChecksumCRC32 ...
std::size_t bytes_of(ChecksumKind kind);
bool is_crc(ChecksumKind kind);
std::optional<ChecksumKind> parse_checksum_kind(std::string_view name);        // any case
std::optional<ChecksumKind> checksum_kind_of_header(std::string_view header);  // any case

// The CRC of two pieces put together, from the CRC of each (big endian) and the second's size.
std::string combine_crc(ChecksumKind kind, std::string_view first, std::string_view second,
                        std::uint64_t second_bytes);

}  // namespace angophora::walrus
