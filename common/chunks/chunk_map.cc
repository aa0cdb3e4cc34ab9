#include "common/chunks/chunk_map.h"

#include <algorithm>

#include "common/base/encoding.h"
#include "common/crypto/digest.h"

namespace angophora::chunks {
namespace {

using common::Errc;
using common::Error;

constexpr std::string_view kMagic = "ANGOMAP1";

void put_number(std::string& to, std::uint64_t number, int bytes) {
  for (int i = bytes - 1; i >= 0; --i) to.push_back(static_cast<char>(number >> (8 * i)));
}

std::uint64_t get_number(std::string_view from, std::size_t bytes) {
  std::uint64_t number = 0;
  for (const char c : from.substr(0, bytes)) number = number << 8 | static_cast<unsigned char>(c);
  return number;
}

bool is_hex(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); }

bool is_id(std::string_view text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return (text.size() == 8 || text.size() == 17) && std::all_of(text.begin(), text.end(), is_hex);
}

}  // namespace

ChunkName name_of(std::string_view bytes) {
  ChunkName name;
  crypto::sha256(bytes).copy(name.data(), name.size());
  return name;
}

bool is_zeros(std::string_view bytes) {
  // The first byte is zero, and every byte is as the one before.
  return bytes.empty() ||
         (bytes[0] == '\0' && bytes.substr(1) == bytes.substr(0, bytes.size() - 1));
}

std::string to_hex(const ChunkName& name) {
  return common::hex_encode(std::string_view(name.data(), name.size()));
}

Result<ChunkName> parse_name(std::string_view hex) {
  ChunkName name;
  if (hex.size() != 2 * name.size() || !std::all_of(hex.begin(), hex.end(), is_hex))
    return Error(Errc::invalid_argument,
                 "'" + std::string(hex.substr(0, 80)) + "' is not the name of a chunk");
  common::hex_decode(hex)->copy(name.data(), name.size());
  return name;
}

std::string encode(const ChunkMap& map) {
  std::string bytes(kMagic);
  bytes.reserve(kHeadBytes + kEntryBytes * map.entries.size());
  put_number(bytes, map.volume_bytes, 8);
  for (const auto& entry : map.entries) {
    put_number(bytes, entry.number, 4);
    bytes.append(entry.name.data(), entry.name.size());
  }
  return bytes;
}

Result<ChunkMap> decode(std::string_view bytes) {
  auto wrong = [](const char* what) {
    return Error(Errc::corrupt, std::string("the map of a snapshot ") + what);
  };
  if (bytes.size() < kHeadBytes || !bytes.starts_with(kMagic) ||
      (bytes.size() - kHeadBytes) % kEntryBytes != 0)
    return wrong("is cut or no map");
  ChunkMap map;
  map.volume_bytes = get_number(bytes.substr(kMagic.size()), 8);
  if (map.volume_bytes == 0 || map.volume_bytes > kVolumeBytesMax ||
      map.volume_bytes % kChunkBytes != 0)
    return wrong("names an impossible size");
  bytes.remove_prefix(kHeadBytes);
  map.entries.reserve(bytes.size() / kEntryBytes);
  for (; !bytes.empty(); bytes.remove_prefix(kEntryBytes)) {
    ChunkMap::Entry entry;
    entry.number = static_cast<std::uint32_t>(get_number(bytes, 4));
    if (entry.number >= map.volume_bytes / kChunkBytes) return wrong("has a chunk behind the end");
    if (!map.entries.empty() && entry.number <= map.entries.back().number)
      return wrong("is out of order");
    bytes.substr(4, entry.name.size()).copy(entry.name.data(), entry.name.size());
    map.entries.push_back(entry);
  }
  return map;
}

bool is_snapshot_id(std::string_view text) { return is_id(text, "snap-"); }
bool is_volume_id(std::string_view text) { return is_id(text, "vol-"); }

}  // namespace angophora::chunks
