// Feeds the tar reader whatever a fuzzer thinks of, in pieces that the first byte decides; nothing
// may be written outside the announced size. The checksums of the first blocks are put right, or
// hardly any input would get past them.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "nc/images/tar_reader.h"

namespace {

void mend_checksum(char* block) {
  std::fill_n(block + 148, 8, ' ');
  unsigned sum = 0;
  for (int i = 0; i < 512; ++i) sum += static_cast<unsigned char>(block[i]);
  std::snprintf(block + 148, 8, "%06o", sum);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace angophora;
  constexpr std::uint64_t kFileBytesMax = 1 << 20;
  if (size == 0) return 0;
  const std::size_t piece = 1 + data[0] * 5;
  std::string bytes_in(reinterpret_cast<const char*>(data) + 1, size - 1);
  for (std::size_t at = 0; at + 512 <= std::min<std::size_t>(bytes_in.size(), 2048); at += 512)
    mend_checksum(bytes_in.data() + at);
  const std::string_view stream(bytes_in);
  nc::TarReader reader(
      [](std::uint64_t offset, std::string_view bytes) -> common::Result<> {
        if (offset > kFileBytesMax || bytes.size() > kFileBytesMax - offset) std::abort();
        return common::ok();
      },
      kFileBytesMax);
  for (std::size_t at = 0; at < stream.size(); at += piece)
    if (!reader.push(stream.substr(at, piece))) return 0;
  if (const auto end = reader.finish(); end && end.assume_value() > kFileBytesMax) std::abort();
  return 0;
}
