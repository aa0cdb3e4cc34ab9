// How a session writes an answer.
#include "common/http/response_head.h"
#include "common/http/session.h"
#include "common/log/log.h"

namespace angophora::http {

using common::Errc;
using common::Error;
using common::ok;

Task<bool> Session::send(const Head& head, Response response, bool keep_alive) {
  const auto now = context_->runtime.now();
  auto made = make_response_head(head, response, keep_alive, now);
  if (!made) {
    log::error("http.bad_answer", {{"peer", peer_.address}, {"reason", made.error()}});
    response = Response{};
    response.status = 500;
    made = make_response_head(head, response, false, now);
  }
  ResponseHead& out = made.value();
  if (!out.send_body) response.body = std::string();
  connection_.limit_hops(response.hops_max);
  CO_TRY_VOID(
      co_await send_body(std::move(out.text), std::move(response), out.length, out.chunked));
  co_return out.keep_alive;
}

Task<> Session::send_body(std::string head, Response response, std::optional<std::uint64_t> length,
                          bool chunked) {
  const auto progress = context_->options.progress_timeout;
  if (const auto* text = std::get_if<std::string>(&response.body)) {
    const Connection::Pieces pieces{head, *text};
    co_return co_await connection_.write(pieces, progress);
  }
  if (auto* range = std::get_if<FileRange>(&response.body)) {
    CO_TRY_VOID(co_await connection_.write(head, progress));
    co_return co_await connection_.send_file(std::move(*range), progress);
  }
  auto& source = std::get<BodySource>(response.body);
  co_return co_await send_source(std::move(head), std::move(source), length, chunked);
}

// The head goes out at once, so that a slow source does not look like a dead server.
Task<> Session::send_source(std::string head, BodySource source,
                            std::optional<std::uint64_t> length, bool chunked) {
  const auto progress = context_->options.progress_timeout;
  CO_TRY_VOID(co_await connection_.write(head, progress));
  std::uint64_t total = 0;
  for (;;) {
    connection_.expire_never();
    CO_TRY(const std::string piece, co_await source());
    total += piece.size();
    if (length && total > *length)
      co_return Error(Errc::internal, "the answer's body is longer than its Content-Length");
    if (piece.empty()) break;
    const std::string header = chunked ? chunk_header(piece.size()) : std::string();
    const Connection::Pieces pieces{header, piece, chunked ? "\r\n" : ""};
    CO_TRY_VOID(co_await connection_.write(pieces, progress));
  }
  if (length && total < *length)
    co_return Error(Errc::internal, "the answer's body is shorter than its Content-Length");
  if (chunked) co_return co_await connection_.write(kLastChunk, progress);
  co_return ok();
}

}  // namespace angophora::http
