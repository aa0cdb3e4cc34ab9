// The head of an HTTP/1.x message as text and back. Pure functions, any thread.
//
// Beast parses; what it lets through although two readers could understand it differently
// (request smuggling) is refused here: folded lines, a repeated or listed Content-Length, one
// beside Transfer-Encoding, any coding but chunked, a missing or repeated Host.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "common/http/http.h"

namespace angophora::http {

struct Head {
  std::string method;  // of a request
  std::string target;  // of a request
  int status = 0;      // of an answer
  Headers headers;
  bool http11 = true;
  bool keep_alive = true;
  bool chunked = false;
  bool expect_continue = false;
  std::optional<std::uint64_t> content_length;
};

// Why a head is refused, as the status that says so and a sentence.
struct Refusal {
  int status = 400;
  std::string reason;
};

// `text` is everything up to and including the empty line.
std::variant<Head, Refusal> parse_request_head(std::string_view text);
std::variant<Head, Refusal> parse_response_head(std::string_view text);

// The size of the head at the start of `text`, or nothing when its empty line is not there yet.
// `scanned` is how many bytes were there when it was asked last.
std::optional<std::size_t> head_size(std::string_view text, std::size_t scanned = 0);

// False when the field would break out of its line.
bool is_valid_field(std::string_view name, std::string_view value);

std::string_view reason_phrase(int status);

}  // namespace angophora::http
