#include "walrus/objects/body_check.h"

#include "common/base/encoding.h"
#include "walrus/domain/s3_errors.h"

namespace angophora::walrus {
namespace {

Error bad_checksum(ChecksumKind kind, std::string_view client, std::string_view computed) {
  return Error(S3Errc::bad_digest, "The " + std::string(to_string(kind)) + " you specified (" +
                                       common::base64_encode(client) +
                                       ") did not match the calculated checksum (" +
                                       common::base64_encode(computed) + ").");
}

}  // namespace

BodyCheck::BodyCheck(BodyPromise promise)
    : promise_(std::move(promise)), hasher_(!promise_.sha256_hex.empty(), promise_.checksum_kind) {
  if (promise_.aws_chunked) decoder_.emplace(std::move(promise_.chain), promise_.trailer);
}

Result<> BodyCheck::take(std::string_view bytes, const Receiver& receiver) {
  if (!decoder_) return on_data(bytes, receiver);
  return decoder_->feed(bytes, [&](std::string_view data) { return on_data(data, receiver); });
}

Result<> BodyCheck::on_data(std::string_view data, const Receiver& receiver) {
  if (data.empty()) return common::ok();
  size_bytes_ += data.size();
  if (size_bytes_ > kObjectBytesMax)
    return Error(S3Errc::entity_too_large, "Your proposed upload exceeds the maximum allowed size");
  if (promise_.size_bytes && size_bytes_ > *promise_.size_bytes)
    return Error(S3Errc::invalid_request, "The body is longer than its announced length.");
  hasher_.add(data);
  return receiver(data);
}

Result<Digests> BodyCheck::finish() {
  if (decoder_) TRY_VOID(decoder_->finish());
  if (promise_.size_bytes && size_bytes_ != *promise_.size_bytes)
    return Error(
        S3Errc::incomplete_body,
        "You did not provide the number of bytes specified by the Content-Length HTTP header");
  auto digests = hasher_.finish();
  if (!promise_.md5.empty() && promise_.md5 != digests.md5)
    return Error(S3Errc::bad_digest,
                 "The Content-MD5 you specified did not match what we received.");
  if (!promise_.sha256_hex.empty() && promise_.sha256_hex != common::hex_encode(digests.sha256))
    return Error(S3Errc::content_sha256_mismatch,
                 "The provided 'x-amz-content-sha256' header does not match what was computed.");
  TRY_VOID(compare_checksum(digests));
  return digests;
}

Result<> BodyCheck::compare_checksum(const Digests& digests) const {
  if (!promise_.checksum_kind) return common::ok();
  if (!promise_.checksum.empty() && promise_.checksum != digests.checksum)
    return bad_checksum(*promise_.checksum_kind, promise_.checksum, digests.checksum);
  if (promise_.checksum_trailer.empty()) return common::ok();
  return compare_trailer(digests);
}

Result<> BodyCheck::compare_trailer(const Digests& digests) const {
  const auto kind = *promise_.checksum_kind;
  if (decoder_) {
    for (const auto& [name, value] : decoder_->trailer()) {
      if (name != promise_.checksum_trailer) continue;
      const auto sent = common::base64_decode(value);
      if (!sent || sent->size() != bytes_of(kind))
        return Error(S3Errc::invalid_request, "Value for " + name + " trailing header is invalid.");
      if (*sent != digests.checksum) return bad_checksum(kind, *sent, digests.checksum);
      return common::ok();
    }
  }
  return Error(S3Errc::invalid_request,
               "The trailing header " + promise_.checksum_trailer + " was announced but not sent.");
}

}  // namespace angophora::walrus
