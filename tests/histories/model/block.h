// Blocks that say who wrote them and when.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "common/base/result.h"

namespace angophora::histories {

using common::Error;
using common::Result;

inline constexpr std::size_t kBlockBytes = 4096;

struct Stamp {
  std::uint64_t volume = 0;
  std::int64_t epoch = 0;  // of the attachment through which it was written
  std::uint32_t block = 0;
  std::uint64_t sequence = 0;  // of all writes to this block, from 1
  bool operator==(const Stamp&) const = default;
};
std::string to_string(const Stamp& stamp);

// The same 64 bytes over and over.
std::string block_of(const Stamp& stamp);
// What the block says; nothing when it is all zeros. Errc::corrupt when its parts say different
// things, or nothing that we wrote.
Result<std::optional<Stamp>> read_block(std::string_view bytes);

}  // namespace angophora::histories
