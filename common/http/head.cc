#include "common/http/head.h"

#include <algorithm>
#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/status.hpp>

#include "common/base/text.h"

namespace angophora::http {
namespace {

namespace beast = boost::beast;
using beast::error_code;
using beast::string_view;

std::string text_of(string_view view) { return std::string(view.data(), view.size()); }

// Hands what Beast finds straight into a Head.
template <bool is_request>
class Parser final : public beast::http::basic_parser<is_request> {
 public:
  Head head;

 private:
  void on_request_impl(beast::http::verb, string_view method, string_view target, int version,
                       error_code& error) override {
    head.method = text_of(method);
    head.target = text_of(target);
    head.http11 = version == 11;
    error = {};
  }
  void on_response_impl(int code, string_view, int version, error_code& error) override {
    head.status = code;
    head.http11 = version == 11;
    error = {};
  }
  void on_field_impl(beast::http::field, string_view name, string_view value,
                     error_code& error) override {
    head.headers.add(text_of(name), text_of(value));
    error = {};
  }
  void on_header_impl(error_code& error) override { error = {}; }
  void on_body_init_impl(const boost::optional<std::uint64_t>&, error_code& error) override {
    error = {};
  }
  std::size_t on_body_impl(string_view, error_code& error) override {
    error = {};
    return 0;
  }
  void on_chunk_header_impl(std::uint64_t, string_view, error_code& error) override { error = {}; }
  std::size_t on_chunk_body_impl(std::uint64_t, string_view, error_code& error) override {
    error = {};
    return 0;
  }
  void on_finish_impl(error_code& error) override { error = {}; }
};

// Folded lines and line ends without CR; Beast joins the former.
bool has_odd_lines(std::string_view text) {
  for (auto at = text.find('\n'); at != std::string_view::npos; at = text.find('\n', at + 1)) {
    if (at == 0 || text[at - 1] != '\r') return true;
    if (at + 1 < text.size() && (text[at + 1] == ' ' || text[at + 1] == '\t')) return true;
  }
  return false;
}

// "METHOD target HTTP/2.0".
bool asks_for_another_version(std::string_view text) {
  const auto words = common::split(text.substr(0, text.find("\r\n")), ' ');
  return words.size() == 3 && words[2].starts_with("HTTP/");
}

std::optional<Refusal> read_framing(Head& head) {
  const auto lengths = head.headers.all("Content-Length");
  const auto codings = head.headers.all("Transfer-Encoding");
  if (lengths.size() > 1) return Refusal{400, "more than one Content-Length"};
  if (!codings.empty()) {
    if (!lengths.empty()) return Refusal{400, "both Content-Length and Transfer-Encoding"};
    if (!head.http11) return Refusal{400, "Transfer-Encoding in HTTP/1.0"};
    if (codings.size() > 1) return Refusal{400, "more than one Transfer-Encoding"};
    if (!common::equal_ignore_case(codings[0], "chunked"))
      return Refusal{501, "a Transfer-Encoding that is not understood"};
    head.chunked = true;
  }
  if (!lengths.empty()) {
    const auto digits = lengths[0];
    const bool all_digits =
        std::all_of(digits.begin(), digits.end(), [](char c) { return c >= '0' && c <= '9'; });
    if (digits.empty() || !all_digits) return Refusal{400, "a Content-Length that is no number"};
    head.content_length = common::parse_number<std::uint64_t>(digits);
    if (!head.content_length) return Refusal{413, "a Content-Length that is too large"};
  }
  return std::nullopt;
}

// "http://host/path", as proxies are asked, becomes "/path" with that Host (RFC 9112, 3.2.2).
std::optional<Refusal> read_target(Head& head) {
  const bool is_plain = head.target[0] == '/' || head.target == "*" || head.method == "CONNECT";
  if (is_plain) return std::nullopt;
  const auto scheme_end = head.target.find("://");
  const auto scheme = common::to_lower(head.target.substr(0, scheme_end));
  if (scheme_end == std::string::npos || (scheme != "http" && scheme != "https"))
    return Refusal{400, "a target that is no path"};
  const auto host_begin = scheme_end + 3;
  const auto host_end = std::min(head.target.find_first_of("/?", host_begin), head.target.size());
  head.headers.set("Host", head.target.substr(host_begin, host_end - host_begin));
  head.target.erase(0, host_end);
  if (head.target.empty() || head.target[0] != '/') head.target.insert(0, "/");
  return std::nullopt;
}

std::optional<Refusal> read_request_fields(Head& head) {
  const auto hosts = head.headers.all("Host");
  if (hosts.size() > 1) return Refusal{400, "more than one Host"};
  if (hosts.empty() && head.http11) return Refusal{400, "no Host"};
  // Whatever else a client expects may be passed over (RFC 9110, 10.1.1).
  if (const auto expect = head.headers.find("Expect"))
    head.expect_continue = head.http11 && common::equal_ignore_case(*expect, "100-continue");
  return std::nullopt;
}

template <bool is_request>
std::variant<Head, Refusal> parse_head(std::string_view text) {
  if (has_odd_lines(text)) return Refusal{400, "a folded or badly ended header line"};
  Parser<is_request> parser;
  parser.header_limit(static_cast<std::uint32_t>(std::min<std::size_t>(text.size() + 1, 1u << 30)));
  parser.body_limit(boost::none);
  error_code error;
  const std::size_t used = parser.put(boost::asio::buffer(text.data(), text.size()), error);
  if (error == beast::http::error::bad_version && asks_for_another_version(text))
    return Refusal{505, "not HTTP/1.0 or HTTP/1.1"};
  if (error || !parser.is_header_done() || used != text.size())
    return Refusal{400, "a malformed header: " + (error ? error.message() : "bytes are missing")};
  Head head = std::move(parser.head);
  head.keep_alive = parser.keep_alive();
  if (auto refusal = read_framing(head)) return *refusal;
  if constexpr (is_request) {
    if (auto refusal = read_request_fields(head)) return *refusal;
    if (auto refusal = read_target(head)) return *refusal;
  } else {
    // The parser's own answer is "no" for every body that ends with the connection.
    const auto connection = common::to_lower(head.headers.get("Connection"));
    head.keep_alive = head.http11 ? connection.find("close") == std::string::npos
                                  : connection.find("keep-alive") != std::string::npos;
  }
  return head;
}

}  // namespace

std::variant<Head, Refusal> parse_request_head(std::string_view text) {
  return parse_head<true>(text);
}

std::variant<Head, Refusal> parse_response_head(std::string_view text) {
  return parse_head<false>(text);
}

std::optional<std::size_t> head_size(std::string_view text, std::size_t scanned) {
  const auto end = text.find("\r\n\r\n", scanned < 3 ? 0 : scanned - 3);
  if (end == std::string_view::npos) return std::nullopt;
  return end + 4;
}

bool is_valid_field(std::string_view name, std::string_view value) {
  const auto is_token = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           (c != '\0' && std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos);
  };
  const auto is_text = [](char c) { return static_cast<unsigned char>(c) >= ' ' || c == '\t'; };
  return !name.empty() && std::all_of(name.begin(), name.end(), is_token) &&
         std::all_of(value.begin(), value.end(), is_text) &&
         value.find('\x7f') == std::string_view::npos;
}

std::string_view reason_phrase(int status) {
  const auto known = beast::http::int_to_status(static_cast<unsigned>(status));
  if (known == beast::http::status::unknown) return "Status";
  const auto phrase = beast::http::obsolete_reason(known);
  return {phrase.data(), phrase.size()};
}

}  // namespace angophora::http
