#include "common/http/http.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/http/client.h"

namespace angophora::http {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;

TEST(Headers, AreFoundWithoutRegardToCase) {
  Headers headers;
  headers.add("Content-Type", "text/xml");
  EXPECT_EQ(headers.get("content-type"), "text/xml");
  EXPECT_EQ(headers.get("Content-Typ"), "");
  EXPECT_FALSE(headers.find("x"));
}

TEST(Headers, KeepSeveralOfOneNameInOrder) {
  Headers headers;
  headers.add("X-Amz-Meta-A", "1");
  headers.add("x-amz-meta-a", "2");
  EXPECT_THAT(headers.all("X-AMZ-META-A"), ElementsAre("1", "2"));
  headers.set("X-Amz-Meta-A", "3");
  EXPECT_THAT(headers.all("x-amz-meta-a"), ElementsAre("3"));
  headers.remove("X-AMZ-meta-a");
  EXPECT_EQ(headers.size(), 0u);
}

TEST(Request, SplitsItsTarget) {
  Request request;
  request.target = "/a%20b?x=1&y";
  EXPECT_EQ(request.path(), "/a%20b");
  EXPECT_EQ(request.query(), "x=1&y");
  request.target = "/a";
  EXPECT_EQ(request.path(), "/a");
  EXPECT_EQ(request.query(), "");
}

TEST(ParseQuery, DecodesNamesAndValuesInOrder) {
  const auto parameters = parse_query("b=%20x&a=1&a&=v&&c=d=e", false);
  ASSERT_TRUE(parameters);
  EXPECT_THAT(*parameters, ElementsAre(Pair("b", " x"), Pair("a", "1"), Pair("a", ""),
                                       Pair("", "v"), Pair("c", "d=e")));
}

TEST(ParseQuery, TakesPlusForASpaceOnlyWhenAsked) {
  EXPECT_THAT(*parse_query("a=1+2", true), ElementsAre(Pair("a", "1 2")));
  EXPECT_THAT(*parse_query("a=1+2", false), ElementsAre(Pair("a", "1+2")));
}

TEST(ParseQuery, RefusesBrokenEscapesAndTooManyParts) {
  EXPECT_FALSE(parse_query("a=%2", false));
  EXPECT_FALSE(parse_query("%zz=1", false));
  EXPECT_FALSE(parse_query("a&b&c", false, 2));
  EXPECT_TRUE(parse_query("a&b", false, 2));
  EXPECT_TRUE(parse_query("", false)->empty());
}

TEST(ParseUrl, TakesUrlsApart) {
  const auto url = parse_url("https://cloud.example:8773/services/compute?x=%20");
  ASSERT_TRUE(url);
  EXPECT_TRUE(url.value().tls);
  EXPECT_EQ(url.value().host, "cloud.example");
  EXPECT_EQ(url.value().port, 8773);
  EXPECT_EQ(url.value().target, "/services/compute?x=%20");
}

TEST(ParseUrl, FillsInPortAndPath) {
  EXPECT_EQ(parse_url("http://h").value().port, 80);
  EXPECT_EQ(parse_url("HTTPS://h").value().port, 443);
  EXPECT_EQ(parse_url("http://h").value().target, "/");
  EXPECT_EQ(parse_url("http://h?x=1").value().target, "/?x=1");
  EXPECT_EQ(parse_url("http://h:80#part").value().target, "/");
}

TEST(ParseUrl, KnowsNumericHosts) {
  EXPECT_EQ(parse_url("http://[::1]:80/").value().host, "::1");
  EXPECT_EQ(parse_url("http://127.0.0.1/").value().host, "127.0.0.1");
}

TEST(ParseUrl, RefusesWhatCannotBeAsked) {
  for (const char* text : {"", "h", "ftp://h/", "http:///x", "http://u:p@h/", "http://h:99999/",
                           "http://h:0/", "http://h/a b", "/path"}) {
    const auto url = parse_url(text);
    ASSERT_FALSE(url) << text;
    EXPECT_EQ(url.error().code, common::Errc::invalid_argument);
    EXPECT_THAT(url.error().message, HasSubstr("the URL"));
  }
}

TEST(OwnFd, ClosesWithItsLastOwner) {
  const int fd = ::open("/dev/null", O_RDONLY);
  auto owned = own_fd(fd);
  auto other = owned;
  owned.reset();
  EXPECT_EQ(::fcntl(fd, F_GETFD), 0);
  other.reset();
  EXPECT_EQ(::fcntl(fd, F_GETFD), -1);
}

}  // namespace
}  // namespace angophora::http
