// Bodies: how requests' reach a handler and answers' reach the peer.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <unistd.h>

#include <future>

#include "common/http/server.h"
#include "common/http/testing.h"

namespace angophora::http::testing {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

// Says how many bytes came, and why not more.
awaitable<Response> count_bytes(Request& request) {
  Response response;
  std::string piece(10000, '\0');
  std::size_t total = 0;
  for (;;) {
    const std::span<char> into(piece);
    const auto count = co_await request.body->read(into);
    if (!count) {
      response.status = count.error().code == Errc::timed_out ? 408 : 400;
      response.body = count.error().message;
      co_return response;
    }
    total += count.value();
    if (count.value() == 0) break;
  }
  response.body = std::to_string(total) + " bytes";
  co_return response;
}

awaitable<Response> ignore_body(Request&) {
  Response response;
  response.status = 403;
  response.body = std::string("no");
  co_return response;
}

constexpr std::string_view kPost = "POST / HTTP/1.1\r\nHost: h\r\n";
std::string post(std::string_view rest) { return std::string(kPost).append(rest); }

TEST_F(ServerTest, ReadsLargeBodies) {
  serve(count_bytes);
  ClientRequest request;
  request.method = "PUT";
  request.url = url("/");
  request.body = std::string(5000000, 'x');
  const auto answer = call(request);
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer.value().body, "5000000 bytes");
}

TEST_F(ServerTest, TellsTheLengthOnlyWhenItIsKnown) {
  serve([](Request& request) {
    const auto length = request.body->length();
    return answering(length ? std::to_string(*length) : "unknown")(request);
  });
  EXPECT_THAT(raw(post("Connection: close\r\nContent-Length: 3\r\n\r\nabc")), EndsWith("\r\n3"));
  EXPECT_THAT(raw(post("Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n")),
              EndsWith("unknown"));
  EXPECT_THAT(raw(post("Connection: close\r\n\r\n")), EndsWith("\r\n0"));
}

TEST_F(ServerTest, TellsABodyThatBreaksOffFromACompleteOne) {
  bool seen = false;
  serve([&seen](Request& request) -> awaitable<Response> {
    const auto body = co_await request.body->read_all(100);
    EXPECT_FALSE(body);
    seen = true;
    Response response;
    response.status = 400;
    co_return response;
  });
  EXPECT_THAT(raw(post("Transfer-Encoding: chunked\r\n\r\nzzz\r\n")), StartsWith("HTTP/1.1 400"));
  EXPECT_TRUE(seen);
}

TEST_F(ServerTest, GivesUpOnABodyThatDoesNotCome) {
  ServerOptions options;
  options.progress_timeout = 20ms;
  serve(count_bytes, options);
  EXPECT_THAT(raw(post("Content-Length: 10\r\n\r\nabc")), StartsWith("HTTP/1.1 408"));
}

TEST_F(ServerTest, LimitsBodies) {
  ServerOptions options;
  options.body_bytes_max = 10;
  serve(count_bytes, options);
  EXPECT_THAT(raw(post("Content-Length: 11\r\n\r\n")), StartsWith("HTTP/1.1 413"));
  EXPECT_THAT(
      raw(post(
          "Connection: close\r\nTransfer-Encoding: chunked\r\n\r\nb\r\nhello world\r\n0\r\n\r\n")),
      AllOf(StartsWith("HTTP/1.1 400"), EndsWith("larger than 10 bytes")));
}

TEST_F(ServerTest, ReadsAllOnlyUpToTheLimit) {
  serve([](Request& request) -> awaitable<Response> {
    const auto body = co_await request.body->read_all(5);
    Response response;
    if (!body) response.status = body.error().code == Errc::limit_exceeded ? 413 : 500;
    co_return response;
  });
  EXPECT_THAT(raw(post("Connection: close\r\nContent-Length: 5\r\n\r\nhello")),
              StartsWith("HTTP/1.1 200"));
  EXPECT_THAT(raw(post("Connection: close\r\nContent-Length: 6\r\n\r\nhello!")),
              StartsWith("HTTP/1.1 413"));
  EXPECT_THAT(
      raw(post("Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n6\r\nhello!\r\n0\r\n\r\n")),
      StartsWith("HTTP/1.1 413"));
}

TEST_F(ServerTest, SaysContinueWhenTheBodyIsWanted) {
  serve(count_bytes);
  RawPeer peer(port());
  peer.send(post("Expect: 100-continue\r\nContent-Length: 3\r\n\r\n"));
  EXPECT_EQ(peer.receive("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
  peer.send("abc");
  EXPECT_THAT(peer.receive("3 bytes"), StartsWith("HTTP/1.1 200 OK\r\n"));
}

TEST_F(ServerTest, SaysContinueBeforeAnEmptyBodyToo) {
  serve(count_bytes);
  RawPeer peer(port());
  peer.send(post("Expect: 100-continue\r\nContent-Length: 0\r\n\r\n"));
  EXPECT_THAT(peer.receive("0 bytes"), StartsWith("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK"));
}

TEST_F(ServerTest, SaysNoContinueWhenTheBodyIsNotWanted) {
  serve(ignore_body);
  const auto seen = raw(post("Expect: 100-continue\r\nContent-Length: 3\r\n\r\n"));
  EXPECT_THAT(seen, StartsWith("HTTP/1.1 403"));
  EXPECT_THAT(seen, HasSubstr("Connection: close\r\n"));
}

TEST_F(ServerTest, SkipsASmallBodyThatNobodyRead) {
  serve(ignore_body);
  const auto seen = raw(post("Content-Length: 30\r\n\r\nGET /smuggled HTTP/1.1\r\nHost:") +
                        post("Connection: close\r\n\r\n"));
  EXPECT_THAT(seen, HasSubstr("noHTTP/1.1 403"));
}

TEST_F(ServerTest, SkipsASmallChunkedBodyThatNobodyRead) {
  serve(ignore_body);
  const auto seen = raw(post("Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n") +
                        post("Connection: close\r\n\r\n"));
  EXPECT_THAT(seen, HasSubstr("noHTTP/1.1 403"));
}

TEST_F(ServerTest, ClosesRatherThanReadALargeBodyThatNobodyWants) {
  serve(ignore_body);
  RawPeer peer(port());
  peer.send(post("Content-Length: 3000000\r\n\r\n"));
  peer.send(std::string(3000000, 'x'));
  const auto seen = peer.receive();
  EXPECT_THAT(seen, AllOf(StartsWith("HTTP/1.1 403"), HasSubstr("Connection: close\r\n")));
}

// Counts down from `pieces`.
BodySource source_of(int pieces, std::string piece, bool fails = false) {
  auto left = std::make_shared<int>(pieces);
  auto next = [](std::shared_ptr<int> n, std::string text, bool f) -> Task<std::string> {
    if ((*n)-- > 0) co_return text;
    if (f) co_return Error(Errc::io, "the disk is gone");
    co_return std::string();
  };
  return [=] { return next(left, piece, fails); };
}

Handler streaming(BodySource source, std::string length = {}) {
  auto handle = [](BodySource s, std::string l) -> awaitable<Response> {
    Response response;
    if (!l.empty()) response.headers.add("Content-Length", l);
    response.body = std::move(s);
    co_return response;
  };
  return [=](Request&) { return handle(source, length); };
}

constexpr std::string_view kGet = "GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n";

TEST_F(ServerTest, StreamsInChunks) {
  serve(streaming(source_of(2, "hello")));
  EXPECT_THAT(raw(kGet), AllOf(HasSubstr("Transfer-Encoding: chunked\r\n"),
                               EndsWith("\r\n\r\n5\r\nhello\r\n5\r\nhello\r\n0\r\n\r\n")));
}

TEST_F(ServerTest, StreamsWithAKnownLength) {
  serve(streaming(source_of(2, "hello"), "10"));
  EXPECT_THAT(raw(kGet),
              AllOf(HasSubstr("Content-Length: 10\r\n"), EndsWith("\r\n\r\nhellohello")));
}

TEST_F(ServerTest, StreamsToTheEndOfTheConnectionForHttp10) {
  serve(streaming(source_of(2, "hello")));
  EXPECT_THAT(raw("GET / HTTP/1.0\r\n\r\n"),
              AllOf(Not(HasSubstr("chunked")), EndsWith("\r\n\r\nhellohello")));
}

TEST_F(ServerTest, BreaksTheAnswerOffWhenItsSourceFails) {
  serve(streaming(source_of(1, "hello", true)));
  EXPECT_THAT(raw(kGet), EndsWith("\r\n\r\n5\r\nhello\r\n"));
}

TEST_F(ServerTest, BreaksTheAnswerOffWhenItsSourceHasTheWrongLength) {
  serve(streaming(source_of(2, "hello"), "7"));
  EXPECT_THAT(raw(kGet), EndsWith("\r\n\r\nhello"));
}

TEST_F(ServerTest, CanEchoABodyWhileItArrives) {
  serve([](Request& request) -> awaitable<Response> {
    Response response;
    auto next = [](BodyReader* body) -> Task<std::string> {
      std::string piece(4, '\0');
      const std::span<char> into(piece);
      CO_TRY(const std::size_t count, co_await body->read(into));
      piece.resize(count);
      co_return piece;
    };
    BodyReader* body = request.body;
    response.body = BodySource([next, body] { return next(body); });
    co_return response;
  });
  ClientRequest request;
  request.method = "POST";
  request.url = url("/");
  request.body = "hello world";
  EXPECT_EQ(call(request).value().body, "hello world");
}

class FileTest : public ServerTest {
 protected:
  FileTest() {
    char path[] = "/tmp/http_test.XXXXXX";
    fd_ = own_fd(::mkstemp(path));
    ::unlink(path);
    for (std::size_t i = 0; content_.size() < 1500000; ++i) content_ += std::to_string(i) + ",";
    EXPECT_EQ(::write(*fd_, content_.data(), content_.size()), ssize_t(content_.size()));
  }
  void serve_range(std::uint64_t offset, std::uint64_t length, ServerOptions options = {}) {
    auto handle = [](FileRange range) -> awaitable<Response> {
      Response response;
      response.body = range;
      co_return response;
    };
    FileRange range{fd_, offset, length};
    serve([=](Request&) { return handle(range); }, options);
  }

  std::shared_ptr<const int> fd_;
  std::string content_;
};

TEST_F(FileTest, SendsAWholeFile) {
  serve_range(0, content_.size());
  EXPECT_EQ(get("/").value().body, content_);
  EXPECT_EQ(get("/").value().body, content_);
}

TEST_F(FileTest, SendsAPieceOfAFile) {
  serve_range(1000, 1000001);
  EXPECT_EQ(get("/").value().body, content_.substr(1000, 1000001));
}

TEST_F(FileTest, SendsAnEmptyPiece) {
  serve_range(5, 0);
  EXPECT_EQ(get("/").value().body, "");
}

TEST_F(FileTest, SendsAFileOverTls) {
  ServerOptions options;
  options.tls = make_identity();
  serve_range(1, content_.size() - 1, options);
  ClientRequest request;
  request.url = url("/", true);
  const auto answer = call(request);
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_TRUE(answer.value().body == content_.substr(1));
}

TEST_F(FileTest, BreaksOffWhenTheFileIsTooShort) {
  serve_range(content_.size() - 10, 20);
  const auto answer = get("/");
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, Errc::unavailable);
  EXPECT_THAT(answer.error().message, HasSubstr("10 bytes before its end"));
}

TEST_F(FileTest, GivesUpOnAPeerThatDoesNotRead) {
  ServerOptions options;
  options.progress_timeout = 50ms;
  ASSERT_EQ(::ftruncate(*fd_, 30000000), 0);
  // Tells when the last owner lets go, while the peer still waits.
  std::promise<void> released;
  auto handle = [](int fd, std::promise<void>& done) -> awaitable<Response> {
    FileRange range;
    range.fd = std::shared_ptr<const int>(new int(fd), [&done](const int* owned) {
      delete owned;
      done.set_value();
    });
    range.length = 30000000;
    Response response;
    response.body = std::move(range);
    co_return response;
  };
  serve([&, fd = *fd_](Request&) { return handle(fd, released); }, options);
  RawPeer peer(port());
  peer.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_EQ(released.get_future().wait_for(10s), std::future_status::ready);
}

}  // namespace
}  // namespace angophora::http::testing
