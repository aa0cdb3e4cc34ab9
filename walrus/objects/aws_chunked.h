// Takes an aws-chunked body apart while it arrives (x-amz-content-sha256: STREAMING-...): sizes,
// data, signatures of chunks, trailing headers.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/base/result.h"
#include "common/crypto/digest.h"
#include "common/sigv/chunks.h"

namespace angophora::walrus {

using common::Error;
using common::Result;

// One thread at a time. Errors: S3Errc::incomplete_body for a body that ends early,
// S3Errc::invalid_request for one that does not read, S3Errc::signature_does_not_match.
class AwsChunkedDecoder {
 public:
  using Sink = std::function<Result<>(std::string_view)>;
  using Trailer = std::vector<std::pair<std::string, std::string>>;  // names in lower case

  // `chain` is null when chunks are not signed; `trailer_expected` when headers come behind.
  AwsChunkedDecoder(std::unique_ptr<sigv::ChunkChain> chain, bool trailer_expected);

  // Hands the data in `bytes` to `sink`. Data is handed on before its chunk's signature is checked:
  // nothing counts before finish().
  Result<> feed(std::string_view bytes, const Sink& sink);
  // Call after the last byte.
  Result<> finish();
  const Trailer& trailer() const { return trailer_; }

 private:
  enum class State { size_line, data, data_end, trailer_line, done };
  Result<bool> take_line(std::string_view& bytes);  // true when line_ is whole
  Result<> on_size_line();
  Result<> on_data(std::string_view& bytes, const Sink& sink);
  Result<> on_data_end();
  Result<> on_trailer_line();
  Result<> end_chunk();

  std::unique_ptr<sigv::ChunkChain> chain_;
  bool trailer_expected_;
  State state_ = State::size_line;
  std::string line_;
  std::uint64_t left_ = 0;  // of the chunk
  bool last_ = false;       // the chunk of size 0
  std::string signature_;   // of the chunk
  crypto::Digest digest_{crypto::DigestKind::sha256};
  Trailer trailer_;
  std::string trailer_signed_text_, trailer_signature_;
};

}  // namespace angophora::walrus
