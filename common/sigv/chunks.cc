#include "common/sigv/chunks.h"

#include "common/base/encoding.h"
#include "common/crypto/digest.h"
#include "common/sigv/canonical.h"
#include "common/sigv/sign.h"

namespace angophora::sigv {
namespace {

constexpr std::string_view kChunkAlgorithm = "AWS4-HMAC-SHA256-PAYLOAD";
constexpr std::string_view kTrailerAlgorithm = "AWS4-HMAC-SHA256-TRAILER";

Result<> compare(const std::string& expected, std::string_view given, const char* what) {
  if (common::equal_constant_time(expected, given)) return common::ok();
  return common::Error(SigErrc::mismatch,
                       std::string("the signature of ") + what + " does not match");
}

}  // namespace

ChunkChain::ChunkChain(const Claim& claim, const std::string& secret)
    : key_(signing_key_v4(secret, claim.date, claim.region, claim.service)),
      timestamp_(common::format_iso8601_basic(claim.signed_at)),
      scope_(claim.date + "/" + claim.region + "/" + claim.service + "/" +
             std::string(kTerminatorV4)),
      previous_(claim.signature) {}

std::string ChunkChain::expected(std::string_view algorithm, std::string_view hashes) const {
  std::string text(algorithm);
  text += "\n" + timestamp_ + "\n" + scope_ + "\n" + previous_ + "\n";
  text += hashes;
  return common::hex_encode(crypto::hmac_sha256(key_, text));
}

std::string ChunkChain::sign_chunk(std::string_view chunk_sha256) {
  std::string hashes(kEmptySha256);
  previous_ = expected(kChunkAlgorithm, hashes.append("\n").append(chunk_sha256));
  return previous_;
}

std::string ChunkChain::sign_trailer(std::string_view trailer) {
  previous_ = expected(kTrailerAlgorithm, crypto::sha256_hex(trailer));
  return previous_;
}

Result<> ChunkChain::check_chunk(std::string_view signature, std::string_view chunk_sha256) {
  return compare(sign_chunk(chunk_sha256), signature, "a chunk");
}

Result<> ChunkChain::check_trailer(std::string_view signature, std::string_view trailer) {
  return compare(sign_trailer(trailer), signature, "the trailer");
}

}  // namespace angophora::sigv
