// Which blobs were read since the start and were what they must be. A blob is checked when it is
// first read; from then on its bytes are sent straight from the file, until the scrubber says
// otherwise.
//
// Threads: any.
#pragma once

#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_set>

#include "walrus/objects/blob_store.h"

namespace angophora::walrus {

class Verifier {
 public:
  // At most so many are remembered; beyond that all are checked once more.
  explicit Verifier(std::size_t count_max = 1'000'000) : count_max_(count_max) {}

  bool knows(std::string_view blob) const;
  void add(std::string_view blob);
  void forget(std::string_view blob);

 private:
  const std::size_t count_max_;
  mutable std::mutex mutex_;  // of what follows
  std::unordered_set<std::uint64_t> known_;
};

// Reads all of a blob; Errc::corrupt when its bytes are not those that `crc32c` is of, or too few.
// The checksum that was found. Blocks.
struct BlobCheck {
  std::uint64_t size_bytes = 0;
  std::int64_t crc32c = kUnknownCrc;
};
Result<std::uint32_t> check_blob(const OpenBlob& blob, const std::string& id,
                                 const BlobCheck& expected);

}  // namespace angophora::walrus
