// Chunked transfer coding, taken apart and put on. Strict: anything two readers could understand
// differently is refused. Pure, no I/O.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "common/base/result.h"

namespace angophora::http {

class ChunkDecoder {
 public:
  struct Step {
    std::size_t consumed = 0;  // of the encoded bytes
    std::size_t produced = 0;  // into the destination
  };
  // Decodes from `encoded` into `into` until one of them is used up or the end has been seen.
  // Errc::corrupt when the coding is broken; the decoder is of no use afterwards.
  common::Result<Step> decode(std::string_view encoded, std::span<char> into);
  // The last chunk and the trailer have been consumed; what follows is the next message.
  bool done() const { return state_ == State::done; }

 private:
  enum class State { size_line, data, data_end, trailer, done };

  common::Result<> take_line_byte(char byte);
  common::Result<> end_line();

  State state_ = State::size_line;
  std::uint64_t left_ = 0;  // bytes of this chunk's data
  std::string line_;        // what came of the current line
  std::size_t trailer_bytes_ = 0;
};

// "1a\r\n": what goes before a chunk of `size` bytes; "\r\n" goes behind it.
std::string chunk_header(std::size_t size);
inline constexpr std::string_view kLastChunk = "0\r\n\r\n";

}  // namespace angophora::http
