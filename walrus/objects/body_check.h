// Unframes and hashes a body and compares it with what the client promised about it.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "walrus/objects/aws_chunked.h"
#include "walrus/objects/hasher.h"

namespace angophora::walrus {

inline constexpr std::uint64_t kObjectBytesMax = std::uint64_t{5} << 30;  // of one PUT

// What the client says about a body.
struct BodyPromise {
  bool aws_chunked = false;
  bool trailer = false;                       // of the aws-chunked form
  std::unique_ptr<sigv::ChunkChain> chain;    // of signed chunks
  std::optional<std::uint64_t> size_bytes;    // of the data, when known
  std::string md5;                            // raw, from Content-MD5
  std::string sha256_hex;                     // from a signed x-amz-content-sha256
  std::optional<ChecksumKind> checksum_kind;  // to be computed
  std::string checksum;                       // raw, from x-amz-checksum-*
  std::string checksum_trailer;               // name of the trailing header that will hold it
};

// Threads: one at a time.
// Errors:  S3Errc::bad_digest, content_sha256_mismatch, incomplete_body, entity_too_large,
//          invalid_request, and those of AwsChunkedDecoder and of the data's receiver.
class BodyCheck {
 public:
  using Receiver = AwsChunkedDecoder::Sink;
  explicit BodyCheck(BodyPromise promise);

  // Hands the data in `bytes`, as they came over the wire, to `receiver`.
  Result<> take(std::string_view bytes, const Receiver& receiver);
  // The digests, when all that was promised is true.
  Result<Digests> finish();
  std::uint64_t size_bytes() const { return size_bytes_; }
  std::optional<std::uint64_t> promised_bytes() const { return promise_.size_bytes; }

 private:
  Result<> on_data(std::string_view data, const Receiver& receiver);
  Result<> compare_checksum(const Digests& digests) const;
  Result<> compare_trailer(const Digests& digests) const;

  BodyPromise promise_;
  Hasher hasher_;
  std::optional<AwsChunkedDecoder> decoder_;
  std::uint64_t size_bytes_ = 0;
};

}  // namespace angophora::walrus
