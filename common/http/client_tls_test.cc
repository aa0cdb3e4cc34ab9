// The client and TLS; many requests at once.
#include <gmock/gmock.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <cstdio>
#include <fstream>
#include <future>

#include "common/http/client.h"
#include "common/http/testing.h"

namespace angophora::http::testing {
namespace {

using ::testing::HasSubstr;

class TlsClientTest : public ServerTest {
 protected:
  TlsClientTest() {
    ServerOptions options;
    options.tls = identity_;
    serve(answering("x"), options);
    request_.url = url("/", true);
  }
  TlsIdentity identity_ = make_identity();
  ClientRequest request_;
};

TEST_F(TlsClientTest, TakesThePinnedCertificate) {
  request_.peer_sha256 = sha256_of_certificate(identity_);
  const auto answer = call(request_);
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer.value().body, "x");
  EXPECT_FALSE(answer.value().peer_certificate_der.empty());
}

TEST_F(TlsClientTest, RefusesAnyOtherCertificate) {
  request_.peer_sha256 = std::string(32, 'x');
  const auto answer = call(request_);
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, Errc::permission_denied);
  EXPECT_THAT(answer.error().message, HasSubstr("another certificate"));
}

TEST_F(TlsClientTest, DoesNotUseAConnectionThatWasOpenedForAnotherCertificate) {
  EXPECT_TRUE(call(request_));
  request_.peer_sha256 = std::string(32, 'x');
  EXPECT_EQ(call(request_).error().code, Errc::permission_denied);
}

// A client that judges by name: whom it trusts is in a file.
class JudgingClientTest : public TlsClientTest {
 protected:
  Result<Answer> call_trusting(const TlsIdentity& identity) {
    const auto path = ::testing::TempDir() + "angophora-trust-" + std::to_string(getpid());
    std::ofstream(path) << identity.certificate_pem;
    ClientOptions options;
    options.trust_file = path;
    auto answer = call(request_, options);
    std::remove(path.c_str());
    return answer;
  }
};

TEST_F(JudgingClientTest, TakesACertificateThatItTrusts) {
  const auto answer = call_trusting(identity_);
  EXPECT_TRUE(answer) << answer.error().message;
}

TEST_F(JudgingClientTest, RefusesAStranger) {
  const auto answer = call_trusting(make_identity());
  ASSERT_FALSE(answer);
  EXPECT_THAT(answer.error().message, HasSubstr("certificate verify failed"));
}

TEST_F(JudgingClientTest, RefusesACertificateForAnotherName) {
  request_.url.host = "localhost";  // it is for 127.0.0.1
  EXPECT_FALSE(call_trusting(identity_));
}

TEST_F(JudgingClientTest, SaysThatItsFileCannotBeRead) {
  ClientOptions options;
  options.trust_file = "/none";
  EXPECT_EQ(call(request_, options).error().code, Errc::invalid_argument);
}

TEST_F(TlsClientTest, SaysThatThePeerSpeaksNoTls) {
  serve(answering("x"));
  request_.url = url("/", true);
  EXPECT_EQ(call(request_).error().code, Errc::unavailable);
}

TEST_F(TlsClientTest, FailsWithAnUnusableIdentity) {
  ClientOptions options;
  options.tls = TlsIdentity{"no", "PEM"};
  EXPECT_EQ(call(request_, options).error().code, Errc::invalid_argument);
}

TEST_F(TlsClientTest, GivesUpOnAHandshakeThatStalls) {
  using boost::asio::ip::tcp;
  boost::asio::io_context io;
  const tcp::endpoint any(boost::asio::ip::make_address("127.0.0.1"), 0);
  const tcp::acceptor silent(io, any);
  ClientOptions options;
  options.connect_timeout = 20ms;
  request_.url.port = silent.local_endpoint().port();
  EXPECT_EQ(call(request_, options).error().code, Errc::timed_out);
}

// One of many: sends a body of its own and expects it back.
awaitable<void> converse(Client& client, Url target, int number, int& good) {
  for (int round = 0; round < 5; ++round) {
    ClientRequest request;
    request.method = "POST";
    request.url = target;
    request.body =
        std::string(static_cast<std::size_t>(number * 977 % 70000 + round), 'a' + number % 26);
    const std::string expected = request.body;
    auto response = co_await client.send(std::move(request));
    if (!response) co_return;
    const auto text = co_await response.value().body->read_all(1 << 20);
    if (text && text.value() == expected) ++good;
  }
}

awaitable<Response> echo(Request& request) {
  Response response;
  auto body = co_await request.body->read_all(1 << 20);
  if (body) response.body = std::move(body).value();
  co_return response;
}

constexpr int kPeers = 60;

TEST_F(ServerTest, ServesManyAtOnceOverPlainAndTls) {
  ServerOptions options;
  options.tls = make_identity();
  serve(echo, options);
  int good = 0, ended = 0;
  std::promise<void> done;
  std::unique_ptr<Client> client;
  on_loop([&] {
    client = std::make_unique<Client>(runtime_, ClientOptions{});
    for (int number = 0; number < kPeers; ++number) {
      auto one = [](Client& c, Url target, int n, int& g, int& e,
                    std::promise<void>& d) -> awaitable<void> {
        co_await converse(c, std::move(target), n, g);
        if (++e == kPeers) d.set_value();
      };
      runtime_.spawn("peer", one(*client, url("/", number % 2), number, good, ended, done));
    }
  });
  done.get_future().wait();
  EXPECT_EQ(good, kPeers * 5);
  on_loop([&] { client.reset(); });
}

}  // namespace
}  // namespace angophora::http::testing
