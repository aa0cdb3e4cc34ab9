#include "walrus/objects/verifier.h"

#include <algorithm>
#include <functional>

#include "common/crypto/crc.h"

namespace angophora::walrus {
namespace {

constexpr std::uint64_t kPieceBytes = 256 * 1024;

std::uint64_t hash_of(std::string_view blob) { return std::hash<std::string_view>()(blob); }

}  // namespace

bool Verifier::knows(std::string_view blob) const {
  std::lock_guard lock(mutex_);
  return known_.contains(hash_of(blob));
}

void Verifier::add(std::string_view blob) {
  std::lock_guard lock(mutex_);
  if (known_.size() >= count_max_) known_.clear();
  known_.insert(hash_of(blob));
}

void Verifier::forget(std::string_view blob) {
  std::lock_guard lock(mutex_);
  known_.erase(hash_of(blob));
}

Result<std::uint32_t> check_blob(const OpenBlob& blob, const std::string& id,
                                 const BlobCheck& expected) {
  std::string piece(std::min(expected.size_bytes, kPieceBytes), '\0');
  std::uint32_t crc = 0;
  for (std::uint64_t at = 0; at < expected.size_bytes; at += piece.size()) {
    piece.resize(std::min(kPieceBytes, expected.size_bytes - at));
    TRY_VOID(blob.read(at, piece));
    crc = crypto::crc32c(piece, crc);
  }
  if (expected.crc32c != kUnknownCrc && crc != expected.crc32c)
    return Error(common::Errc::corrupt,
                 "the bytes of blob " + id + " are not those that were kept");
  return crc;
}

}  // namespace angophora::walrus
