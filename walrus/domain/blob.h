// Where the bytes of objects lie, as values that travel between the blob store and the database.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "common/base/result.h"

namespace angophora::walrus {

// Where a blob lies: in a pack (a file of many small blobs), from `offset` on, or, with an empty
// name, in a place of its own that its id names.
struct BlobPlace {
  std::string pack;
  std::uint64_t offset = 0;
  bool operator==(const BlobPlace&) const = default;
};

inline constexpr std::int64_t kUnknownCrc = -1;

// A blob that no row refers to yet. Whoever writes the row calls settle() in the same transaction.
struct NewBlob {
  std::string id;
  std::uint64_t size_bytes = 0;
  BlobPlace place;
  std::int64_t crc32c = kUnknownCrc;  // of the bytes as they lie there
  // The bytes are on disk when it returns success. Blocks; at once where a neighbour's call has
  // taken these bytes along. What it holds keeps the pack from being collected.
  std::function<common::Result<>()> settle = nullptr;  // null: they are on disk already
};

// Whether a blob of that id lies in a pack: its id says so from the start and for ever.
inline bool is_packed(std::string_view blob_id) { return blob_id.ends_with("-p"); }
inline bool is_pack_name(std::string_view name) { return name.starts_with("pack-"); }

// Bytes that a blob takes in its pack, what stands in front of it included.
inline constexpr std::uint64_t kPackRecordBytes = 64;
inline std::uint64_t packed_bytes(std::uint64_t size_bytes) {
  return kPackRecordBytes + size_bytes;
}

}  // namespace angophora::walrus
