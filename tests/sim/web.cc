#include "tests/sim/web.h"

#include <unistd.h>

#include <algorithm>

namespace angophora::sim {

using common::Errc;
using common::Error;
using common::Result;
using common::Task;

Task<std::size_t> WholeBody::read(std::span<char> into) {
  const auto count = std::min(into.size(), bytes_.size() - at_);
  bytes_.copy(into.data(), count, at_);
  at_ += count;
  co_return count;
}

namespace {

Result<std::string> read_range(const http::FileRange& range) {
  std::string bytes(range.length, '\0');
  const auto n = ::pread(*range.fd, bytes.data(), bytes.size(), static_cast<off_t>(range.offset));
  if (n != static_cast<ssize_t>(bytes.size()))
    return Error(Errc::io, "a file is shorter than its answer says");
  return bytes;
}

}  // namespace

Task<WebAnswer> collect(http::Response response) {
  WebAnswer answer;
  answer.status = response.status;
  answer.headers = std::move(response.headers);
  if (auto* text = std::get_if<std::string>(&response.body)) {
    answer.body = std::move(*text);
  } else if (const auto* range = std::get_if<http::FileRange>(&response.body)) {
    CO_TRY(answer.body, read_range(*range));
  } else {
    const auto source = std::get<http::BodySource>(response.body);
    for (;;) {
      CO_TRY(const auto piece, co_await source());
      if (piece.empty()) break;
      answer.body += piece;
    }
  }
  co_return answer;
}

Task<WebAnswer> serve_web(Web web, WebRequest request, std::shared_ptr<http::BodyReader> body) {
  http::Request http;
  http.method = request.method;
  http.target = request.target;
  http.headers = request.headers;
  http.peer = request.peer;
  http.body = body.get();
  auto response = co_await web(http);
  co_return co_await collect(std::move(response));
}

http::ClientResponse client_response(WebAnswer answer) {
  http::ClientResponse response;
  response.status = answer.status;
  response.headers = std::move(answer.headers);
  response.body = std::make_unique<WholeBody>(std::move(answer.body));
  return response;
}

}  // namespace angophora::sim
