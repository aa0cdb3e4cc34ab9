#include "common/http/message_body.h"

#include <algorithm>

namespace angophora::http {
namespace {
using common::Duration;
using common::Errc;
using common::Error;

constexpr std::size_t kBodyReceiveBytes = 64 * 1024;
}  // namespace

MessageBody::Framing MessageBody::request_framing(const Head& head) {
  if (head.chunked) return Framing::chunked;
  return head.content_length.value_or(0) > 0 ? Framing::length : Framing::none;
}

MessageBody::Framing MessageBody::response_framing(const Head& head, bool to_head_request) {
  if (to_head_request || head.status == 204 || head.status == 304) return Framing::none;
  if (head.chunked) return Framing::chunked;
  if (!head.content_length) return Framing::until_close;
  return *head.content_length > 0 ? Framing::length : Framing::none;
}

MessageBody::MessageBody(Connection& connection, Framing framing, std::uint64_t length)
    : connection_(connection),
      framing_(framing),
      length_(framing == Framing::length ? length : 0),
      left_(length_),
      ended_(framing == Framing::none) {}

std::optional<std::uint64_t> MessageBody::length() const {
  if (framing_ == Framing::none || framing_ == Framing::length) return length_;
  return std::nullopt;
}

std::optional<std::uint64_t> MessageBody::left() const {
  if (ended_) return 0;
  if (framing_ == Framing::length) return left_;
  return std::nullopt;
}

Task<std::size_t> MessageBody::read(std::span<char> into, Duration progress) {
  if (broken_) co_return Error(Errc::unavailable, "the body has broken off");
  if (ended_ || into.empty()) co_return std::size_t{0};
  connection_.expire_after(progress);
  Result<std::size_t> result = std::size_t{0};
  if (framing_ == Framing::chunked)
    result = co_await read_chunked(into);
  else
    result = co_await read_plain(into);
  connection_.expire_never();
  if (!result) broken_ = true;
  co_return result;
}

// What was received together with the head comes first; the rest goes straight from the socket
// to where the caller wants it.
Task<std::size_t> MessageBody::read_plain(std::span<char> into) {
  if (framing_ == Framing::length)
    into = into.first(static_cast<std::size_t>(std::min<std::uint64_t>(into.size(), left_)));
  Buffer& received = connection_.received();
  std::size_t count = std::min(into.size(), received.size());
  if (count > 0) {
    std::memcpy(into.data(), received.view().data(), count);
    received.consume(count);
  } else {
    CO_TRY(count, co_await connection_.read_some(into));
  }
  if (framing_ == Framing::until_close) {
    ended_ = count == 0;
    co_return count;
  }
  if (count == 0)
    co_return Error(Errc::unavailable,
                    "the body broke off " + std::to_string(left_) + " bytes before its end");
  left_ -= count;
  ended_ = left_ == 0;
  co_return count;
}

Task<std::size_t> MessageBody::read_chunked(std::span<char> into) {
  Buffer& received = connection_.received();
  for (;;) {
    CO_TRY(const auto step, chunks_.decode(received.view(), into));
    received.consume(step.consumed);
    ended_ = chunks_.done();
    if (step.produced > 0 || ended_) co_return step.produced;
    CO_TRY(const std::size_t count, co_await connection_.receive(kBodyReceiveBytes));
    if (count == 0) co_return Error(Errc::unavailable, "the chunked body broke off");
  }
}

}  // namespace angophora::http
