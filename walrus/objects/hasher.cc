#include "walrus/objects/hasher.h"

#include "common/crypto/crc.h"

namespace angophora::walrus {
namespace {

std::string big_endian(std::uint64_t value, std::size_t bytes) {
  std::string text(bytes, '\0');
  for (auto& c : text) c = static_cast<char>(value >> (8 * --bytes));
  return text;
}

}  // namespace

Hasher::Hasher(bool sha256, std::optional<ChecksumKind> checksum)
    : sha256_wanted_(sha256), kind_(checksum) {
  if (sha256 || checksum == ChecksumKind::sha256) sha256_.emplace(crypto::DigestKind::sha256);
  if (checksum == ChecksumKind::sha1) sha1_.emplace(crypto::DigestKind::sha1);
}

void Hasher::add(std::string_view bytes) {
  md5_.update(bytes);
  if (sha1_) sha1_->update(bytes);
  if (sha256_) sha256_->update(bytes);
  if (!kind_) return;
  if (*kind_ == ChecksumKind::crc32) crc_ = crypto::crc32(bytes, static_cast<std::uint32_t>(crc_));
  if (*kind_ == ChecksumKind::crc32c)
    crc_ = crypto::crc32c(bytes, static_cast<std::uint32_t>(crc_));
  if (*kind_ == ChecksumKind::crc64nvme) crc_ = crypto::crc64nvme(bytes, crc_);
}

Digests Hasher::finish() {
  Digests digests;
  digests.md5 = md5_.finish();
  const auto sha256 = sha256_ ? sha256_->finish() : std::string();
  if (sha256_wanted_) digests.sha256 = sha256;
  if (!kind_) return digests;
  if (is_crc(*kind_)) digests.checksum = big_endian(crc_, bytes_of(*kind_));
  if (*kind_ == ChecksumKind::sha256) digests.checksum = sha256;
  if (*kind_ == ChecksumKind::sha1) digests.checksum = sha1_->finish();
  return digests;
}

}  // namespace angophora::walrus
