#include "walrus/objects/blob_store.h"

#include "common/crypto/crc.h"

namespace angophora::walrus {

Result<std::string> read_whole(const OpenBlob& blob, const std::string& id,
                               std::uint64_t size_bytes, std::int64_t crc32c) {
  std::string bytes(size_bytes, '\0');
  TRY_VOID(blob.read(0, bytes));
  if (crc32c != kUnknownCrc && crypto::crc32c(bytes) != crc32c)
    return Error(common::Errc::corrupt,
                 "the bytes of blob " + id + " are not those that were kept");
  return bytes;
}

}  // namespace angophora::walrus
