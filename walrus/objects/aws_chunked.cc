#include "walrus/objects/aws_chunked.h"

#include <algorithm>

#include "common/base/text.h"
#include "walrus/domain/s3_errors.h"

namespace angophora::walrus {
namespace {

constexpr std::size_t kLineBytesMax = 4096;
constexpr std::size_t kTrailerLinesMax = 32;
constexpr std::string_view kTrailerSignature = "x-amz-trailer-signature";

Error bad_chunk(std::string_view what) {
  return Error(S3Errc::invalid_request,
               "The aws-chunked body does not read: " + std::string(what) + ".");
}

}  // namespace

AwsChunkedDecoder::AwsChunkedDecoder(std::unique_ptr<sigv::ChunkChain> chain, bool trailer_expected)
    : chain_(std::move(chain)), trailer_expected_(trailer_expected) {}

Result<> AwsChunkedDecoder::feed(std::string_view bytes, const Sink& sink) {
  while (!bytes.empty()) {
    if (state_ == State::done) return bad_chunk("there are bytes behind its end");
    if (state_ == State::data) {
      TRY_VOID(on_data(bytes, sink));
      continue;
    }
    TRY(const bool whole, take_line(bytes));
    if (!whole) return common::ok();
    if (state_ == State::size_line) {
      TRY_VOID(on_size_line());
    } else if (state_ == State::data_end) {
      TRY_VOID(on_data_end());
    } else {
      TRY_VOID(on_trailer_line());
    }
    line_.clear();
  }
  return common::ok();
}

Result<bool> AwsChunkedDecoder::take_line(std::string_view& bytes) {
  const auto end = bytes.find('\n');
  const auto piece = bytes.substr(0, end);
  if (line_.size() + piece.size() > kLineBytesMax) return bad_chunk("a line is too long");
  line_ += piece;
  bytes.remove_prefix(std::min(bytes.size(), piece.size() + 1));
  if (end == std::string_view::npos) return false;
  if (!line_.empty() && line_.back() == '\r') line_.pop_back();
  return true;
}

Result<> AwsChunkedDecoder::on_size_line() {
  const auto parts = common::split(line_, ';');
  const auto size = common::trim(parts[0]);
  const auto [end, error] = std::from_chars(size.data(), size.data() + size.size(), left_, 16);
  if (size.empty() || error != std::errc() || end != size.data() + size.size())
    return bad_chunk("a chunk has no size");
  signature_.clear();
  for (std::size_t i = 1; i < parts.size(); ++i) {
    constexpr std::string_view kName = "chunk-signature=";
    const auto extension = common::trim(parts[i]);
    if (extension.starts_with(kName)) signature_ = extension.substr(kName.size());
  }
  last_ = left_ == 0;
  if (!last_) {
    state_ = State::data;
    return common::ok();
  }
  TRY_VOID(end_chunk());
  state_ = State::trailer_line;
  return common::ok();
}

Result<> AwsChunkedDecoder::on_data(std::string_view& bytes, const Sink& sink) {
  const auto piece = bytes.substr(0, std::min<std::uint64_t>(left_, bytes.size()));
  bytes.remove_prefix(piece.size());
  left_ -= piece.size();
  if (chain_) digest_.update(piece);
  TRY_VOID(sink(piece));
  if (left_ == 0) state_ = State::data_end;
  return common::ok();
}

Result<> AwsChunkedDecoder::on_data_end() {
  if (!line_.empty()) return bad_chunk("a chunk is longer than its size");
  TRY_VOID(end_chunk());
  state_ = State::size_line;
  return common::ok();
}

Result<> AwsChunkedDecoder::end_chunk() {
  if (!chain_) return common::ok();
  if (!chain_->check_chunk(signature_, digest_.finish_hex()))
    return Error(S3Errc::signature_does_not_match,
                 "The signature of a chunk does not match its data.");
  return common::ok();
}

Result<> AwsChunkedDecoder::on_trailer_line() {
  const auto text = common::trim(line_);
  if (text.empty()) {
    // Signed trailers have an empty line in front of their signature in some clients.
    const bool signature_missing = chain_ && trailer_expected_ && trailer_signature_.empty();
    if (!signature_missing || trailer_.empty()) state_ = State::done;
    return common::ok();
  }
  const auto colon = text.find(':');
  if (colon == std::string_view::npos) return bad_chunk("a trailing header has no colon");
  auto name = common::to_lower(common::trim(text.substr(0, colon)));
  std::string value(common::trim(text.substr(colon + 1)));
  if (!trailer_expected_) return bad_chunk("it has a trailer that was not announced");
  if (trailer_.size() == kTrailerLinesMax) return bad_chunk("it has too many trailing headers");
  if (name == kTrailerSignature) {
    trailer_signature_ = std::move(value);
    return common::ok();
  }
  trailer_signed_text_ += name + ":" + value + "\n";
  trailer_.emplace_back(std::move(name), std::move(value));
  return common::ok();
}

Result<> AwsChunkedDecoder::finish() {
  // Some clients leave the last line end away.
  const bool at_end = state_ == State::done || (state_ == State::trailer_line && line_.empty());
  if (!at_end)
    return Error(
        S3Errc::incomplete_body,
        "You did not provide the number of bytes specified by the Content-Length HTTP header");
  if (!chain_ || !trailer_expected_ || (trailer_.empty() && trailer_signature_.empty()))
    return common::ok();
  if (!chain_->check_trailer(trailer_signature_, trailer_signed_text_))
    return Error(S3Errc::signature_does_not_match,
                 "The signature of the trailing headers does not match them.");
  return common::ok();
}

}  // namespace angophora::walrus
