// The head of an answer as text, and what it promises about the body.
#pragma once

#include <optional>
#include <string>

#include "common/base/time.h"
#include "common/http/head.h"

namespace angophora::http {

struct ResponseHead {
  std::string text;
  bool send_body = true;
  bool chunked = false;
  bool keep_alive = true;               // false also when the body's end must be the connection's
  std::optional<std::uint64_t> length;  // of the body
};

// `response` answers `request`. Errc::invalid_argument when a header would break out of its line or
// the status is no final one.
Result<ResponseHead> make_response_head(const Head& request, const Response& response,
                                        bool keep_alive, common::SysTime now);

}  // namespace angophora::http
