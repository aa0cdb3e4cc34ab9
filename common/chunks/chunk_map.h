// What a snapshot consists of: chunks of 1 MiB, each named by the SHA-256 of its bytes, and the map
// that says which chunk lies where. Chunks of zeros are in no map and stored nowhere.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/id.h"
#include "common/base/result.h"

namespace angophora::chunks {

using common::Result;

inline constexpr std::uint64_t kChunkBytes = 1 << 20;
inline constexpr std::uint64_t kVolumeBytesMax = std::uint64_t{16} << 40;

using ChunkName = std::array<char, 32>;

ChunkName name_of(std::string_view bytes);
bool is_zeros(std::string_view bytes);
std::string to_hex(const ChunkName& name);
// Errc::invalid_argument unless `hex` are 64 lower-case digits.
Result<ChunkName> parse_name(std::string_view hex);

struct ChunkMap {
  struct Entry {
    std::uint32_t number = 0;  // the chunk begins at this many MiB
    ChunkName name{};
    bool operator==(const Entry&) const = default;
  };
  std::uint64_t volume_bytes = 0;
  std::vector<Entry> entries;  // by number
  bool operator==(const ChunkMap&) const = default;
};

// As it travels: a head, the volume's size, 36 bytes for each entry.
std::string encode(const ChunkMap& map);
// Errc::corrupt when it is not such a map: sizes, order and places are checked.
Result<ChunkMap> decode(std::string_view bytes);
inline constexpr std::size_t kHeadBytes = 16;
inline constexpr std::size_t kEntryBytes = 36;
// What the map of the largest volume takes.
inline constexpr std::size_t kMapBytesMax =
    kHeadBytes + kEntryBytes * (kVolumeBytesMax / kChunkBytes);

// "snap-" or "vol-" and 8 or 17 hex digits: who may own a map or hold one.
bool is_snapshot_id(std::string_view text);
bool is_volume_id(std::string_view text);

}  // namespace angophora::chunks
