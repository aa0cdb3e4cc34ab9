#include "common/http/client.h"

#include <gmock/gmock.h>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>
#include <thread>

#include "common/http/testing.h"

namespace angophora::http::testing {
namespace {

using boost::asio::ip::tcp;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

class ClientTest : public ServerTest {
 protected:
  ~ClientTest() override {
    if (script_thread_.joinable()) script_thread_.join();
  }

  // A peer that takes connections one after the other. On each it reads to the end of a head and
  // sends what the script says, then reads on for the next line of the same connection; "" closes.
  using Script = std::vector<std::vector<std::string>>;
  void play(Script script) {
    script_port_ = acceptor_.local_endpoint().port();
    script_thread_ = std::thread([this, script = std::move(script)] {
      for (const auto& connection : script) {
        tcp::socket socket(script_io_);
        acceptor_.accept(socket);
        for (const auto& answer : connection) {
          read_head(socket);
          boost::system::error_code ignored;
          boost::asio::write(socket, boost::asio::buffer(answer), ignored);
        }
      }
      acceptor_.close();
    });
  }

  Result<Answer> ask(ClientRequest request = {}) {
    request.url.host = "127.0.0.1";
    request.url.port = script_port_;
    if (request.url.target.empty()) request.url.target = "/";
    return call(std::move(request));
  }

 private:
  static void read_head(tcp::socket& socket) {
    std::string head;
    boost::system::error_code error;
    char byte = 0;
    while (!error && !head.ends_with("\r\n\r\n"))
      if (socket.read_some(boost::asio::buffer(&byte, 1), error)) head += byte;
  }

  boost::asio::io_context script_io_;
  tcp::acceptor acceptor_{script_io_, {boost::asio::ip::make_address("127.0.0.1"), 0}};
  std::uint16_t script_port_ = 0;
  std::thread script_thread_;
};

const std::string kOk = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

TEST_F(ClientTest, FillsInHostAndLength) {
  serve([](Request& request) {
    std::string all;
    for (const auto& [name, value] : request.headers) all += name + "=" + value + ";";
    return answering(all)(request);
  });
  ClientRequest request;
  request.method = "POST";
  request.url = url("/");
  request.body = "abc";
  request.headers.add("X", "y");
  EXPECT_EQ(call(request).value().body,
            "Host=127.0.0.1:" + std::to_string(port()) + ";X=y;Content-Length=3;");
}

TEST_F(ClientTest, KeepsConnections) {
  serve([](Request& request) { return answering(std::to_string(request.peer.port))(request); });
  const auto first = get("/").value().body;
  EXPECT_EQ(get("/").value().body, first);
}

TEST_F(ClientTest, OpensAnotherConnectionWhenTheKeptOneIsClosed) {
  play({{kOk}, {kOk}});
  EXPECT_EQ(ask().value().body, "ok");
  // Whether the end of the first is seen before or after this one is sent: it comes through.
  ClientRequest request;
  request.idempotent = true;
  EXPECT_EQ(ask(request).value().body, "ok");
}

TEST_F(ClientTest, TriesAgainOnlyWhatMayBeRepeated) {
  play({{kOk, ""}, {kOk}});
  EXPECT_TRUE(ask());
  ClientRequest request;
  request.idempotent = true;
  // The kept connection takes the request and breaks without an answer.
  EXPECT_EQ(ask(request).value().body, "ok");
}

TEST_F(ClientTest, ReportsABrokenKeptConnectionForWhatMayNotBeRepeated) {
  play({{kOk, ""}});
  EXPECT_TRUE(ask());
  const auto answer = ask();
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, Errc::unavailable);
}

TEST_F(ClientTest, DoesNotTryAgainOnAFreshConnection) {
  play({{""}});
  ClientRequest request;
  request.idempotent = true;
  const auto answer = ask(request);
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, Errc::unavailable);
  EXPECT_THAT(answer.error().message, HasSubstr("GET at 127.0.0.1:"));
}

TEST_F(ClientTest, SkipsInterimAnswers) {
  play({{"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" + kOk}});
  EXPECT_EQ(ask().value().body, "ok");
}

TEST_F(ClientTest, ReadsBodiesInChunksAndToTheEnd) {
  play({{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"},
        {"HTTP/1.0 200 OK\r\n\r\nto the end"},
        {"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nto the end"}});
  ClientRequest request;
  request.idempotent = true;  // the kept connection may be found closed only when it is used
  EXPECT_EQ(ask(request).value().body, "abc");
  EXPECT_EQ(ask(request).value().body, "to the end");
  EXPECT_EQ(ask(request).value().body, "to the end");
}

TEST_F(ClientTest, ExpectsNoBodyWhereThereIsNone) {
  play(
      {{"HTTP/1.1 204 No Content\r\n\r\n", "HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n"}});
  EXPECT_EQ(ask().value().body, "");
  EXPECT_EQ(ask().value().status, 304);
  ClientRequest head;
  head.method = "HEAD";
  EXPECT_EQ(ask(head).value().headers.get("Content-Length"), "9");
}

TEST_F(ClientTest, TellsATruncatedBodyFromAWholeOne) {
  play({{"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc"},
        {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabc"}});
  EXPECT_EQ(ask().error().code, Errc::unavailable);
  EXPECT_EQ(ask().error().code, Errc::unavailable);
}

TEST_F(ClientTest, RefusesWhatIsNoHttp) {
  play({{"SSH-2.0-OpenSSH_9.2\r\n\r\n"},
        {"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab"},
        {std::string(100000, 'x')}});
  for (int i = 0; i < 3; ++i) EXPECT_EQ(ask().error().code, Errc::corrupt);
}

TEST_F(ClientTest, DoesNotKeepAConnectionWithMoreThanItsAnswer) {
  play({{kOk + "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nforged"}, {kOk}});
  EXPECT_EQ(ask().value().body, "ok");
  EXPECT_EQ(ask().value().body, "ok");
}

TEST_F(ClientTest, RefusesToSendABrokenRequest) {
  serve(answering("x"));
  ClientRequest bad_header;
  bad_header.url = url("/");
  bad_header.headers.add("X", "a\r\nY: b");
  EXPECT_EQ(call(bad_header).error().code, Errc::invalid_argument);
  ClientRequest bad_target;
  bad_target.url = url("/a b");
  EXPECT_EQ(call(bad_target).error().code, Errc::invalid_argument);
}

TEST_F(ClientTest, SaysWhoCannotBeReached) {
  serve(answering("x"));
  const auto target = url("/");
  on_loop([&] { server_.reset(); });
  ClientRequest request;
  request.url = target;
  const auto answer = call(request);
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, Errc::unavailable);
  EXPECT_THAT(answer.error().message,
              HasSubstr("connecting to 127.0.0.1:" + std::to_string(target.port)));
}

TEST_F(ClientTest, ResolvesNames) {
  serve(answering("x"));
  ClientRequest request;
  request.url = url("/");
  request.url.host = "localhost";
  EXPECT_EQ(call(request).value().body, "x");
  request.url.host = "no-such-host.invalid";
  EXPECT_EQ(call(request).error().code, Errc::unavailable);
}

// Waits for ever, or until the daemon stops.
awaitable<Response> never(Runtime& runtime) {
  co_await runtime.sleep_for(1h);
  co_return Response();
}

Task<std::string> never_more(Runtime& runtime) {
  co_await runtime.sleep_for(1h);
  co_return std::string();
}

awaitable<Response> stalling(Runtime& runtime) {
  Response response;
  response.body = BodySource([&runtime] { return never_more(runtime); });
  co_return response;
}

TEST_F(ClientTest, GivesUpOnAnAnswerThatDoesNotCome) {
  serve([this](Request&) { return never(runtime_); });
  ClientRequest request;
  request.url = url("/");
  request.timeout = 20ms;
  EXPECT_EQ(call(request).error().code, Errc::timed_out);
}

TEST_F(ClientTest, GivesUpOnABodyThatStalls) {
  serve([this](Request&) { return stalling(runtime_); });
  ClientRequest request;
  request.url = url("/");
  request.progress_timeout = 20ms;
  EXPECT_EQ(call(request).error().code, Errc::timed_out);
}

TEST_F(ClientTest, MayDropABodyThatIsNotRead) {
  serve([this](Request&) { return stalling(runtime_); });
  run([&](Runtime& runtime) {
    return [](Runtime& r, Url target) -> awaitable<void> {
      Client client(r, {});
      ClientRequest request;
      request.url = std::move(target);
      auto response = co_await client.send(std::move(request));
      EXPECT_TRUE(response);
      // Also while it is being read.
      std::string piece(10, '\0');
      const std::span<char> into(piece);
      auto reading = response.value().body->read(into);
      auto result = co_await r.with_deadline(10ms, std::move(reading), "reading");
      EXPECT_EQ(result.error().code, Errc::timed_out);
      response.value().body.reset();
      co_await r.sleep_for(1ms);
    }(runtime, url("/"));
  });
}

TEST_F(ClientTest, MayBeDestroyedWhileAnAnswerIsAwaited) {
  serve(answering("late"));
  run([&](Runtime& runtime) {
    return [](Runtime& r, Url target) -> awaitable<void> {
      auto client = std::make_unique<Client>(r, ClientOptions{});
      ClientRequest request;
      request.url = std::move(target);
      auto sending = client->send(std::move(request));
      client.reset();
      auto response = co_await std::move(sending);
      EXPECT_TRUE(response);
      const auto text = co_await response.value().body->read_all(100);
      EXPECT_EQ(text.value(), "late");
    }(runtime, url("/"));
  });
}

Task<std::string> piece_of(std::shared_ptr<int> left, std::string text) {
  if ((*left)-- > 0) co_return text;
  co_return std::string();
}

BodySource source_of(int pieces, std::string text) {
  auto left = std::make_shared<int>(pieces);
  return [=] { return piece_of(left, text); };
}

awaitable<Response> read_body(Request& request) {
  Response response;
  const auto length = request.body->length();
  auto body = co_await request.body->read_all(100);
  response.body = (length ? "known " : "unknown ") + (body ? body.value() : body.error().message);
  co_return response;
}

TEST_F(ClientTest, StreamsABodyOfKnownAndOfUnknownLength) {
  serve(read_body);
  ClientRequest request;
  request.method = "PUT";
  request.url = url("/");
  request.body_source = source_of(3, "abc");
  EXPECT_EQ(call(request).value().body, "unknown abcabcabc");
  request.body_source = source_of(3, "abc");
  request.body_length = 9;
  EXPECT_EQ(call(request).value().body, "known abcabcabc");
}

TEST_F(ClientTest, RefusesABodyOfAnotherLengthThanAnnounced) {
  serve(read_body);
  ClientRequest request;
  request.method = "PUT";
  request.url = url("/");
  request.body_source = source_of(3, "abc");
  request.body_length = 10;
  EXPECT_EQ(call(request).error().code, Errc::invalid_argument);
}

TEST_F(ClientTest, SeesTheAnswerOfAPeerThatDoesNotWantTheBody) {
  serve([](Request&) -> awaitable<Response> {
    Response response;
    response.status = 403;
    co_return response;
  });
  ClientRequest request;
  request.method = "PUT";
  request.url = url("/");
  request.body_source = source_of(1000, std::string(100000, 'x'));
  request.body_length = 100000000;
  const auto answer = call(request);
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer.value().status, 403);
}

}  // namespace
}  // namespace angophora::http::testing
