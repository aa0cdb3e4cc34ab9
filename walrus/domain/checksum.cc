#include "walrus/domain/checksum.h"

#include "common/base/text.h"

namespace angophora::walrus {
namespace {

struct Names {
  ChecksumKind kind;
  std::string_view name, header, element;
  std::size_t bytes;
};
constexpr Names kNames[] = {
    {ChecksumKind::crc32, "CRC32", "x-amz-checksum-crc32", "ChecksumCRC32", 4},
    {ChecksumKind::crc32c, "CRC32C", "x-amz-checksum-crc32c", "ChecksumCRC32C", 4},
    {ChecksumKind::crc64nvme, "CRC64NVME", "x-amz-checksum-crc64nvme", "ChecksumCRC64NVME", 8},
    {ChecksumKind::sha1, "SHA1", "x-amz-checksum-sha1", "ChecksumSHA1", 20},
    {ChecksumKind::sha256, "SHA256", "x-amz-checksum-sha256", "ChecksumSHA256", 32},
};
const Names& names_of(ChecksumKind kind) { return kNames[static_cast<std::size_t>(kind)]; }

std::uint64_t polynomial_of(ChecksumKind kind) {
  switch (kind) {
    case ChecksumKind::crc32:
      return 0xEDB88320;
    case ChecksumKind::crc32c:
      return 0x82F63B78;
    default:
      return 0x9A6C9329AC4BC9B5;
  }
}

std::string big_endian(std::uint64_t value, std::size_t bytes) {
  std::string text(bytes, '\0');
  for (std::size_t i = 0; i < bytes; ++i) text[bytes - 1 - i] = static_cast<char>(value >> (8 * i));
  return text;
}

std::uint64_t from_big_endian(std::string_view text) {
  std::uint64_t value = 0;
  for (const unsigned char c : text) value = value << 8 | c;
  return value;
}

// A linear map on CRC states: row i is what bit i turns into.
using Matrix = std::array<std::uint64_t, 64>;

std::uint64_t multiply(const Matrix& matrix, std::uint64_t value) {
  std::uint64_t sum = 0;
  for (int i = 0; value; ++i, value >>= 1)
    if (value & 1) sum ^= matrix[static_cast<std::size_t>(i)];
  return sum;
}

Matrix squared(const Matrix& matrix) {
  Matrix result{};
  for (std::size_t i = 0; i < 64; ++i) result[i] = multiply(matrix, matrix[i]);
  return result;
}

}  // namespace

std::string_view to_string(ChecksumKind kind) { return names_of(kind).name; }
std::string_view header_of(ChecksumKind kind) { return names_of(kind).header; }
std::string_view element_of(ChecksumKind kind) { return names_of(kind).element; }
std::size_t bytes_of(ChecksumKind kind) { return names_of(kind).bytes; }
bool is_crc(ChecksumKind kind) { return kind < ChecksumKind::sha1; }

std::optional<ChecksumKind> parse_checksum_kind(std::string_view name) {
  for (const auto& n : kNames)
    if (common::equal_ignore_case(n.name, name)) return n.kind;
  return std::nullopt;
}

std::optional<ChecksumKind> checksum_kind_of_header(std::string_view header) {
  for (const auto& n : kNames)
    if (common::equal_ignore_case(n.header, header)) return n.kind;
  return std::nullopt;
}

std::string combine_crc(ChecksumKind kind, std::string_view first, std::string_view second,
                        std::uint64_t second_bytes) {
  // The first CRC moves through as many zero bytes as the second piece has: one bit as a matrix,
  // squared three times for a byte, then by the bits of the length.
  Matrix step{};
  const auto bits = 8 * bytes_of(kind);
  step[0] = polynomial_of(kind);
  for (std::size_t i = 1; i < bits; ++i) step[i] = std::uint64_t{1} << (i - 1);
  for (int i = 0; i < 3; ++i) step = squared(step);
  auto crc = from_big_endian(first);
  for (; second_bytes; second_bytes >>= 1) {
    if (second_bytes & 1) crc = multiply(step, crc);
    step = squared(step);
  }
  return big_endian(crc ^ from_big_endian(second), bytes_of(kind));
}

}  // namespace angophora::walrus
