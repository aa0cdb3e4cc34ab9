// The body of a message on a connection, as its head announced it.
#pragma once

#include <memory>

#include "common/http/chunked.h"
#include "common/http/connection.h"
#include "common/http/head.h"

namespace angophora::http {

class MessageBody {
 public:
  enum class Framing { none, length, chunked, until_close };

  // A request without Content-Length and chunks has no body; an answer's then ends with the
  // connection.
  static Framing request_framing(const Head& head);
  static Framing response_framing(const Head& head, bool to_head_request);

  MessageBody(Connection& connection, Framing framing, std::uint64_t length);

  // As BodyReader::read; each step may take `progress`. A body that breaks off is
  // Errc::unavailable, a broken coding Errc::corrupt; both for good.
  Task<std::size_t> read(std::span<char> into, common::Duration progress);

  bool at_end() const { return ended_; }
  bool broken() const { return broken_; }
  std::optional<std::uint64_t> length() const;
  // Bytes still to come, when that is known.
  std::optional<std::uint64_t> left() const;

 private:
  Task<std::size_t> read_plain(std::span<char> into);
  Task<std::size_t> read_chunked(std::span<char> into);

  Connection& connection_;
  Framing framing_;
  std::uint64_t length_;
  std::uint64_t left_;
  ChunkDecoder chunks_;
  bool ended_ = false;
  bool broken_ = false;
};

}  // namespace angophora::http
