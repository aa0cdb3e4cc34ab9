#include "common/http/chunked.h"

#include <algorithm>
#include <charconv>
#include <cstring>

namespace angophora::http {
namespace {

using common::Errc;
using common::Error;
using common::ok;
using common::Result;

constexpr std::size_t kLineBytesMax = 4096;
constexpr std::size_t kTrailerBytesMax = 16 * 1024;

// "1A" or "1A;name=value"; no sign, no prefix, no space before the number.
Result<std::uint64_t> parse_size(std::string_view line) {
  const auto digits = line.substr(0, line.find_first_of("; \t"));
  std::uint64_t size = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), size, 16);
  if (error != std::errc() || end != digits.data() + digits.size() || digits.size() > 16)
    return Error(Errc::corrupt, "a chunk's size is no hexadecimal number");
  const auto rest = line.substr(digits.size());
  const auto mark = rest.find_first_not_of(" \t");
  if (mark != std::string_view::npos && rest[mark] != ';')
    return Error(Errc::corrupt, "there is something else than an extension behind a chunk's size");
  return size;
}

}  // namespace

Result<> ChunkDecoder::take_line_byte(char byte) {
  if (byte == '\n') {
    if (line_.empty() || line_.back() != '\r')
      return Error(Errc::corrupt, "a line of the chunked body ends without CR");
    line_.pop_back();
    return end_line();
  }
  const bool after_cr = !line_.empty() && line_.back() == '\r';
  const bool is_control = static_cast<unsigned char>(byte) < ' ' && byte != '\t' && byte != '\r';
  if (after_cr || is_control || byte == '\x7f')
    return Error(Errc::corrupt, "a line of the chunked body has a control character");
  if (line_.size() >= kLineBytesMax)
    return Error(Errc::corrupt, "a line of the chunked body is too long");
  line_.push_back(byte);
  return ok();
}

Result<> ChunkDecoder::end_line() {
  const std::string line = std::move(line_);
  line_.clear();
  switch (state_) {
    case State::size_line: {
      TRY(left_, parse_size(line));
      state_ = left_ ? State::data : State::trailer;
      return ok();
    }
    case State::data_end:
      if (!line.empty()) return Error(Errc::corrupt, "a chunk is longer than its size");
      state_ = State::size_line;
      return ok();
    default:
      trailer_bytes_ += line.size() + 2;
      if (trailer_bytes_ > kTrailerBytesMax)
        return Error(Errc::corrupt, "the trailer of the chunked body is too long");
      if (line.empty()) state_ = State::done;
      return ok();
  }
}

Result<ChunkDecoder::Step> ChunkDecoder::decode(std::string_view encoded, std::span<char> into) {
  Step step;
  while (!done() && step.consumed < encoded.size()) {
    if (state_ != State::data) {
      TRY_VOID(take_line_byte(encoded[step.consumed]));
      ++step.consumed;
      continue;
    }
    if (step.produced == into.size()) break;
    const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(
        left_, std::min(encoded.size() - step.consumed, into.size() - step.produced)));
    std::memcpy(into.data() + step.produced, encoded.data() + step.consumed, count);
    step.consumed += count;
    step.produced += count;
    left_ -= count;
    if (left_ == 0) state_ = State::data_end;
  }
  return step;
}

std::string chunk_header(std::size_t size) {
  char digits[16];
  const auto end = std::to_chars(digits, digits + sizeof digits, size, 16).ptr;
  return std::string(digits, end) + "\r\n";
}

}  // namespace angophora::http
