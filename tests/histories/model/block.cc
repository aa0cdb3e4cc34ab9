#include "tests/histories/model/block.h"

#include <charconv>
#include <cstdio>

namespace angophora::histories {
namespace {

using common::Errc;

constexpr std::size_t kLineBytes = 64;
constexpr std::string_view kBegin = "HISTORY ";

std::string line_of(const Stamp& s) {
  char text[kLineBytes + 1];
  std::snprintf(text, sizeof text, "HISTORY v%016llx e%08llx b%08x s%08llx",
                static_cast<unsigned long long>(s.volume), static_cast<unsigned long long>(s.epoch),
                s.block, static_cast<unsigned long long>(s.sequence));
  std::string line(text);
  line.resize(kLineBytes - 1, '.');
  return line + '\n';
}

std::uint64_t number_behind(std::string_view line, char letter) {
  const auto at = line.find(std::string(" ") + letter, kBegin.size() - 1);
  if (at == std::string_view::npos) return 0;
  std::uint64_t number = 0;
  std::from_chars(line.data() + at + 2, line.data() + line.size(), number, 16);
  return number;
}

}  // namespace

std::string to_string(const Stamp& s) {
  return "write " + std::to_string(s.sequence) + " to block " + std::to_string(s.block) +
         " of volume " + std::to_string(s.volume) + " in attachment " + std::to_string(s.epoch);
}

std::string block_of(const Stamp& stamp) {
  const auto line = line_of(stamp);
  std::string block;
  block.reserve(kBlockBytes);
  while (block.size() < kBlockBytes) block += line;
  return block;
}

Result<std::optional<Stamp>> read_block(std::string_view bytes) {
  if (bytes.size() != kBlockBytes) return Error(Errc::corrupt, "a block is cut");
  if (bytes.find_first_not_of('\0') == std::string_view::npos) return std::optional<Stamp>();
  const auto line = bytes.substr(0, kLineBytes);
  Stamp stamp;
  stamp.volume = number_behind(line, 'v');
  stamp.epoch = static_cast<std::int64_t>(number_behind(line, 'e'));
  stamp.block = static_cast<std::uint32_t>(number_behind(line, 'b'));
  stamp.sequence = number_behind(line, 's');
  const auto whole = block_of(stamp);
  if (bytes == whole) return std::optional(stamp);
  for (std::size_t at = 0; at < bytes.size(); at += kLineBytes)
    if (bytes.substr(at, kLineBytes) != line)
      return Error(Errc::corrupt, "a block is mixed: " + to_string(stamp) + ", and at byte " +
                                      std::to_string(at) + " other bytes");
  return Error(Errc::corrupt, "a block holds bytes that nobody wrote");
}

}  // namespace angophora::histories
