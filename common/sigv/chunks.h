// The chain of signatures in an aws-chunked body: each chunk's signature covers the one before.
// One thread at a time. Bytes are hashed by the caller as they arrive, framing is his as well.
#pragma once

#include <string>
#include <string_view>

#include "common/sigv/verify.h"

namespace angophora::sigv {

class ChunkChain {
 public:
  // `claim` must have been verified with `secret`; its signature seeds the chain.
  ChunkChain(const Claim& claim, const std::string& secret);

  // SigErrc::mismatch unless `signature` (hex) fits the next chunk, of which `chunk_sha256` is the
  // hex digest. The last chunk is empty.
  Result<> check_chunk(std::string_view signature, std::string_view chunk_sha256);
  // `trailer` is the trailing headers as "name:value\n" lines in lower case, trimmed, in the order
  // sent, without x-amz-trailer-signature.
  Result<> check_trailer(std::string_view signature, std::string_view trailer);

  // For clients: the signature of the next chunk or of the trailer; moves the chain on.
  std::string sign_chunk(std::string_view chunk_sha256);
  std::string sign_trailer(std::string_view trailer);

 private:
  std::string expected(std::string_view algorithm, std::string_view hashes) const;
  std::string key_, timestamp_, scope_, previous_;
};

}  // namespace angophora::sigv
