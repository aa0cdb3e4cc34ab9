#include "walrus/s3/body.h"

#include "common/base/encoding.h"
#include "common/base/text.h"
#include "walrus/domain/checksum.h"

namespace angophora::walrus {
namespace {

using common::trim;

bool is_sha256_hex(std::string_view text) {
  return text.size() == 64 && common::hex_decode(text).has_value();
}

// How the body is framed and whether its hash was signed.
Result<> add_framing(const S3Call& call, BodyPromise& promise) {
  const auto hash = call.header("x-amz-content-sha256");
  const bool v4 = call.claim && (call.claim->scheme == sigv::Scheme::v4_header ||
                                 call.claim->scheme == sigv::Scheme::v4_query);
  if (v4 && call.claim->payload == sigv::Payload::signed_hash)
    promise.sha256_hex = call.claim->payload_hash;
  if (!v4 && is_sha256_hex(hash)) promise.sha256_hex = common::to_lower(hash);
  if (!hash.starts_with("STREAMING-")) return common::ok();
  promise.aws_chunked = true;
  promise.trailer = hash.ends_with("-TRAILER");
  if (hash == "STREAMING-UNSIGNED-PAYLOAD-TRAILER") return common::ok();
  if (hash != "STREAMING-AWS4-HMAC-SHA256-PAYLOAD" &&
      hash != "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER")
    return Error(S3Errc::not_implemented,
                 "The value of x-amz-content-sha256 is not offered: " + std::string(hash) + ".");
  if (!v4) return invalid_request("Signed chunks need a Signature Version 4.");
  promise.chain = std::make_unique<sigv::ChunkChain>(*call.claim, call.secret);
  return common::ok();
}

Result<> add_size(const S3Call& call, BodyPromise& promise) {
  const auto too_large = [](std::uint64_t bytes) { return bytes > kObjectBytesMax; };
  const Error refusal(S3Errc::entity_too_large,
                      "Your proposed upload exceeds the maximum allowed size");
  if (promise.aws_chunked) {
    const auto text = call.header("x-amz-decoded-content-length");
    const auto bytes = common::parse_number<std::uint64_t>(text);
    if (!bytes)
      return Error(S3Errc::missing_content_length,
                   "You must provide the x-amz-decoded-content-length HTTP header.");
    if (too_large(*bytes)) return refusal;
    promise.size_bytes = *bytes;
    return common::ok();
  }
  if (!call.has_header("content-length") && !call.has_header("transfer-encoding"))
    return Error(S3Errc::missing_content_length,
                 "You must provide the Content-Length HTTP header.");
  promise.size_bytes = call.http.body->length();
  if (too_large(promise.size_bytes.value_or(0))) return refusal;
  return common::ok();
}

Result<> add_md5(const S3Call& call, BodyPromise& promise) {
  if (!call.has_header("content-md5")) return common::ok();
  auto md5 = common::base64_decode(call.header("content-md5"));
  if (!md5 || md5->size() != 16)
    return Error(S3Errc::invalid_digest, "The Content-MD5 you specified was invalid.");
  promise.md5 = std::move(*md5);
  return common::ok();
}

Result<> add_checksum_header(const S3Call& call, BodyPromise& promise) {
  TRY(const auto sent, checksum_header_of(call));
  if (!sent) return common::ok();
  promise.checksum_kind = sent->kind;
  promise.checksum = *common::base64_decode(sent->value);
  return common::ok();
}

Result<> add_checksum_trailer(const S3Call& call, BodyPromise& promise) {
  for (const auto part : common::split(call.header("x-amz-trailer"), ',')) {
    const auto name = common::to_lower(trim(part));
    if (name.empty()) continue;
    const auto kind = checksum_kind_of_header(name);
    if (!kind || !promise.trailer)
      return invalid_request("The value specified in the x-amz-trailer header is not supported");
    if (promise.checksum_kind) return invalid_request("Expecting a single x-amz-checksum- header");
    promise.checksum_kind = kind;
    promise.checksum_trailer = name;
  }
  return common::ok();
}

Result<> add_checksum(const S3Call& call, BodyPromise& promise) {
  TRY_VOID(add_checksum_header(call, promise));
  TRY_VOID(add_checksum_trailer(call, promise));
  const auto named = call.header("x-amz-sdk-checksum-algorithm");
  if (named.empty()) return common::ok();
  const auto kind = parse_checksum_kind(named);
  if (!kind) return invalid_request("Value for x-amz-sdk-checksum-algorithm header is invalid.");
  if (!promise.checksum_kind)
    return invalid_request(
        "x-amz-sdk-checksum-algorithm specified, but no corresponding x-amz-checksum-* or "
        "x-amz-trailer headers were found.");
  if (promise.checksum_kind != kind)
    return invalid_request("Value for x-amz-sdk-checksum-algorithm header is invalid.");
  return common::ok();
}

}  // namespace

Result<std::optional<StoredChecksum>> checksum_header_of(const S3Call& call) {
  std::optional<StoredChecksum> found;
  for (const auto kind : kChecksumKinds) {
    const std::string name(header_of(kind));
    if (!call.has_header(name)) continue;
    const auto value = common::base64_decode(call.header(name));
    if (!value || value->size() != bytes_of(kind))
      return Error(S3Errc::bad_digest, "Value for " + name + " header is invalid.");
    if (found)
      return invalid_request(
          "Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.");
    found = StoredChecksum{kind, false, common::base64_encode(*value)};
  }
  return found;
}

Result<BodyPromise> promise_of(const S3Call& call, ChecksumOf checksum_of) {
  BodyPromise promise;
  TRY_VOID(add_framing(call, promise));
  TRY_VOID(add_size(call, promise));
  TRY_VOID(add_md5(call, promise));
  if (checksum_of == ChecksumOf::body) TRY_VOID(add_checksum(call, promise));
  return promise;
}

Task<std::string> read_document(S3Call& call, std::size_t bytes_max, ChecksumOf checksum_of) {
  // A document may be missing altogether, and come without a length then.
  if (!call.has_header("content-length") && !call.has_header("transfer-encoding"))
    co_return std::string();
  CO_TRY(auto promise, promise_of(call, checksum_of));
  if (promise.size_bytes.value_or(0) > bytes_max)
    co_return Error(S3Errc::max_message_length_exceeded, "Your request was too large.");
  // Framing of chunks adds a little.
  const std::size_t wire_bytes_max = bytes_max + bytes_max / 8 + 4096;
  auto wire = co_await call.http.body->read_all(wire_bytes_max);
  if (!wire) {
    if (wire.error().code == common::Errc::limit_exceeded)
      co_return Error(S3Errc::max_message_length_exceeded, "Your request was too large.");
    co_return Error(S3Errc::incomplete_body, "The request body terminated unexpectedly");
  }
  BodyCheck check(std::move(promise));
  std::string document;
  const BodyCheck::Receiver append = [&](std::string_view data) -> Result<> {
    document += data;
    return common::ok();
  };
  CO_TRY_VOID(check.take(wire.value(), append));
  CO_TRY_VOID(check.finish());
  co_return document;
}

Task<xml::Element> read_xml(S3Call& call, std::size_t bytes_max, ChecksumOf checksum_of) {
  CO_TRY(const auto document, co_await read_document(call, bytes_max, checksum_of));
  xml::Limits limits;
  limits.bytes_max = bytes_max;
  limits.depth_max = 16;
  auto root = xml::read(document, limits);
  if (!root)
    co_return Error(S3Errc::malformed_xml,
                    "The XML you provided was not well-formed or did not "
                    "validate against our published schema");
  co_return std::move(root).assume_value();
}

}  // namespace angophora::walrus
