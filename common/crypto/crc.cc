#include "common/crypto/crc.h"

#include <array>
#include <cstddef>
#include <cstring>

#if defined(__x86_64__)
#include <nmmintrin.h>
#endif

namespace angophora::crypto {
namespace {

// Eight tables, so that eight bytes are taken at a step ("slicing by eight").
template <class Word>
using Tables = std::array<std::array<Word, 256>, 8>;

template <class Word>
constexpr Tables<Word> make_tables(Word reflected_polynomial) {
  Tables<Word> tables{};
  for (unsigned byte = 0; byte < 256; ++byte) {
    Word value = byte;
    for (int bit = 0; bit < 8; ++bit)
      value = (value & 1) ? (value >> 1) ^ reflected_polynomial : value >> 1;
    tables[0][byte] = value;
  }
  for (std::size_t t = 1; t < 8; ++t)
    for (unsigned byte = 0; byte < 256; ++byte)
      tables[t][byte] = (tables[t - 1][byte] >> 8) ^ tables[0][tables[t - 1][byte] & 0xff];
  return tables;
}

const auto kCrc32 = make_tables<std::uint32_t>(0xEDB88320u);
const auto kCrc32c = make_tables<std::uint32_t>(0x82F63B78u);
const auto kCrc64 = make_tables<std::uint64_t>(0x9A6C9329AC4BC9B5ull);

template <class Word>
Word run(const Tables<Word>& tables, std::string_view bytes, Word before) {
  const auto* p = reinterpret_cast<const unsigned char*>(bytes.data());
  std::size_t left = bytes.size();
  Word crc = ~before;
  for (; left >= 8; left -= 8, p += 8) {
    Word next = 0;
    for (std::size_t i = 0; i < 8; ++i) {
      const unsigned old = i < sizeof(Word) ? (crc >> (8 * i)) & 0xff : 0;
      next ^= tables[7 - i][p[i] ^ old];
    }
    crc = next;
  }
  for (; left > 0; --left, ++p) crc = (crc >> 8) ^ tables[0][(crc ^ *p) & 0xff];
  return ~crc;
}

#if defined(__x86_64__)
// The processor's own instruction: some 8 GB/s.
__attribute__((target("sse4.2"))) std::uint32_t crc32c_by_processor(std::string_view bytes,
                                                                    std::uint32_t before) {
  const char* p = bytes.data();
  std::size_t left = bytes.size();
  std::uint64_t crc = ~before;
  for (; left >= 8; left -= 8, p += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, p, 8);
    crc = _mm_crc32_u64(crc, word);
  }
  for (; left > 0; --left, ++p)
    crc = _mm_crc32_u8(static_cast<std::uint32_t>(crc), static_cast<unsigned char>(*p));
  return ~static_cast<std::uint32_t>(crc);
}
const bool kProcessorKnowsCrc32c = __builtin_cpu_supports("sse4.2") != 0;
#endif

}  // namespace

std::uint32_t crc32(std::string_view bytes, std::uint32_t before) {
  return run(kCrc32, bytes, before);
}
std::uint32_t crc32c(std::string_view bytes, std::uint32_t before) {
#if defined(__x86_64__)
  if (kProcessorKnowsCrc32c) return crc32c_by_processor(bytes, before);
#endif
  return run(kCrc32c, bytes, before);
}
std::uint64_t crc64nvme(std::string_view bytes, std::uint64_t before) {
  return run(kCrc64, bytes, before);
}

}  // namespace angophora::crypto
