#include "common/http/server.h"

#include <gmock/gmock.h>
#include <poll.h>

#include <atomic>
#include <stdexcept>
#include <thread>

#include "common/http/testing.h"

namespace angophora::http::testing {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

// Answers with what it was asked: method, target and body.
Handler echoing() {
  auto handle = [](Request& request) -> awaitable<Response> {
    Response response;
    auto body = co_await request.body->read_all(1 << 24);
    std::string text = request.method + " " + request.target + " ";
    text += body ? body.value() : "<" + body.error().message + ">";
    if (!body) response.status = 400;
    response.body = std::move(text);
    co_return response;
  };
  return handle;
}

std::size_t count(std::string_view text, std::string_view what) {
  std::size_t times = 0;
  for (auto at = text.find(what); at != std::string_view::npos; at = text.find(what, at + 1))
    ++times;
  return times;
}

TEST_F(ServerTest, AnswersARequest) {
  serve(answering("hello"));
  const auto answer = get("/x?y=1");
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer.value().status, 200);
  EXPECT_EQ(answer.value().body, "hello");
}

TEST_F(ServerTest, TellsWhoAsks) {
  serve([](Request& request) {
    return answering(request.peer.address + " " + request.peer.local_address + " " +
                     (request.peer.port ? "port" : ""))(request);
  });
  EXPECT_EQ(get("/").value().body, "127.0.0.1 127.0.0.1 port");
}

TEST_F(ServerTest, NamesThePortItCannotBind) {
  serve(answering("x"));
  on_loop([&] {
    ServerOptions options;
    options.port = port();
    const auto second = Server::listen(runtime_, options, answering("y"));
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, Errc::io);
    EXPECT_THAT(second.error().message, HasSubstr(std::to_string(port())));
    ServerOptions nowhere;
    nowhere.address = "no address";
    EXPECT_FALSE(Server::listen(runtime_, nowhere, answering("y")));
  });
}

TEST_F(ServerTest, KeepsTheConnectionForMoreRequests) {
  serve(echoing());
  RawPeer peer(port());
  for (int i = 0; i < 3; ++i) {
    peer.send("GET /a HTTP/1.1\r\nHost: h\r\n\r\n");
    EXPECT_THAT(peer.receive("GET /a "), StartsWith("HTTP/1.1 200 OK\r\n"));
  }
  peer.send("GET /a HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
  EXPECT_THAT(peer.receive(), HasSubstr("Connection: close\r\n"));
}

TEST_F(ServerTest, AnswersPipelinedRequestsInOrder) {
  serve(echoing());
  const auto seen =
      raw("POST /1 HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc"
          "POST /2 HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\ndef\r\n0\r\n\r\n"
          "\r\nGET /3 HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
  const auto first = seen.find("POST /1 abc"), second = seen.find("POST /2 def");
  EXPECT_LT(first, second);
  EXPECT_LT(second, seen.find("GET /3 "));
  EXPECT_EQ(count(seen, "HTTP/1.1 200 OK"), 3u);
}

TEST_F(ServerTest, ClosesAfterHttp10UnlessAsked) {
  serve(answering("x"));
  EXPECT_THAT(raw("GET / HTTP/1.0\r\n\r\n"), HasSubstr("Connection: close\r\n"));
  RawPeer peer(port());
  peer.send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  EXPECT_THAT(peer.receive("\r\n\r\nx"), HasSubstr("Connection: keep-alive\r\n"));
}

TEST_F(ServerTest, SendsNoBodyToHead) {
  serve([](Request& request) -> awaitable<Response> {
    Response response;
    response.body = std::string("body");
    if (request.path() == "/long") response.head_length = 1000000;
    co_return response;
  });
  const auto seen =
      raw("HEAD /x HTTP/1.1\r\nHost: h\r\n\r\n"
          "HEAD /long HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
  EXPECT_THAT(seen, HasSubstr("Content-Length: 4\r\n"));
  EXPECT_THAT(seen, HasSubstr("Content-Length: 1000000\r\n"));
  EXPECT_THAT(seen, Not(HasSubstr("body")));
}

TEST_F(ServerTest, TurnsAnExceptionInto500) {
  serve([](Request&) -> awaitable<Response> {
    throw std::runtime_error("secret detail");
    co_return Response();
  });
  const auto seen = raw("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_THAT(seen, StartsWith("HTTP/1.1 500 Internal Server Error\r\n"));
  EXPECT_THAT(seen, Not(HasSubstr("secret")));
  EXPECT_THAT(raw("GET / HTTP/1.1\r\nHost: h\r\n\r\n"), StartsWith("HTTP/1.1 500"));
}

TEST_F(ServerTest, TurnsAnAnswerThatBreaksTheProtocolInto500) {
  serve([](Request&) -> awaitable<Response> {
    Response response;
    response.headers.add("X", "a\r\nSet-Cookie: stolen");
    co_return response;
  });
  const auto seen = raw("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_THAT(seen, StartsWith("HTTP/1.1 500"));
  EXPECT_THAT(seen, Not(HasSubstr("stolen")));
}

TEST_F(ServerTest, ClosesWhenTheHandlerSaysSo) {
  serve([](Request&) -> awaitable<Response> {
    Response response;
    response.close = true;
    co_return response;
  });
  EXPECT_THAT(raw("GET / HTTP/1.1\r\nHost: h\r\n\r\n"), HasSubstr("Connection: close\r\n"));
}

TEST_F(ServerTest, RefusesMalformedRequestsAndCloses) {
  serve(answering("must not be reached"));
  EXPECT_THAT(raw("nonsense\r\n\r\n"), StartsWith("HTTP/1.1 400 Bad Request\r\n"));
  EXPECT_THAT(raw("GET / HTTP/1.1\r\n\r\n"), StartsWith("HTTP/1.1 400"));
  EXPECT_THAT(raw("GET / HTTP/3.0\r\nHost: h\r\n\r\n"), StartsWith("HTTP/1.1 505"));
  EXPECT_THAT(raw("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n"
                  "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /smuggled HTTP/1.1\r\n\r\n"),
              AllOf(StartsWith("HTTP/1.1 400"), Not(HasSubstr("must not be reached"))));
}

TEST_F(ServerTest, LetsTheOwnerWriteRefusals) {
  ServerOptions options;
  options.refusal = [](int status, std::string_view) {
    Response response;
    response.body = "<Error>" + std::to_string(status) + "</Error>";
    return response;
  };
  serve(answering("x"), options);
  EXPECT_THAT(raw("nonsense\r\n\r\n"), EndsWith("\r\n\r\n<Error>400</Error>"));
}

TEST_F(ServerTest, RefusesAHeaderThatIsTooLarge) {
  ServerOptions options;
  options.header_bytes_max = 1000;
  serve(answering("x"), options);
  const std::string fits(1000 - 30, 'a');
  EXPECT_THAT(
      raw("GET /" + std::string(900, 'a') + " HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"),
      StartsWith("HTTP/1.1 200"));
  EXPECT_THAT(raw("GET /" + std::string(1000, 'a') + " HTTP/1.1\r\nHost: h\r\n\r\n"),
              StartsWith("HTTP/1.1 431"));
  EXPECT_THAT(raw(std::string(100000, 'a')), StartsWith("HTTP/1.1 431"));
}

TEST_F(ServerTest, ClosesAConnectionThatStaysIdle) {
  ServerOptions options;
  options.idle_timeout = 20ms;
  serve(answering("x"), options);
  RawPeer silent(port());
  EXPECT_TRUE(silent.closed());
  RawPeer peer(port());
  peer.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_THAT(peer.receive(), EndsWith("\r\n\r\nx"));
}

TEST_F(ServerTest, Answers408WhenTheHeaderDoesNotCome) {
  ServerOptions options;
  options.header_timeout = 20ms;
  serve(answering("x"), options);
  EXPECT_THAT(raw("GET / HTTP/1.1\r\nHos"), StartsWith("HTTP/1.1 408 Request Timeout\r\n"));
}

TEST_F(ServerTest, TurnsAwayWhatIsTooMany) {
  ServerOptions options;
  options.connections_max = 1;
  serve(answering("x"), options);
  RawPeer first(port());
  first.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_THAT(first.receive("\r\n\r\nx"), StartsWith("HTTP/1.1 200"));
  EXPECT_THAT(raw("GET / HTTP/1.1\r\nHost: h\r\n\r\n"), StartsWith("HTTP/1.1 503"));
}

TEST_F(ServerTest, TurnsAwayAPeerThatHasTooMany) {
  ServerOptions options;
  options.connections_per_peer_max = 1;
  serve(answering("x"), options);
  {
    RawPeer first(port());
    first.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    EXPECT_THAT(first.receive("\r\n\r\nx"), StartsWith("HTTP/1.1 200"));
    EXPECT_THAT(raw("GET / HTTP/1.1\r\nHost: h\r\n\r\n"), StartsWith("HTTP/1.1 503"));
    first.send("GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
    EXPECT_THAT(first.receive(), EndsWith("x"));
  }
  std::string again;
  for (int i = 0; i < 1000 && again.find("200 OK") == std::string::npos; ++i)
    again = raw("GET / HTTP/1.0\r\n\r\n");
  EXPECT_THAT(again, StartsWith("HTTP/1.1 200")) << "the first one's place is free again";
}

TEST_F(ServerTest, ABodyThatDripsHasAnEnd) {
  ServerOptions options;
  options.body_timeout = 50ms;
  serve(echoing(), options);
  RawPeer slow(port());
  slow.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 16000000\r\n\r\n");
  std::atomic<bool> answered = false;
  std::thread drip([&] {
    while (!answered) slow.send("x");
  });
  EXPECT_THAT(slow.receive(), HasSubstr("took"));
  answered = true;
  drip.join();
}

// What is left of it is read away for the sake of the connection, but not byte by byte for ever.
TEST_F(ServerTest, ABodyThatDripsBehindItsAnswerHasAnEnd) {
  ServerOptions options;
  options.body_timeout = 50ms;
  serve(answering("x"), options);
  RawPeer slow(port());
  slow.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 200000\r\n\r\n");
  std::atomic<bool> closed = false;
  std::thread drip([&] {
    while (!closed) {
      slow.send("x");
      poll(nullptr, 0, 5);  // so that it would take a quarter of an hour
    }
  });
  EXPECT_THAT(slow.receive(), EndsWith("\r\n\r\nx"));
  closed = true;
  drip.join();
}

TEST_F(ServerTest, SurvivesPeersThatVanish) {
  serve(echoing());
  for (const char* text :
       {"", "G", "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\nabc",
        "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n5\r\na"}) {
    RawPeer peer(port());
    peer.send(text);
    peer.close();
  }
  EXPECT_EQ(get("/").value().status, 200);
}

}  // namespace
}  // namespace angophora::http::testing
