// TLS beside plain HTTP, and how a server ends.
#include <gmock/gmock.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <future>
#include <thread>

#include "common/http/server.h"
#include "common/http/testing.h"
#include "common/http/tls.h"

namespace angophora::http::testing {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

// Answers with the SHA-256 of the client's certificate, or "nobody".
awaitable<Response> name_peer(Request& request) {
  Response response;
  response.headers.add("X-Tls", request.peer.tls ? "yes" : "no");
  const auto& der = request.peer.certificate_der;
  response.body = der.empty() ? "nobody" : sha256(der);
  co_return response;
}

ServerOptions with_tls() {
  ServerOptions options;
  options.tls = make_identity();
  options.want_client_certificate = true;
  return options;
}

TEST_F(ServerTest, SpeaksTlsAndPlainOnOnePort) {
  serve(name_peer, with_tls());
  ClientRequest request;
  request.url = url("/", true);
  EXPECT_EQ(call(request).value().headers.get("X-Tls"), "yes");
  EXPECT_EQ(get("/").value().headers.get("X-Tls"), "no");
}

TEST_F(ServerTest, HandsTheClientsCertificateToTheHandler) {
  serve(name_peer, with_tls());
  ClientOptions options;
  options.tls = make_identity();
  const auto expected = sha256_of_certificate(*options.tls);
  ClientRequest request;
  request.url = url("/", true);
  EXPECT_EQ(call(request, options).value().body, expected);
  EXPECT_EQ(call(request).value().body, expected);  // on the kept connection
}

TEST_F(ServerTest, TakesClientsWithoutACertificate) {
  serve(name_peer, with_tls());
  ClientRequest request;
  request.url = url("/", true);
  EXPECT_EQ(call(request).value().body, "nobody");
}

TEST_F(ServerTest, RefusesPlainWhereOnlyTlsIsAllowed) {
  auto options = with_tls();
  options.allow_plain = false;
  serve(name_peer, options);
  EXPECT_THAT(raw("GET / HTTP/1.1\r\nHost: h\r\n\r\n"), StartsWith("HTTP/1.1 403"));
}

TEST_F(ServerTest, RefusesAKeyThatDoesNotFit) {
  on_loop([&] {
    ServerOptions options = with_tls();
    options.tls->private_key_pem = make_identity().private_key_pem;
    EXPECT_EQ(Server::listen(runtime_, options, name_peer).error().code, Errc::invalid_argument);
    options.tls->certificate_pem = "no PEM";
    EXPECT_EQ(Server::listen(runtime_, options, name_peer).error().code, Errc::invalid_argument);
  });
}

// True when a handshake with at most `version` succeeds.
bool shakes_hands(std::uint16_t port, int version) {
  namespace asio = boost::asio;
  asio::io_context io;
  asio::ssl::context context(asio::ssl::context::tls_client);
  SSL_CTX_set_security_level(context.native_handle(), 0);
  SSL_CTX_set_min_proto_version(context.native_handle(), TLS1_VERSION);
  SSL_CTX_set_max_proto_version(context.native_handle(), version);
  asio::ssl::stream<asio::ip::tcp::socket> stream(io, context);
  stream.next_layer().connect({asio::ip::make_address("127.0.0.1"), port});
  boost::system::error_code error;
  stream.handshake(asio::ssl::stream_base::client, error);
  return !error;
}

TEST_F(ServerTest, SpeaksTls12And13Only) {
  serve(name_peer, with_tls());
  EXPECT_TRUE(shakes_hands(port(), TLS1_3_VERSION));
  EXPECT_TRUE(shakes_hands(port(), TLS1_2_VERSION));
  EXPECT_FALSE(shakes_hands(port(), TLS1_1_VERSION));
}

TEST_F(ServerTest, SurvivesABrokenHandshake) {
  serve(name_peer, with_tls());
  const std::string garbage("\x16\x03\x01\x00\x20 no greeting at all, though long enough", 44);
  EXPECT_THAT(raw(garbage), Not(HasSubstr("HTTP")));
  EXPECT_EQ(get("/").value().status, 200);
}

TEST_F(ServerTest, GivesUpOnAHandshakeThatStalls) {
  auto options = with_tls();
  options.header_timeout = 20ms;
  serve(name_peer, options);
  EXPECT_EQ(raw("\x16\x03\x01"), "");
}

TEST_F(ServerTest, TakesAGreetingForGarbageWithoutTls) {
  serve(name_peer);
  EXPECT_THAT(raw("\x16\x03\x01\r\n\r\n"), StartsWith("HTTP/1.1 400"));
}

// A handler that waits until it is let go.
struct Gate {
  std::promise<void> reached;
  common::Wake wake;
};
Handler waiting_at(Gate& gate, Runtime& runtime) {
  auto handle = [](Gate& g, Runtime& r) -> awaitable<Response> {
    g.reached.set_value();
    co_await g.wake.wait(r, 10s);
    Response response;
    response.body = std::string("done");
    co_return response;
  };
  return [&, handle](Request&) { return handle(gate, runtime); };
}

constexpr std::string_view kGet = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";

TEST_F(ServerTest, DrainsByAnsweringWhatIsUnderWayAndClosingWhatIsIdle) {
  Gate gate;
  serve(waiting_at(gate, runtime_));
  RawPeer idle(port()), busy(port());
  busy.send(kGet);
  gate.reached.get_future().wait();
  on_loop([&] { server_->drain(); });
  EXPECT_TRUE(idle.closed());
  on_loop([&] { gate.wake.notify(); });
  EXPECT_THAT(busy.receive(), AllOf(HasSubstr("Connection: close\r\n"), EndsWith("done")));
}

TEST_F(ServerTest, AcceptsNothingAfterADrain) {
  serve(answering("x"));
  // Holds the port, so that no other program on this machine gets it meanwhile.
  boost::asio::ip::tcp::socket holder(runtime_.executor(), boost::asio::ip::tcp::v4());
  holder.set_option(boost::asio::socket_base::reuse_address(true));
  on_loop([&] {
    server_->drain();
    holder.bind({boost::asio::ip::address_v4::loopback(), port()});
  });
  const auto answer = get("/");
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, Errc::unavailable);
}

TEST_F(ServerTest, FinishesWhatIsUnderWayWhenTheDaemonStops) {
  Gate gate;
  serve(waiting_at(gate, runtime_));
  RawPeer busy(port());
  busy.send(kGet);
  gate.reached.get_future().wait();
  runtime_.stop();
  EXPECT_THAT(busy.receive(), EndsWith("done"));
}

TEST_F(ServerTest, MayBeDestroyedWhileServing) {
  Gate gate;
  serve(waiting_at(gate, runtime_));
  RawPeer busy(port()), idle(port());
  busy.send(kGet);
  gate.reached.get_future().wait();
  on_loop([&] { server_.reset(); });
  EXPECT_TRUE(idle.closed());
  on_loop([&] { gate.wake.notify(); });
  EXPECT_TRUE(busy.closed());
}

awaitable<Response> deaf(std::promise<void>& reached) {
  reached.set_value();
  boost::asio::steady_timer timer(co_await boost::asio::this_coro::executor, 1h);
  co_await timer.async_wait(boost::asio::use_awaitable);
  co_return Response();
}

TEST(Server, DoesNotKeepADaemonUpBeyondItsGrace) {
  std::promise<void> reached;
  auto runtime = std::make_unique<RealRuntime>(
      common::RealRuntimeOptions{.pool_threads = 1, .stop_grace = 20ms, .handle_signals = false});
  auto server =
      std::move(Server::listen(*runtime, {}, [&](Request&) { return deaf(reached); })).value();
  std::thread loop([&] { runtime->run(); });
  RawPeer peer(server->port());
  peer.send(kGet);
  reached.get_future().wait();
  runtime->stop();
  loop.join();
  server.reset();
  runtime.reset();
  EXPECT_TRUE(peer.closed());
}

}  // namespace
}  // namespace angophora::http::testing
