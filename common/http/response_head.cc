#include "common/http/response_head.h"

#include "common/base/text.h"

namespace angophora::http {
namespace {

using common::equal_ignore_case;
using common::Errc;
using common::Error;
using common::SysTime;

// The text of this second, made once.
const std::string& http_date(SysTime now) {
  thread_local std::chrono::sys_seconds second{};
  thread_local std::string text;
  const auto current = std::chrono::floor<std::chrono::seconds>(now);
  if (text.empty() || current != second) {
    second = current;
    text = common::format_http_date(now);
  }
  return text;
}

// Framing is decided here alone; a handler's own word on it counts only for a BodySource.
bool is_framing(std::string_view name) {
  return equal_ignore_case(name, "Content-Length") ||
         equal_ignore_case(name, "Transfer-Encoding") || equal_ignore_case(name, "Connection");
}

std::optional<std::uint64_t> body_length(const Response& response) {
  if (const auto* text = std::get_if<std::string>(&response.body)) return text->size();
  if (const auto* range = std::get_if<FileRange>(&response.body)) return range->length;
  return common::parse_number<std::uint64_t>(response.headers.get("Content-Length"));
}

void add_field(std::string& text, std::string_view name, std::string_view value) {
  text.append(name).append(": ").append(value).append("\r\n");
}

}  // namespace

Result<ResponseHead> make_response_head(const Head& request, const Response& response,
                                        bool keep_alive, SysTime now) {
  if (response.status < 200 || response.status > 599)
    return Error(Errc::invalid_argument,
                 "the answer has the status " + std::to_string(response.status));
  ResponseHead head;
  const bool bodiless = response.status == 204 || response.status == 304;
  head.send_body = !bodiless && request.method != "HEAD";
  head.length = body_length(response);
  if (request.method == "HEAD" && response.head_length) head.length = response.head_length;
  head.chunked = head.send_body && !head.length && request.http11;
  head.keep_alive = keep_alive && (head.length || head.chunked || !head.send_body);

  head.text.reserve(256);
  head.text.append("HTTP/1.1 ").append(std::to_string(response.status)).append(" ");
  head.text.append(reason_phrase(response.status)).append("\r\n");
  for (const auto& [name, value] : response.headers) {
    if (!is_valid_field(name, value))
      return Error(Errc::invalid_argument, "a header of the answer has forbidden characters");
    if (!is_framing(name)) add_field(head.text, name, value);
  }
  if (!response.headers.find("Date")) add_field(head.text, "Date", http_date(now));
  if (head.chunked) add_field(head.text, "Transfer-Encoding", "chunked");
  if (head.length && !bodiless)
    add_field(head.text, "Content-Length", std::to_string(*head.length));
  if (!head.keep_alive)
    add_field(head.text, "Connection", "close");
  else if (!request.http11)
    add_field(head.text, "Connection", "keep-alive");
  head.text.append("\r\n");
  return head;
}

}  // namespace angophora::http
