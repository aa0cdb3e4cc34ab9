#include "common/http/session.h"

#include "common/http/response_head.h"
#include "common/log/log.h"

namespace angophora::http {

using boost::asio::awaitable;
using common::Errc;
using common::Error;
using common::ok;

namespace {
constexpr std::size_t kReceiveBytes = 4 * 1024;
constexpr std::uint64_t kDiscardBytesMax = 256 * 1024;
constexpr auto kDiscardTimeout = std::chrono::seconds(5);
constexpr int kTlsHandshakeByte = 0x16;
constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

Response refusal_response(const ServerOptions& options, int status, std::string_view reason) {
  Response response;
  if (options.refusal) {
    response = options.refusal(status, reason);
  } else {
    response.headers.add("Content-Type", "text/plain");
    response.body = std::string(reason) + "\n";
  }
  response.status = status;
  response.close = true;
  return response;
}
}  // namespace

// What a handler reads from; says 100 Continue when it is first asked. Also before an empty body:
// botocore takes the next answer on a connection for the last one when it waited for a 100 that did
// not come, and hangs.
class Session::Body final : public BodyReader {
 public:
  Body(Session& session, const Head& head)
      : session_(session),
        message_(session.connection_, MessageBody::request_framing(head),
                 head.content_length.value_or(0)),
        waits_for_continue_(head.expect_continue),
        begun_(session.context_->runtime.steady_now()) {}

  std::optional<std::uint64_t> length() const override { return message_.length(); }

  Task<std::size_t> read(std::span<char> into) override {
    const auto& options = session_.context_->options;
    if (waits_for_continue_) {
      waits_for_continue_ = false;
      if (session_.connection_.received().empty()) {
        CO_TRY_VOID(co_await session_.connection_.write(kContinue, options.progress_timeout));
      }
    }
    CO_TRY(const auto patience, how_long());
    CO_TRY(const std::size_t count, co_await message_.read(into, patience));
    total_ += count;
    if (total_ > options.body_bytes_max) {
      co_return Error(Errc::limit_exceeded, "the body is larger than " +
                                                std::to_string(options.body_bytes_max) + " bytes");
    }
    co_return count;
  }

  // Whether what is left may be read away for the sake of the connection.
  bool can_be_discarded() const {
    return !waits_for_continue_ && !message_.broken() &&
           message_.left().value_or(0) <= kDiscardBytesMax;
  }
  MessageBody& message() { return message_; }

 private:
  // The next read may take.
  Result<common::Duration> how_long() const {
    const auto& options = session_.context_->options;
    if (!options.body_timeout) return options.progress_timeout;
    const auto left = begun_ + *options.body_timeout - session_.context_->runtime.steady_now();
    if (left <= common::Duration::zero())
      return Error(Errc::timed_out, "the body took longer than allowed");
    return std::min(left, options.progress_timeout);
  }

  Session& session_;
  MessageBody message_;
  bool waits_for_continue_;
  common::SteadyTime begun_;
  std::uint64_t total_ = 0;
};

Session::Session(std::shared_ptr<ServerContext> context, Socket socket)
    : context_(std::move(context)), connection_(context_->runtime, std::move(socket)) {
  context_->sessions.insert(this);
}

Session::~Session() { context_->sessions.erase(this); }

void Session::drain() {
  if (busy_)
    promise_ = context_->runtime.work_guard();
  else
    connection_.abort();
}

awaitable<void> Session::run() {
  if (!co_await open()) co_return;
  Next next = Next::request;
  while (next == Next::request) next = co_await serve_one();
  if (next == Next::goodbye) co_await connection_.finish();
}

// Tells plain from TLS by the first byte.
awaitable<bool> Session::open() {
  const auto& options = context_->options;
  connection_.expire_after(options.idle_timeout);
  const auto first = co_await connection_.peek_byte();
  if (!first || first.value() < 0) co_return false;
  connection_.expire_after(options.header_timeout);
  if (first.value() == kTlsHandshakeByte && !context_->tls) {
    Refusal refusal{400, "this port speaks no TLS"};
    if (co_await refuse(std::move(refusal)) == Next::goodbye) co_await connection_.finish();
    co_return false;
  }
  if (first.value() == kTlsHandshakeByte) {
    const auto shaken = co_await connection_.accept_tls(*context_->tls);
    if (!shaken) {
      peer_ = connection_.peer();
      log::debug("http.tls_failed", {{"peer", peer_.address}, {"reason", shaken.error()}});
      co_return false;
    }
  } else if (!options.allow_plain) {
    Refusal refusal{403, "this port speaks TLS only"};
    if (co_await refuse(std::move(refusal)) == Next::goodbye) co_await connection_.finish();
    co_return false;
  }
  peer_ = connection_.peer();
  co_return true;
}

awaitable<void> Session::turn_away() {
  connection_.expire_after(std::chrono::seconds(2));
  const auto first = co_await connection_.peek_byte();
  if (!first || first.value() < 0 || (first.value() == kTlsHandshakeByte && context_->tls))
    co_return;
  Refusal refusal{503, "too many connections"};
  if (co_await refuse(std::move(refusal)) == Next::goodbye) co_await connection_.finish();
}

// The size of the next head in received(); nothing when the peer ended before it began.
Task<std::optional<std::size_t>> Session::receive_head() {
  const auto& options = context_->options;
  Buffer& received = connection_.received();
  connection_.expire_after(received.empty() ? options.idle_timeout : options.header_timeout);
  std::size_t scanned = 0;
  bool begun = !received.empty();
  for (;;) {
    while (received.view().starts_with("\r\n")) received.consume(2);
    const auto size = head_size(received.view(), scanned);
    if (size && *size <= options.header_bytes_max) co_return size;
    if (size || received.size() >= options.header_bytes_max)
      co_return Error(
          Errc::limit_exceeded,
          "the header is larger than " + std::to_string(options.header_bytes_max) + " bytes");
    scanned = received.size();
    CO_TRY(const std::size_t count, co_await connection_.receive(kReceiveBytes));
    if (count == 0) co_return std::nullopt;
    if (!begun) connection_.expire_after(options.header_timeout);
    begun = true;
  }
}

awaitable<Session::Next> Session::serve_one() {
  busy_ = false;
  connection_.received().shrink();
  const auto size = co_await receive_head();
  if (!size) {
    if (size.error().code == Errc::limit_exceeded) {
      Refusal refusal{431, size.error().message};
      co_return co_await refuse(std::move(refusal));
    }
    if (size.error().code == Errc::timed_out && !connection_.received().empty()) {
      Refusal refusal{408, "the header took too long"};
      co_return co_await refuse(std::move(refusal));
    }
    co_return size.error().code == Errc::timed_out ? Next::goodbye : Next::nothing;
  }
  if (!size.value()) co_return Next::nothing;
  auto parsed = parse_request_head(connection_.received().view().substr(0, *size.value()));
  connection_.received().consume(*size.value());
  if (auto* refusal = std::get_if<Refusal>(&parsed)) co_return co_await refuse(std::move(*refusal));
  Head& head = std::get<Head>(parsed);
  if (head.content_length.value_or(0) > context_->options.body_bytes_max) {
    Refusal refusal{413, "the body is too large"};
    co_return co_await refuse(std::move(refusal));
  }
  busy_ = true;
  connection_.expire_never();
  co_return co_await handle(std::move(head));
}

awaitable<Session::Next> Session::handle(Head head) {
  Body body(*this, head);
  Request request;
  request.method = head.method;
  request.target = std::move(head.target);
  request.headers = std::move(head.headers);
  request.peer = peer_;
  request.body = &body;
  Response response = co_await call_handler(request);
  const bool keep_alive =
      head.keep_alive && !response.close && !context_->draining && body.can_be_discarded();
  const auto sent = co_await send(head, std::move(response), keep_alive);
  if (!sent) {
    log::debug("http.answer_lost", {{"peer", peer_.address}, {"reason", sent.error()}});
    co_return Next::nothing;
  }
  if (!sent.value()) co_return Next::goodbye;
  const auto discarded = co_await discard(body.message());
  co_return discarded && !context_->draining ? Next::request : Next::goodbye;
}

awaitable<Response> Session::call_handler(Request& request) {
  std::string thrown = "an exception of unknown kind";
  try {
    co_return co_await context_->handler(request);
  } catch (const std::exception& e) {
    thrown = e.what();
  } catch (...) {
  }
  log::error("http.handler_threw", {{"method", request.method},
                                    {"path", request.path()},
                                    {"peer", peer_.address},
                                    {"reason", thrown}});
  co_return refusal_response(context_->options, 500, "internal error");
}

awaitable<Session::Next> Session::refuse(Refusal refusal) {
  log::debug("http.refused", {{"status", refusal.status}, {"reason", refusal.reason}});
  busy_ = true;
  const Head head;
  Response response = refusal_response(context_->options, refusal.status, refusal.reason);
  const auto sent = co_await send(head, std::move(response), false);
  co_return sent ? Next::goodbye : Next::nothing;
}

Task<> Session::discard(MessageBody& body) {
  if (body.at_end()) co_return ok();
  std::string scratch(16 * 1024, '\0');
  std::uint64_t total = 0;
  const common::Duration patience = context_->options.body_timeout.value_or(kDiscardTimeout);
  const auto until =
      context_->runtime.steady_now() + std::min<common::Duration>(patience, kDiscardTimeout);
  while (!body.at_end()) {
    const auto left = until - context_->runtime.steady_now();
    if (left <= common::Duration::zero())
      co_return Error(Errc::timed_out, "the rest of the body did not come in time");
    const std::span<char> into(scratch);
    CO_TRY(const std::size_t count, co_await body.read(into, left));
    total += count;
    if (total > kDiscardBytesMax)
      co_return Error(Errc::limit_exceeded, "too much of the body was left");
  }
  co_return ok();
}

}  // namespace angophora::http
