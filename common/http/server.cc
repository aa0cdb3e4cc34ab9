#include "common/http/server.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "common/http/session.h"
#include "common/log/log.h"

namespace angophora::http {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;
using common::Errc;
using common::Error;
using common::ok;

namespace {
constexpr auto kAcceptPause = std::chrono::milliseconds(50);
constexpr std::size_t kTurnedAwayMax = 64;  // beyond connections_max, to tell them so
}  // namespace

struct Server::Parts {
  Parts(common::Runtime& runtime, ServerOptions options, Handler handler)
      : context(std::make_shared<ServerContext>(runtime, std::move(options), std::move(handler))),
        acceptor(runtime.executor()) {}

  Result<> open();
  void drain();

  std::shared_ptr<ServerContext> context;
  tcp::acceptor acceptor;
  common::Runtime::TimerId stop_call = 0;
  std::uint16_t port = 0;
};

Result<> Server::Parts::open() {
  const auto& options = context->options;
  const auto fail = [&](std::string_view step, const error_code& error) {
    return Error(Errc::io, std::string(step) + " " + options.address + " port " +
                               std::to_string(options.port) + ": " + error.message());
  };
  error_code error;
  const auto address = asio::ip::make_address(options.address, error);
  if (error) return fail("reading the address", error);
  const tcp::endpoint endpoint(address, options.port);
  acceptor.open(endpoint.protocol(), error);
  if (error) return fail("opening a socket for", error);
  acceptor.set_option(tcp::acceptor::reuse_address(true), error);
  acceptor.bind(endpoint, error);
  if (error) return fail("binding", error);
  acceptor.listen(1024, error);
  if (error) return fail("listening on", error);
  port = acceptor.local_endpoint(error).port();
  return ok();
}

void Server::Parts::drain() {
  if (context->draining) return;
  context->draining = true;
  error_code ignored;
  acceptor.close(ignored);
  for (auto* session : context->sessions) session->drain();
}

namespace {

// One line when it fills up, and the next only after there was room again.
void note_fullness(ServerContext& context, std::size_t open) {
  const auto most = context.options.connections_max;
  if (!context.full && open >= most)
    log::warn("http.connections_full",
              {{"address", context.options.address}, {"connections_max", most}});
  if (open >= most)
    context.full = true;
  else if (open < most - most / 10)
    context.full = false;
}

// Counts one connection of an address.
class PeerCount {
 public:
  PeerCount(ServerContext& context, const Socket& socket) : counts_(context.connections_of) {
    error_code gone;
    const auto peer = socket.remote_endpoint(gone);
    at_ = counts_.try_emplace(gone ? std::string() : peer.address().to_string()).first;
    ++at_->second;
  }
  ~PeerCount() {
    if (--at_->second == 0) counts_.erase(at_->first);
  }
  PeerCount(const PeerCount&) = delete;
  std::size_t open() const { return at_->second; }

 private:
  std::unordered_map<std::string, std::size_t>& counts_;
  std::unordered_map<std::string, std::size_t>::iterator at_;
};

asio::awaitable<void> run_session(std::shared_ptr<ServerContext> context, Socket socket) {
  const auto& options = context->options;
  const std::size_t open = context->sessions.size();
  const PeerCount of_peer(*context, socket);
  note_fullness(*context, open);
  if (open >= options.connections_max + kTurnedAwayMax ||
      of_peer.open() > options.connections_per_peer_max + kTurnedAwayMax)
    co_return;
  Session session(context, std::move(socket));
  if (open >= options.connections_max || of_peer.open() > options.connections_per_peer_max)
    co_await session.turn_away();
  else
    co_await session.run();
}

asio::awaitable<void> accept_loop(std::shared_ptr<ServerContext> context,
                                  std::shared_ptr<tcp::acceptor> shared) {
  tcp::acceptor& acceptor = *shared;
  bool failing = false;
  while (acceptor.is_open()) {
    auto [error, socket] = co_await acceptor.async_accept(kToken);
    if (context->draining) co_return;
    if (error) {
      // Mostly out of descriptors, which lasts until others have finished.
      if (!failing) log::warn("http.accept_failed", {{"reason", error.message()}});
      failing = true;
      co_await context->runtime.sleep_for(kAcceptPause);
      continue;
    }
    failing = false;
    error_code ignored;
    socket.set_option(tcp::no_delay(true), ignored);
    context->runtime.spawn("http.session", run_session(context, std::move(socket)));
  }
}

}  // namespace

Result<std::unique_ptr<Server>> Server::listen(common::Runtime& runtime, ServerOptions options,
                                               Handler handler) {
  auto parts = std::make_shared<Parts>(runtime, std::move(options), std::move(handler));
  auto& context = *parts->context;
  if (context.options.tls) {
    TRY(context.tls,
        server_tls_context(*context.options.tls, context.options.want_client_certificate));
  }
  TRY_VOID(parts->open());
  std::unique_ptr<Server> server(new Server(parts));
  parts->stop_call = runtime.on_stop([weak = std::weak_ptr<Parts>(parts)] {
    if (const auto alive = weak.lock()) alive->drain();
  });
  std::shared_ptr<tcp::acceptor> acceptor(parts, &parts->acceptor);
  runtime.spawn("http.accept", accept_loop(parts->context, std::move(acceptor)));
  return server;
}

Server::Server(std::shared_ptr<Parts> parts) : parts_(std::move(parts)) {}

Server::~Server() {
  parts_->context->runtime.cancel(parts_->stop_call);
  parts_->drain();
  for (auto* session : parts_->context->sessions) session->abort();
}

void Server::drain() { parts_->drain(); }

std::uint16_t Server::port() const { return parts_->port; }

}  // namespace angophora::http
