#include "common/http/head.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/http/response_head.h"

namespace angophora::http {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

Head parsed(const std::string& text) {
  auto result = parse_request_head(text);
  if (const auto* refusal = std::get_if<Refusal>(&result)) {
    ADD_FAILURE() << refusal->reason;
    return {};
  }
  return std::get<Head>(result);
}

// The status that `text` is refused with, or 0.
int refused(const std::string& text) {
  const auto result = parse_request_head(text);
  const auto* refusal = std::get_if<Refusal>(&result);
  return refusal ? refusal->status : 0;
}

// A request whose further header lines are `lines`.
std::string with(const std::string& lines) {
  return "POST /x HTTP/1.1\r\nHost: h\r\n" + lines + "\r\n";
}

TEST(RequestHead, IsTakenApart) {
  const auto head = parsed("PUT /a?b HTTP/1.1\r\nHost: h\r\nX:  y \r\nContent-Length: 7\r\n\r\n");
  EXPECT_EQ(head.method, "PUT");
  EXPECT_EQ(head.target, "/a?b");
  EXPECT_EQ(head.headers.get("x"), "y");
  EXPECT_EQ(head.content_length, 7u);
  EXPECT_TRUE(head.keep_alive);
  EXPECT_FALSE(head.chunked);
}

TEST(RequestHead, KnowsWhoKeepsTheConnection) {
  EXPECT_FALSE(parsed(with("Connection: close\r\n")).keep_alive);
  EXPECT_FALSE(parsed("GET / HTTP/1.0\r\n\r\n").keep_alive);
  EXPECT_TRUE(parsed("GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n").keep_alive);
}

TEST(RequestHead, TakesAnUnknownMethod) {
  EXPECT_EQ(parsed("FROB / HTTP/1.1\r\nHost: h\r\n\r\n").method, "FROB");
}

TEST(RequestHead, TurnsAnAbsoluteTargetIntoPathAndHost) {
  const auto head = parsed("GET http://real:80/a?b HTTP/1.1\r\nHost: other\r\n\r\n");
  EXPECT_EQ(head.target, "/a?b");
  EXPECT_EQ(head.headers.get("Host"), "real:80");
  EXPECT_EQ(parsed("GET http://real HTTP/1.1\r\nHost: h\r\n\r\n").target, "/");
  EXPECT_EQ(parsed("GET http://real?q HTTP/1.1\r\nHost: h\r\n\r\n").target, "/?q");
}

TEST(RequestHead, RefusesTwoMeaningsOfTheLength) {
  EXPECT_EQ(refused(with("Content-Length: 1\r\nTransfer-Encoding: chunked\r\n")), 400);
  EXPECT_EQ(refused(with("Transfer-Encoding: chunked\r\nContent-Length: 1\r\n")), 400);
  EXPECT_EQ(refused(with("Content-Length: 1\r\nContent-Length: 2\r\n")), 400);
  EXPECT_EQ(refused(with("Content-Length: 1\r\nContent-Length: 1\r\n")), 400);
  EXPECT_EQ(refused(with("Content-Length: 1, 1\r\n")), 400);
  EXPECT_EQ(refused(with("Content-Length: 1\r\nTransfer-Encoding: identity\r\n")), 400);
}

TEST(RequestHead, RefusesLengthsThatAreNoPlainNumber) {
  for (const char* length : {"", "+1", "-1", "0x10", "1 1", "1;", "one"})
    EXPECT_EQ(refused(with("Content-Length: " + std::string(length) + "\r\n")), 400) << length;
  // Beast gives up on what does not fit into 64 bits.
  EXPECT_NE(refused(with("Content-Length: 99999999999999999999\r\n")), 0);
}

TEST(RequestHead, RefusesOtherTransferCodings) {
  for (const char* coding : {"gzip", "gzip, chunked", "chunked, gzip", "xchunked", "identity",
                             "chunked, chunked", "\"chunked\"", "chunked;q=1"})
    EXPECT_NE(refused(with("Transfer-Encoding: " + std::string(coding) + "\r\n")), 0) << coding;
  EXPECT_EQ(refused(with("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n")), 400);
  EXPECT_EQ(refused("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n"), 400);
  EXPECT_EQ(refused(with("Transfer-Encoding: Chunked\r\n")), 0);
}

TEST(RequestHead, RefusesFoldedAndBadlyEndedLines) {
  EXPECT_EQ(refused(with("X: a\r\n b\r\n")), 400);
  EXPECT_EQ(refused(with("X: a\r\n\tb\r\n")), 400);
  EXPECT_EQ(refused("GET / HTTP/1.1\r\n Host: h\r\n\r\n"), 400);
  EXPECT_EQ(refused(with("X: a\nY: b\r\n")), 400);
  EXPECT_EQ(refused(with("X: a\rY: b\r\n")), 400);
}

TEST(RequestHead, RefusesBadNamesAndValues) {
  EXPECT_EQ(refused(with("X : a\r\n")), 400);
  EXPECT_EQ(refused(with(": a\r\n")), 400);
  EXPECT_EQ(refused(with("no colon\r\n")), 400);
  EXPECT_EQ(refused(with("X\x80: a\r\n")), 400);
  EXPECT_EQ(refused(with(std::string("X: a\0b\r\n", 8))), 400);
  EXPECT_EQ(refused(with("X: a\x01\r\n")), 400);
  EXPECT_EQ(refused(with("Transfer-Encoding : chunked\r\n")), 400);
  EXPECT_EQ(refused(with("Transfer-Encoding\t: chunked\r\n")), 400);
}

TEST(RequestHead, RefusesBadRequestLines) {
  EXPECT_EQ(refused("GET  / HTTP/1.1\r\nHost: h\r\n\r\n"), 400);
  EXPECT_EQ(refused("GET / x HTTP/1.1\r\nHost: h\r\n\r\n"), 400);
  EXPECT_EQ(refused("GET HTTP/1.1\r\nHost: h\r\n\r\n"), 400);
  EXPECT_EQ(refused("GET x HTTP/1.1\r\nHost: h\r\n\r\n"), 400);
  EXPECT_EQ(refused("GET ftp://h/ HTTP/1.1\r\nHost: h\r\n\r\n"), 400);
  EXPECT_EQ(refused("G@T / HTTP/1.1\r\nHost: h\r\n\r\n"), 400);
  EXPECT_EQ(refused("GET /\r\n\r\n"), 400);
  EXPECT_EQ(refused("GET / HTTP/2.0\r\nHost: h\r\n\r\n"), 505);
  EXPECT_EQ(refused("PRI * HTTP/2.0\r\n\r\n"), 505);
}

TEST(RequestHead, WantsExactlyOneHost) {
  EXPECT_EQ(refused("GET / HTTP/1.1\r\n\r\n"), 400);
  EXPECT_EQ(refused(with("Host: other\r\n")), 400);
  EXPECT_EQ(refused("GET / HTTP/1.0\r\n\r\n"), 0);
}

TEST(RequestHead, KnowsExpectContinueAndPassesOverWhatElseIsExpected) {
  EXPECT_TRUE(parsed(with("Expect: 100-Continue\r\n")).expect_continue);
  EXPECT_FALSE(parsed(with("Expect: cake\r\n")).expect_continue);
  EXPECT_FALSE(parsed(with("Expect:\r\n")).expect_continue);
}

TEST(HeadSize, FindsTheEmptyLineAlsoAcrossReads) {
  const std::string text = "GET / HTTP/1.0\r\n\r\nrest";
  EXPECT_EQ(head_size(text), 18u);
  EXPECT_EQ(head_size(text.substr(0, 17)), std::nullopt);
  EXPECT_EQ(head_size(text, 17), 18u);
}

TEST(ResponseHead, IsTakenApart) {
  const auto result = parse_response_head(
      "HTTP/1.1 404 Not Found\r\nContent-Length: 3\r\nConnection: close\r\n\r\n");
  const auto& head = std::get<Head>(result);
  EXPECT_EQ(head.status, 404);
  EXPECT_EQ(head.content_length, 3u);
  EXPECT_FALSE(head.keep_alive);
}

TEST(ResponseHead, RefusesWhatIsNoHttp) {
  for (const char* text : {"SSH-2.0-OpenSSH\r\n\r\n", "HTTP/1.1 20 OK\r\n\r\n", "\r\n\r\n"})
    EXPECT_TRUE(std::holds_alternative<Refusal>(parse_response_head(text))) << text;
}

std::string answer(const std::string& method, Response response, bool http11 = true) {
  Head request;
  request.method = method;
  request.http11 = http11;
  auto head = make_response_head(request, response, true, common::SysTime{});
  return head ? head.value().text : head.error().message;
}

TEST(MakeResponseHead, FramesByItself) {
  Response response;
  response.headers.add("Content-Length", "999");
  response.headers.add("Transfer-Encoding", "gzip");
  response.body = std::string("abc");
  EXPECT_EQ(answer("GET", response),
            "HTTP/1.1 200 OK\r\nDate: Thu, 01 Jan 1970 00:00:00 GMT\r\nContent-Length: 3\r\n\r\n");
}

TEST(MakeResponseHead, SaysTheLengthToHeadWithoutABody) {
  Response response;
  response.head_length = 12345;
  EXPECT_THAT(answer("HEAD", response), HasSubstr("Content-Length: 12345\r\n"));
}

TEST(MakeResponseHead, GivesNoLengthWhereThereIsNoBody) {
  Response response;
  response.status = 204;
  EXPECT_THAT(answer("DELETE", response), Not(HasSubstr("Content-Length")));
}

TEST(MakeResponseHead, SendsChunksOnlyToThoseWhoKnowThem) {
  Response response;
  response.body = BodySource();
  EXPECT_THAT(answer("GET", response), HasSubstr("Transfer-Encoding: chunked\r\n"));
  EXPECT_THAT(answer("GET", response, false), Not(HasSubstr("chunked")));
  EXPECT_THAT(answer("GET", response, false), HasSubstr("Connection: close\r\n"));
  response.headers.add("Content-Length", "10");
  EXPECT_THAT(answer("GET", response), HasSubstr("Content-Length: 10\r\n"));
}

TEST(MakeResponseHead, RefusesAnswersThatBreakTheProtocol) {
  Response response;
  response.headers.add("X", "a\r\nSet-Cookie: b");
  EXPECT_THAT(answer("GET", response), HasSubstr("forbidden characters"));
  Response no_final;
  no_final.status = 101;
  EXPECT_THAT(answer("GET", no_final), HasSubstr("status 101"));
}

}  // namespace
}  // namespace angophora::http
