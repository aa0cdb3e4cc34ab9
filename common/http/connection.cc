#include "common/http/connection.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace angophora::http {

namespace asio = boost::asio;
namespace ssl = boost::asio::ssl;
using asio::ip::tcp;
using boost::system::error_code;
using common::Duration;
using common::Errc;
using common::Error;
using common::ok;

namespace {
constexpr std::size_t kTlsJoinBytesMax = 16 * 1024;  // one record
constexpr auto kGoodbye = std::chrono::seconds(5);
constexpr std::size_t kLingerBytesMax = 64 << 20;
}  // namespace

// The timer is set anew only when it would come too late; a later deadline is noticed when it
// fires. So moving the deadline on, which every read does, costs next to nothing.
struct Connection::Watch : std::enable_shared_from_this<Watch> {
  using Time = asio::steady_timer::time_point;
  static constexpr Time kNever = Time::max();

  Watch(const Socket::executor_type& executor, Connection& c) : timer(executor), owner(&c) {}

  void set(Time when) {
    deadline = when;
    if (when < fires_at) arm();
  }
  void arm() {
    fires_at = deadline;
    timer.expires_at(deadline);
    timer.async_wait([weak = weak_from_this()](const error_code& error) {
      const auto self = weak.lock();
      if (!error && self && self->owner) self->fire();
    });
  }
  void fire() {
    fires_at = kNever;
    if (deadline == kNever) return;
    if (std::chrono::steady_clock::now() < deadline) return arm();
    owner->on_deadline();
  }

  asio::steady_timer timer;
  Connection* owner;
  Time deadline = kNever;
  Time fires_at = kNever;
};

Connection::Connection(common::Runtime& runtime, Socket socket)
    : runtime_(runtime),
      socket_(std::move(socket)),
      watch_(std::make_shared<Watch>(socket_.get_executor(), *this)) {}

Connection::~Connection() { watch_->owner = nullptr; }

void Connection::expire_after(Duration limit) {
  timed_out_ = false;
  watch_->set(std::chrono::steady_clock::now() +
              std::chrono::duration_cast<std::chrono::steady_clock::duration>(limit));
}

void Connection::expire_never() {
  timed_out_ = false;
  watch_->set(Watch::kNever);
}

void Connection::on_deadline() {
  timed_out_ = true;
  error_code ignored;
  socket_.cancel(ignored);
}

void Connection::abort() {
  aborted_ = true;
  error_code ignored;
  socket_.close(ignored);
}

Error Connection::failure(const error_code& error, std::string_view doing) const {
  if (aborted_) return Error(Errc::cancelled, std::string(doing) + ": the connection was given up");
  if (timed_out_) return Error(Errc::timed_out, std::string(doing) + ": the peer took too long");
  return Error(Errc::unavailable, std::string(doing) + ": " + error.message());
}

Task<> Connection::connect(tcp::endpoint to) {
  error_code ignored;
  if (socket_.is_open()) socket_.close(ignored);
  auto [error] = co_await socket_.async_connect(to, kToken);
  if (error || timed_out_) co_return failure(error, "connecting");
  socket_.set_option(tcp::no_delay(true), ignored);
  co_return ok();
}

Task<int> Connection::peek_byte() {
  for (;;) {
    if (timed_out_ || aborted_) co_return failure({}, "waiting for the first byte");
    auto [error] = co_await socket_.async_wait(tcp::socket::wait_read, kToken);
    if (error) co_return failure(error, "waiting for the first byte");
    unsigned char byte = 0;
    const auto count = ::recv(socket_.native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    if (count == 1) co_return byte;
    if (count < 0 && (errno == EAGAIN || errno == EINTR)) continue;
    co_return -1;
  }
}

void Connection::limit_hops(int hops_max) {
  if (hops_max == hops_max_) return;
  hops_max_ = hops_max;
  const int value = hops_max > 0 ? hops_max : -1;
  // One of the two fits the socket's family.
  ::setsockopt(socket_.native_handle(), IPPROTO_IP, IP_TTL, &value, sizeof value);
  ::setsockopt(socket_.native_handle(), IPPROTO_IPV6, IPV6_UNICAST_HOPS, &value, sizeof value);
}

Task<> Connection::accept_tls(ssl::context& context) {
  tls_.emplace(socket_, context);
  auto [error] = co_await tls_->async_handshake(ssl::stream_base::server, kToken);
  if (error) co_return failure(error, "TLS handshake");
  co_return ok();
}

Task<> Connection::start_tls(ssl::context& context, std::string host) {
  tls_.emplace(socket_, context);
  error_code no_address;
  asio::ip::make_address(host, no_address);
  if (no_address) SSL_set_tlsext_host_name(tls_->native_handle(), host.c_str());
  // Judged only where the context says whom to trust.
  if (no_address)
    SSL_set1_host(tls_->native_handle(), host.c_str());
  else
    X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(tls_->native_handle()), host.c_str());
  auto [error] = co_await tls_->async_handshake(ssl::stream_base::client, kToken);
  if (error) co_return failure(error, "TLS handshake");
  co_return ok();
}

Task<std::size_t> Connection::read_some(std::span<char> into) {
  if (timed_out_ || aborted_) co_return failure({}, "reading");
  const auto buffer = asio::buffer(into.data(), into.size());
  error_code error;
  std::size_t count = 0;
  if (tls_)
    std::tie(error, count) = co_await tls_->async_read_some(buffer, kToken);
  else
    std::tie(error, count) = co_await socket_.async_read_some(buffer, kToken);
  if (error == asio::error::eof) co_return std::size_t{0};
  if (error) co_return failure(error, "reading");
  co_return count;
}

Task<std::size_t> Connection::receive(std::size_t room) {
  const auto into = received_.prepare(room);
  CO_TRY(const std::size_t count, co_await read_some(into));
  received_.commit(count);
  co_return count;
}

Task<> Connection::write(std::string_view bytes, Duration progress) {
  const Pieces pieces{bytes};
  return write(pieces, progress);
}

Task<> Connection::write(Pieces pieces, Duration progress) {
  if (tls_) {
    std::size_t total = 0;
    for (const auto piece : pieces) total += piece.size();
    std::string joined;
    if (total <= kTlsJoinBytesMax) {
      for (const auto piece : pieces) joined.append(piece);
      pieces = {joined};
    }
    for (const auto piece : pieces) {
      CO_TRY_VOID(co_await write_tls(piece, progress));
    }
    co_return ok();
  }
  for (;;) {
    std::array<asio::const_buffer, 3> buffers;
    for (std::size_t i = 0; i < pieces.size(); ++i)
      buffers[i] = asio::buffer(pieces[i].data(), pieces[i].size());
    if (asio::buffer_size(buffers) == 0) co_return ok();
    expire_after(progress);
    auto [error, count] = co_await socket_.async_write_some(buffers, kToken);
    if (error) co_return failure(error, "writing");
    for (auto& piece : pieces) {
      const std::size_t written = std::min(count, piece.size());
      piece.remove_prefix(written);
      count -= written;
    }
  }
}

Task<> Connection::write_tls(std::string_view bytes, Duration progress) {
  while (!bytes.empty()) {
    expire_after(progress);
    const auto buffer = asio::buffer(bytes.data(), bytes.size());
    auto [error, count] = co_await tls_->async_write_some(buffer, kToken);
    if (error) co_return failure(error, "writing");
    bytes.remove_prefix(count);
  }
  co_return ok();
}

// What the peer still sends is read away for a moment: closing on unread bytes would reset the
// connection and could take our answer with it.
asio::awaitable<void> Connection::finish() {
  if (aborted_ || !socket_.is_open()) co_return;
  expire_after(kGoodbye);
  if (tls_) {
    co_await tls_->async_shutdown(kToken);
    if (timed_out_ || aborted_) co_return abort();
  }
  error_code ignored;
  socket_.shutdown(tcp::socket::shutdown_send, ignored);
  std::size_t discarded = 0;
  const auto room = received_.prepare(16 * 1024);
  const auto buffer = asio::buffer(room.data(), room.size());
  while (!timed_out_ && !aborted_ && discarded < kLingerBytesMax) {
    auto [error, count] = co_await socket_.async_read_some(buffer, kToken);
    if (error) break;
    discarded += count;
  }
  abort();
}

bool Connection::is_quiet() {
  if (aborted_ || timed_out_ || !received_.empty() || !socket_.is_open()) return false;
  char byte = 0;
  const auto count = ::recv(socket_.native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  return count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
}

Peer Connection::peer() const {
  Peer peer;
  error_code error;
  const auto remote = socket_.remote_endpoint(error);
  if (!error) {
    peer.address = remote.address().to_string();
    peer.port = remote.port();
  }
  const auto local = socket_.local_endpoint(error);
  if (!error) peer.local_address = local.address().to_string();
  peer.tls = tls();
  peer.certificate_der = peer_certificate();
  return peer;
}

std::string Connection::peer_certificate() const {
  if (!tls_) return {};
  return peer_certificate_der(const_cast<ssl::stream<Socket&>&>(*tls_).native_handle());
}

}  // namespace angophora::http
