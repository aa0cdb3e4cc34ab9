// The maps of snapshots as they come from the object store or a disk, and the names of chunks and
// snapshots as they come in a request's path.
#include "common/chunks/chunk_map.h"
#include "tests/fuzz/fuzz.h"

namespace {

using namespace angophora;

// What is taken for a map is one: in order, inside the volume, and the same bytes again.
void map(std::string_view bytes) {
  const auto read = chunks::decode(bytes);
  if (!read) return;
  const auto& found = read.assume_value();
  fuzz::require(chunks::encode(found) == bytes);
  fuzz::require(found.volume_bytes % chunks::kChunkBytes == 0 &&
                found.volume_bytes <= chunks::kVolumeBytesMax);
  std::uint64_t next = 0;
  for (const auto& entry : found.entries) {
    fuzz::require(entry.number >= next && entry.number < found.volume_bytes / chunks::kChunkBytes);
    next = std::uint64_t{entry.number} + 1;
  }
}

void name(std::string_view text) {
  const auto read = chunks::parse_name(text);
  if (read) fuzz::require(chunks::to_hex(read.assume_value()) == text);
}

// They become parts of files' names.
void id(std::string_view text) {
  if (chunks::is_snapshot_id(text) || chunks::is_volume_id(text))
    fuzz::require(text.find_first_of("/.\n") == std::string_view::npos && text.size() < 25);
}

// Zeros are told from everything else.
void zeros(std::string_view bytes) {
  fuzz::require(chunks::is_zeros(bytes) ==
                (bytes.find_first_not_of('\0') == std::string_view::npos));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::choose(data, size, {map, name, id, zeros});
  return 0;
}
