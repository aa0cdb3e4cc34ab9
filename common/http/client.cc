#include "common/http/client.h"

#include "common/http/chunked.h"
#include "common/http/client_pool.h"
#include "common/http/head.h"
#include "common/http/message_body.h"

namespace angophora::http {

using common::Duration;
using common::Errc;
using common::Error;
using common::ok;

namespace {

constexpr std::size_t kHeaderBytesMax = 64 * 1024;
constexpr std::size_t kReceiveBytes = 4 * 1024;
constexpr int kInterimMax = 8;  // 1xx answers before the real one

// An answer whose body is still on the connection.
struct Exchange {
  Exchange(std::shared_ptr<ClientPool> p, PeerKey k, std::unique_ptr<Connection> c, bool keep,
           Duration limit, MessageBody b)
      : pool(p),
        key(std::move(k)),
        connection(std::move(c)),
        keep_alive(keep),
        progress(limit),
        body(std::move(b)) {}

  // Once the body has been read the connection can serve others.
  void release() {
    if (!body.at_end() || !connection) return;
    const auto owner = pool.lock();
    if (owner && keep_alive) owner->keep(key, std::move(connection));
    connection.reset();
  }

  std::weak_ptr<ClientPool> pool;
  PeerKey key;
  std::unique_ptr<Connection> connection;
  bool keep_alive;
  Duration progress;
  MessageBody body;
};

// Reads under way own the exchange, so that this reader may be destroyed at any time.
class AnswerBody final : public BodyReader {
 public:
  explicit AnswerBody(std::shared_ptr<Exchange> exchange) : exchange_(std::move(exchange)) {}
  ~AnswerBody() override {
    if (exchange_->connection) exchange_->connection->abort();
  }
  std::optional<std::uint64_t> length() const override { return exchange_->body.length(); }
  Task<std::size_t> read(std::span<char> into) override { return read_from(exchange_, into); }

 private:
  static Task<std::size_t> read_from(std::shared_ptr<Exchange> exchange, std::span<char> into) {
    CO_TRY(const std::size_t count, co_await exchange->body.read(into, exchange->progress));
    exchange->release();
    co_return count;
  }

  std::shared_ptr<Exchange> exchange_;
};

std::string host_field(const Url& url) {
  const bool is_v6 = url.host.find(':') != std::string::npos;
  std::string host = is_v6 ? "[" + url.host + "]" : url.host;
  if (url.port != (url.tls ? 443 : 80)) host += ":" + std::to_string(url.port);
  return host;
}

bool has_body(const ClientRequest& request) {
  return request.body_source || !request.body.empty() || request.method == "POST" ||
         request.method == "PUT";
}

bool is_plain_text(std::string_view text) {
  for (const unsigned char c : text)
    if (c <= ' ' || c == 0x7f) return false;
  return !text.empty();
}

Result<std::string> make_head(const ClientRequest& request) {
  if (!is_plain_text(request.method) || !is_plain_text(request.url.target))
    return Error(Errc::invalid_argument, "the request line has forbidden characters");
  std::string text = request.method + " " + request.url.target + " HTTP/1.1\r\n";
  const auto add = [&text](std::string_view name, std::string_view value) {
    text.append(name).append(": ").append(value).append("\r\n");
  };
  if (!request.headers.find("Host")) add("Host", host_field(request.url));
  for (const auto& [name, value] : request.headers) {
    if (!is_valid_field(name, value))
      return Error(Errc::invalid_argument, "a header of the request has forbidden characters");
    add(name, value);
  }
  if (has_body(request) && !request.headers.find("Content-Length")) {
    if (request.body_source && !request.body_length)
      add("Transfer-Encoding", "chunked");
    else
      add("Content-Length",
          std::to_string(request.body_source ? *request.body_length : request.body.size()));
  }
  text += "\r\n";
  return text;
}

// False when the peer answered before it had everything; then the rest is not sent.
Task<bool> send_source(Connection& connection, const ClientRequest& request) {
  const bool chunked = !request.body_length;
  std::uint64_t total = 0;
  for (;;) {
    connection.expire_never();
    CO_TRY(const std::string piece, co_await request.body_source());
    total += piece.size();
    if (piece.empty()) break;
    if (request.body_length && total > *request.body_length) break;
    if (!connection.tls() && !connection.is_quiet()) co_return false;
    const std::string header = chunked ? chunk_header(piece.size()) : std::string();
    const Connection::Pieces pieces{header, piece, chunked ? "\r\n" : ""};
    CO_TRY_VOID(co_await connection.write(pieces, request.progress_timeout));
  }
  if (request.body_length && total != *request.body_length)
    co_return Error(Errc::invalid_argument, "the body to send has not the announced length");
  if (chunked) {
    CO_TRY_VOID(co_await connection.write(kLastChunk, request.progress_timeout));
  }
  co_return true;
}

// The head of the real answer, after any 1xx.
Task<Head> receive_head(Connection& connection, Duration timeout) {
  connection.expire_after(timeout);
  Buffer& received = connection.received();
  std::size_t scanned = 0;
  int interim = 0;
  for (;;) {
    const auto size = head_size(received.view(), scanned);
    if (!size) {
      if (received.size() >= kHeaderBytesMax)
        co_return Error(Errc::corrupt, "the header of the answer is too large");
      scanned = received.size();
      CO_TRY(const std::size_t count, co_await connection.receive(kReceiveBytes));
      if (count == 0)
        co_return Error(Errc::unavailable, "the connection ended before the answer's header");
      continue;
    }
    auto parsed = parse_response_head(received.view().substr(0, *size));
    received.consume(*size);
    scanned = 0;
    if (const auto* refusal = std::get_if<Refusal>(&parsed))
      co_return Error(Errc::corrupt, "the answer has " + refusal->reason);
    Head& head = std::get<Head>(parsed);
    if (head.status >= 200) co_return std::move(head);
    if (++interim > kInterimMax || head.status == 101)
      co_return Error(Errc::corrupt, "the answer never comes to its final status");
  }
}

struct Outcome {
  Head head;
  bool all_sent = true;
};

// One request on one connection, to the head of its answer.
Task<Outcome> try_once(Connection& connection, const ClientRequest& request) {
  CO_TRY(const std::string text, make_head(request));
  Outcome outcome;
  const Connection::Pieces pieces{text, request.body_source ? std::string_view() : request.body};
  auto sent = co_await connection.write(pieces, request.progress_timeout);
  if (sent && request.body_source) {
    auto all = co_await send_source(connection, request);
    if (all)
      outcome.all_sent = all.value();
    else
      sent = std::move(all).error();
  }
  if (!sent) {
    // A peer that refuses a large body may have said so before it closed.
    outcome.all_sent = false;
    if (sent.error().code != Errc::unavailable) co_return sent.error();
  }
  auto head = co_await receive_head(connection, request.timeout);
  if (!head) co_return sent ? head.error() : sent.error();
  outcome.head = std::move(head).value();
  co_return outcome;
}

Task<ClientResponse> send_request(std::shared_ptr<ClientPool> pool, ClientRequest request) {
  const PeerKey key{request.url.host, request.url.port, request.url.tls, request.peer_sha256};
  const bool can_repeat = request.idempotent && !request.body_source;
  for (bool fresh = false;; fresh = true) {
    std::unique_ptr<Connection> connection;
    if (!fresh) connection = pool->take(key);
    const bool kept = connection != nullptr;
    if (!kept) {
      CO_TRY(connection, co_await pool->open(key));
    }
    auto outcome = co_await try_once(*connection, request);
    if (!outcome) {
      const bool broke = outcome.error().code == Errc::unavailable;
      if (kept && broke && can_repeat) continue;
      co_return std::move(outcome).error().while_doing(request.method + " at " + to_string(key));
    }
    auto& [head, all_sent] = outcome.value();
    const auto framing = MessageBody::response_framing(head, request.method == "HEAD");
    MessageBody body(*connection, framing, head.content_length.value_or(0));
    ClientResponse response;
    response.status = head.status;
    response.headers = std::move(head.headers);
    response.peer_certificate_der = connection->peer_certificate();
    connection->expire_never();
    const bool keep = head.keep_alive && all_sent;
    auto exchange = std::make_shared<Exchange>(pool, key, std::move(connection), keep,
                                               request.progress_timeout, std::move(body));
    exchange->release();
    response.body = std::make_unique<AnswerBody>(std::move(exchange));
    co_return response;
  }
}

}  // namespace

Client::Client(common::Runtime& runtime, ClientOptions options)
    : pool_(std::make_shared<ClientPool>(runtime, std::move(options))) {}

Client::~Client() = default;

Task<ClientResponse> Client::send(ClientRequest request) {
  return send_request(pool_, std::move(request));
}

}  // namespace angophora::http
