// Signature Version 2 of the query APIs and of S3, against the examples of AWS' documentation.
#include <gtest/gtest.h>

#include "common/base/encoding.h"
#include "common/sigv/sign.h"

namespace angophora::sigv {
namespace {

using namespace std::chrono_literals;

const std::string kSecret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";

Result<> check(const SignedRequest& request, Rules rules, const std::string& secret, SysTime now) {
  TRY(const auto claim, parse(request, rules));
  return verify(claim, secret, now);
}
std::string why(const Result<>& r) { return r ? "ok" : r.assume_error().message; }

SignedRequest s3(std::string method, std::string target, std::string date, std::string signature,
                 HeaderList more = {}) {
  SignedRequest r;
  r.method = std::move(method);
  r.target = std::move(target);
  r.bucket = "johnsmith";
  r.headers = {{"Host", "johnsmith.s3.amazonaws.com"},
               {"Date", std::move(date)},
               {"Authorization", "AWS AKIAIOSFODNN7EXAMPLE:" + signature}};
  for (auto& field : more) r.headers.push_back(field);
  return r;
}

TEST(SigV2Query, AcceptsTheExampleOfElasticMapReduce) {
  SignedRequest r;
  r.method = "GET";
  r.target =
      "/?AWSAccessKeyId=AKIAIOSFODNN7EXAMPLE&Action=DescribeJobFlows&SignatureMethod=HmacSHA256"
      "&SignatureVersion=2&Timestamp=2011-10-03T15%3A19%3A30&Version=2009-03-31"
      "&Signature=i91nKc4PWAt0JJIdXwz9HxZCJDdiy6cf%2FMj6vPxyYIs%3D";
  r.headers = {{"Host", "elasticmapreduce.amazonaws.com"}};
  const auto now = *common::parse_iso8601("2011-10-03T15:20:00Z");
  const auto result = check(r, Rules::query_api, kSecret, now);
  EXPECT_TRUE(result) << why(result);
  EXPECT_EQ(check(r, Rules::query_api, kSecret, now + 16min).assume_error().code, SigErrc::skewed);
}

SignedRequest describe(std::string method, std::string path) {
  SignedRequest r;
  r.method = std::move(method);
  const std::string parameters = "Action=DescribeInstances&Filter.1.Value=a%20b*~";
  r.target = r.method == "POST" ? path : path + "?" + parameters;
  if (r.method == "POST") r.form = parameters;
  r.headers = {{"Host", "Cloud.Example:8773"}};
  return r;
}
const SysTime kNow = *common::parse_iso8601("2026-11-22T02:40:58Z");

TEST(SigV2Query, WorksInQueryAndForm) {
  for (const char* method : {"GET", "POST"})
    for (const bool sha256 : {true, false}) {
      auto r = describe(method, "/services/compute");
      sign_v2(r, {"AK", "secret", "token"}, kNow, sha256);
      const auto claim = parse(r, Rules::query_api).assume_value();
      EXPECT_EQ(claim.access_key, "AK");
      EXPECT_EQ(claim.session_token, "token");
      EXPECT_TRUE(verify(claim, "secret", kNow + 1min));
      EXPECT_EQ(verify(claim, "other", kNow).assume_error().code, SigErrc::mismatch);
    }
}

TEST(SigV2Query, ForgivesAClosingSlashAndAPort) {
  auto slash = describe("POST", "/services/compute");
  sign_v2(slash, {"AK", "secret", ""}, kNow);
  slash.target = "/services/compute/";
  EXPECT_TRUE(check(slash, Rules::query_api, "secret", kNow));
  auto port = describe("POST", "/services/compute/");
  port.headers = {{"Host", "cloud.example"}};
  sign_v2(port, {"AK", "secret", ""}, kNow);
  port.headers = {{"Host", "cloud.example:8773"}};
  EXPECT_TRUE(check(port, Rules::query_api, "secret", kNow));
  port.target = "/services/Euare/";
  EXPECT_FALSE(check(port, Rules::query_api, "secret", kNow));
}

TEST(SigV2Query, NoticesAlteredAndAddedParameters) {
  auto r = describe("POST", "/");
  sign_v2(r, {"AK", "secret", ""}, kNow);
  auto added = r, altered = r, beside = r;
  added.form += "&InstanceId.1=i-1";
  altered.form.replace(altered.form.find("Describe"), 8, "Terminat");
  beside.target += "?InstanceId.1=i-1";
  for (const auto& request : {added, altered, beside})
    EXPECT_EQ(check(request, Rules::query_api, "secret", kNow).assume_error().code,
              SigErrc::mismatch);
}

TEST(SigV2Query, ExpiresWhereItSaysSo) {
  const std::string parameters =
      "AWSAccessKeyId=AK&Expires=2026-11-22T03%3A00%3A00Z&SignatureMethod=HmacSHA256"
      "&SignatureVersion=2&Signature=c2ln";
  SignedRequest r;
  r.method = "GET";
  r.target = "/?" + parameters;
  r.headers = {{"Host", "h"}};
  const auto claim = parse(r, Rules::query_api).assume_value();
  EXPECT_EQ(verify(claim, "secret", kNow).assume_error().code, SigErrc::mismatch);
  EXPECT_EQ(verify(claim, "secret", kNow + 1h).assume_error().code, SigErrc::expired);
}

TEST(SigV2Query, RefusesWhatIsIncompleteOrUnknown) {
  const std::string base = "AWSAccessKeyId=AK&Signature=c2ln&SignatureVersion=2";
  const std::pair<std::string, SigErrc> cases[] = {
      {"AWSAccessKeyId=AK&Action=X", SigErrc::unsupported},
      {"AWSAccessKeyId=AK&Signature=c2ln&SignatureVersion=1", SigErrc::unsupported},
      {base + "&SignatureMethod=HmacMD5", SigErrc::unsupported},
      {base + "&SignatureMethod=HmacSHA1", SigErrc::malformed},
      {base + "&SignatureMethod=HmacSHA1&Timestamp=yesterday", SigErrc::malformed},
      {base +
           "&SignatureMethod=HmacSHA1&Timestamp=2026-11-22T02:40:58Z&Expires=2026-11-22T02:40:58Z",
       SigErrc::malformed},
      {"Signature=c2ln&SignatureVersion=2&SignatureMethod=HmacSHA1", SigErrc::malformed},
      {base + "&SignatureMethod=%zz", SigErrc::malformed},
  };
  for (const auto& [parameters, code] : cases) {
    SignedRequest r;
    r.method = "POST";
    r.target = "/";
    r.form = parameters;
    r.headers = {{"Host", "h"}};
    EXPECT_EQ(parse(r, Rules::query_api).assume_error().code, code) << parameters;
  }
}

TEST(SigV2S3, AcceptsTheExamplesOfTheDocumentation) {
  const SignedRequest requests[] = {
      s3("GET", "/photos/puppy.jpg", "Tue, 27 Mar 2007 19:36:42 +0000",
         "bWq2s1WEIj+Ydj0vQ697zp+IXMU="),
      s3("PUT", "/photos/puppy.jpg", "Tue, 27 Mar 2007 21:15:45 +0000",
         "MyyxeRY7whkBe+bq8fHCL/2kKUg=", {{"Content-Type", "image/jpeg"}}),
      s3("GET", "/?prefix=photos&max-keys=50&marker=puppy", "Tue, 27 Mar 2007 19:42:41 +0000",
         "htDYFYduRNen8P9ZfE/s9SuKy0U="),
      s3("GET", "/?acl", "Tue, 27 Mar 2007 19:44:46 +0000", "c2WLPFtWHVgbEmeEG93a4cG37dM="),
  };
  for (const auto& request : requests) {
    const auto now = *common::parse_http_date(*request.header("date"));
    const auto r = check(request, Rules::s3, kSecret, now + 1min);
    EXPECT_TRUE(r) << request.target << ": " << why(r);
    EXPECT_EQ(check(request, Rules::s3, kSecret, now + 16min).assume_error().code, SigErrc::skewed);
  }
}

TEST(SigV2S3, SignsAmzHeadersTogetherAndInOrder) {
  SignedRequest r;
  r.method = "PUT";
  r.target = "/db-backup.dat.gz";
  r.bucket = "static.johnsmith.net";
  r.headers = {{"Host", "static.johnsmith.net:8080"},
               {"Date", "Tue, 27 Mar 2007 21:06:08 +0000"},
               {"x-amz-acl", "public-read"},
               {"content-type", "application/x-download"},
               {"Content-MD5", "4gJE4saaMU4BqNR0kLY+lw=="},
               {"X-Amz-Meta-ReviewedBy", "joe@johnsmith.net"},
               {"X-Amz-Meta-ReviewedBy", "jane@johnsmith.net"},
               {"X-Amz-Meta-FileChecksum", "0x02661779"},
               {"X-Amz-Meta-ChecksumAlgorithm", "crc32"},
               {"Authorization", "AWS AKIAIOSFODNN7EXAMPLE:ilyl83RwaSoYIEdixDQcA4OnAnc="}};
  const auto r1 = check(r, Rules::s3, kSecret, *common::parse_http_date(*r.header("date")));
  EXPECT_TRUE(r1) << why(r1);
}

TEST(SigV2S3, AcceptsTheQueryExampleUntilItExpires) {
  SignedRequest r;
  r.method = "GET";
  r.bucket = "johnsmith";
  r.headers = {{"Host", "johnsmith.s3.amazonaws.com"}};
  const auto end = SysTime(1175139620s);
  for (const char* signature :
       {"NpgCjnDzrM%2BWFzoENXmpNDUsSn8%3D", "NpgCjnDzrM+WFzoENXmpNDUsSn8="}) {
    r.target =
        "/photos/puppy.jpg?AWSAccessKeyId=AKIAIOSFODNN7EXAMPLE&Expires=1175139620&Signature=" +
        std::string(signature);
    const auto good = check(r, Rules::s3, kSecret, end - 1h);
    EXPECT_TRUE(good) << why(good);
    EXPECT_EQ(check(r, Rules::s3, kSecret, end + 1s).assume_error().code, SigErrc::expired);
  }
}

TEST(SigV2S3, CoversSubresourcesAndNothingElseOfTheQuery) {
  SignedRequest r;
  r.method = "PUT";
  r.target = "/bucket/key%20a?uploadId=u%2B1&partNumber=2&x=y";
  r.headers = {{"Host", "127.0.0.1:8776"}};
  sign_s3_v2(r, {"AK", "secret", "token"}, kNow);
  const auto claim = parse(r, Rules::s3).assume_value();
  EXPECT_TRUE(verify(claim, "secret", kNow));
  EXPECT_EQ(claim.session_token, "token");
  EXPECT_NE(claim.string_to_sign.find("/bucket/key%20a?partNumber=2&uploadId=u+1"),
            std::string::npos)
      << claim.string_to_sign;
  auto other_part = r;
  other_part.target.replace(other_part.target.find("Number=2"), 8, "Number=3");
  EXPECT_EQ(check(other_part, Rules::s3, "secret", kNow).assume_error().code, SigErrc::mismatch);
}

TEST(SigV2S3, AnAmzDateTakesThePlaceOfTheDate) {
  SignedRequest r;
  r.method = "DELETE";
  r.target = "/b/k";
  r.headers = {{"Host", "h"},
               {"Date", "Sun, 22 Nov 2020 00:00:00 GMT"},
               {"x-amz-date", common::format_http_date(kNow)}};
  sign_s3_v2(r, {"AK", "secret", ""}, kNow);
  EXPECT_TRUE(check(r, Rules::s3, "secret", kNow));
  EXPECT_NE(parse(r, Rules::s3).assume_value().string_to_sign.find("DELETE\n\n\n\nx-amz-date:"),
            std::string::npos);
}

TEST(SigV2S3, RefusesWhatIsIncomplete) {
  for (const char* text : {"AWS AK", "AWS :c2ln", "AWS AK:", "AWS  "}) {
    SignedRequest r;
    r.method = "GET";
    r.target = "/";
    r.headers = {{"Host", "h"}, {"Date", common::format_http_date(kNow)}, {"Authorization", text}};
    EXPECT_EQ(parse(r, Rules::s3).assume_error().code, SigErrc::malformed) << text;
  }
  for (const char* query :
       {"AWSAccessKeyId=A&Signature=c2ln", "AWSAccessKeyId=A&Signature=c2ln&Expires=x",
        "AWSAccessKeyId=A&Signature=c2ln&Expires=99999999999999"}) {
    SignedRequest r;
    r.method = "GET";
    r.target = std::string("/?") + query;
    r.headers = {{"Host", "h"}};
    EXPECT_EQ(parse(r, Rules::s3).assume_error().code, SigErrc::malformed) << query;
  }
}

}  // namespace
}  // namespace angophora::sigv
