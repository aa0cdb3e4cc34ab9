// Signature Version 4 against the vectors that AWS has published.
#include <gtest/gtest.h>

#include "common/crypto/digest.h"
#include "common/sigv/chunks.h"
#include "common/sigv/sign.h"

namespace angophora::sigv {
namespace {

using namespace std::chrono_literals;

const std::string kSuiteSecret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
const std::string kS3Secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
const SysTime kSuiteTime = *common::parse_iso8601("20150830T123600Z");
const SysTime kS3Time = *common::parse_iso8601("20130524T000000Z");
const char kAnyHash[] = "0000000000000000000000000000000000000000000000000000000000000000";

SignedRequest suite(std::string method, std::string target, std::string signed_headers,
                    std::string signature, HeaderList more = {}) {
  SignedRequest r;
  r.method = std::move(method);
  r.target = std::move(target);
  r.headers = {{"Host", "example.amazonaws.com"}, {"X-Amz-Date", "20150830T123600Z"}};
  for (auto& field : more) r.headers.push_back(field);
  r.headers.emplace_back(
      "Authorization",
      "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, "
      "SignedHeaders=" +
          signed_headers + ", Signature=" + signature);
  return r;
}

SignedRequest s3(std::string method, std::string target, std::string signed_headers,
                 std::string signature, HeaderList headers) {
  SignedRequest r;
  r.method = std::move(method);
  r.target = std::move(target);
  r.headers = std::move(headers);
  r.headers.emplace_back("x-amz-date", "20130524T000000Z");
  r.headers.emplace_back("Authorization",
                         "AWS4-HMAC-SHA256 "
                         "Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,"
                         "SignedHeaders=" +
                             signed_headers + ",Signature=" + signature);
  return r;
}

Result<> check(const SignedRequest& request, Rules rules, const std::string& secret, SysTime now) {
  TRY(const auto claim, parse(request, rules));
  return verify(claim, secret, now);
}

std::string why(const Result<>& r) { return r ? "ok" : r.assume_error().message; }

TEST(SigV4, AcceptsTheTestSuite) {
  const std::string two = "host;x-amz-date";
  SignedRequest form = suite("POST", "/", "content-type;host;x-amz-date",
                             "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a",
                             {{"Content-Type", "application/x-www-form-urlencoded"}});
  form.body_sha256 = crypto::sha256_hex("Param1=value1");
  const SignedRequest requests[] = {
      suite("GET", "/", two, "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"),
      suite("GET", "/?Param2=value2&Param1=value1", two,
            "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500"),
      suite("POST", "/", two, "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"),
      form,
  };
  for (const auto& request : requests) {
    const auto r = check(request, Rules::query_api, kSuiteSecret, kSuiteTime);
    EXPECT_TRUE(r) << request.target << ": " << why(r);
  }
}

TEST(SigV4, NormalisesPathsAndHeadersAsTheSuiteAsks) {
  Scope scope{"us-east-1", "service", Rules::query_api};
  const Credentials who{"AKIDEXAMPLE", kSuiteSecret, ""};
  auto sign = [&](std::string target, std::string value) {
    SignedRequest r;
    r.method = "GET";
    r.target = std::move(target);
    r.headers = {{"Host", "example.amazonaws.com"}, {"My-Header1", std::move(value)}};
    sign_v4(r, who, scope, kSuiteTime);
    return std::string(*r.header("authorization"));
  };
  const auto plain = sign("/example/", "a b c");
  EXPECT_EQ(sign("//example//", " a   b   c "), plain);
  EXPECT_EQ(sign("/./example/foo/../", "a b c"), plain);
  EXPECT_NE(sign("/example", "a b c"), plain);
}

TEST(SigV4, AcceptsTheExampleOfIam) {
  SignedRequest r;
  r.method = "GET";
  r.target = "/?Action=ListUsers&Version=2010-05-08";
  r.headers = {{"host", "iam.amazonaws.com"},
               {"content-type", "application/x-www-form-urlencoded; charset=utf-8"},
               {"x-amz-date", "20150830T123600Z"},
               {"authorization",
                "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/iam/aws4_request, "
                "SignedHeaders=content-type;host;x-amz-date, "
                "Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7"}};
  const auto r1 = check(r, Rules::query_api, kSuiteSecret, kSuiteTime);
  EXPECT_TRUE(r1) << why(r1);
  r.target += "&Extra=1";
  EXPECT_EQ(check(r, Rules::query_api, kSuiteSecret, kSuiteTime).assume_error().code,
            SigErrc::mismatch);
}

TEST(SigV4, AcceptsTheExamplesOfS3) {
  const std::string host = "examplebucket.s3.amazonaws.com";
  const std::string empty = crypto::sha256_hex("");
  const SignedRequest requests[] = {
      s3("GET", "/test.txt", "host;range;x-amz-content-sha256;x-amz-date",
         "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41",
         {{"Host", host}, {"Range", "bytes=0-9"}, {"x-amz-content-sha256", empty}}),
      s3("PUT", "/test$file.text", "date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class",
         "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd",
         {{"Host", host},
          {"Date", "Fri, 24 May 2013 00:00:00 GMT"},
          {"x-amz-storage-class", "REDUCED_REDUNDANCY"},
          {"x-amz-content-sha256", crypto::sha256_hex("Welcome to Amazon S3.")}}),
      s3("GET", "/?lifecycle", "host;x-amz-content-sha256;x-amz-date",
         "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543",
         {{"Host", host}, {"x-amz-content-sha256", empty}}),
      s3("GET", "/?max-keys=2&prefix=J", "host;x-amz-content-sha256;x-amz-date",
         "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7",
         {{"Host", host}, {"x-amz-content-sha256", empty}}),
  };
  for (const auto& request : requests) {
    const auto r = check(request, Rules::s3, kS3Secret, kS3Time);
    EXPECT_TRUE(r) << request.target << ": " << why(r);
  }
}

SignedRequest presigned_example() {
  SignedRequest r;
  r.method = "GET";
  r.target =
      "/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential="
      "AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date="
      "20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host&X-Amz-Signature="
      "aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404";
  r.headers = {{"Host", "examplebucket.s3.amazonaws.com"}};
  return r;
}

TEST(SigV4, AcceptsThePresignedExampleForItsDay) {
  const auto request = presigned_example();
  EXPECT_TRUE(check(request, Rules::s3, kS3Secret, kS3Time));
  EXPECT_TRUE(check(request, Rules::s3, kS3Secret, kS3Time + 24h));
  EXPECT_EQ(check(request, Rules::s3, kS3Secret, kS3Time + 24h + 1s).assume_error().code,
            SigErrc::expired);
  EXPECT_EQ(check(request, Rules::s3, kS3Secret, kS3Time - 16min).assume_error().code,
            SigErrc::skewed);
  EXPECT_EQ(parse(request, Rules::s3).assume_value().payload, Payload::unsigned_payload);
}

TEST(SigV4, PresignsAsTheExampleDoes) {
  SignedRequest r;
  r.method = "GET";
  r.target = "/test.txt";
  r.headers = {{"Host", "examplebucket.s3.amazonaws.com"}};
  const auto target = presign_v4(r, {"AKIAIOSFODNN7EXAMPLE", kS3Secret, ""},
                                 {"us-east-1", "s3", Rules::s3}, kS3Time, 86400s);
  EXPECT_EQ(target, presigned_example().target);
}

TEST(SigV4, RefusesPresignedRequestsThatLastTooLong) {
  for (const char* bad : {"604801", "0", "-1", "x", ""}) {
    auto r = presigned_example();
    r.target.replace(r.target.find("86400"), 5, bad);
    EXPECT_EQ(parse(r, Rules::s3).assume_error().code, SigErrc::malformed) << bad;
  }
}

TEST(SigV4Chunks, FollowTheExampleOfS3) {
  auto request = s3("PUT", "/examplebucket/chunkObject.txt",
                    "content-encoding;content-length;host;x-amz-content-sha256;x-amz-date;"
                    "x-amz-decoded-content-length;x-amz-storage-class",
                    "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9",
                    {{"Host", "s3.amazonaws.com"},
                     {"x-amz-storage-class", "REDUCED_REDUNDANCY"},
                     {"x-amz-content-sha256", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"},
                     {"Content-Encoding", "aws-chunked"},
                     {"x-amz-decoded-content-length", "66560"},
                     {"Content-Length", "66824"}});
  const auto claim = parse(request, Rules::s3).assume_value();
  EXPECT_EQ(claim.payload, Payload::streaming_signed);
  ASSERT_TRUE(verify(claim, kS3Secret, kS3Time));
  ChunkChain chain(claim, kS3Secret);
  EXPECT_TRUE(chain.check_chunk("ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648",
                                crypto::sha256_hex(std::string(65536, 'a'))));
  EXPECT_TRUE(chain.check_chunk("0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497",
                                crypto::sha256_hex(std::string(1024, 'a'))));
  EXPECT_TRUE(chain.check_chunk("b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9",
                                crypto::sha256_hex("")));
}

TEST(SigV4Chunks, FollowTheExampleWithATrailer) {
  Claim claim;
  claim.date = "20130524";
  claim.region = "us-east-1";
  claim.service = "s3";
  claim.signed_at = kS3Time;
  claim.signature = "106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e";
  ChunkChain chain(claim, kS3Secret);
  EXPECT_EQ(chain.sign_chunk(crypto::sha256_hex(std::string(65536, 'a'))),
            "b474d8862b1487a5145d686f57f013e54db672cee1c953b3010fb58501ef5aa2");
  EXPECT_EQ(chain.sign_chunk(crypto::sha256_hex(std::string(1024, 'a'))),
            "1c1344b170168f8e65b41376b44b20fe354e373826ccbbe2c1d40a8cae51e5c7");
  EXPECT_EQ(chain.sign_chunk(crypto::sha256_hex("")),
            "2ca2aba2005185cf7159c6277faf83795951dd77a3a99e6e65d5c9f85863f992");
  EXPECT_TRUE(
      chain.check_trailer("d81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435",
                          "x-amz-checksum-crc32c:sOO8/Q==\n"));
}

TEST(SigV4Chunks, NoticesAChunkOutOfOrderOrAltered) {
  Claim claim;
  claim.signed_at = kS3Time;
  claim.signature = kAnyHash;
  ChunkChain client(claim, "s"), server(claim, "s"), other(claim, "s");
  const auto one = client.sign_chunk(crypto::sha256_hex("1"));
  const auto two = client.sign_chunk(crypto::sha256_hex("2"));
  EXPECT_FALSE(server.check_chunk(two, crypto::sha256_hex("2")));
  EXPECT_FALSE(other.check_chunk(one, crypto::sha256_hex("3")));
}

SignedRequest fresh(Rules rules = Rules::s3) {
  SignedRequest r;
  r.method = "PUT";
  r.target = "/bucket/a%20b+c/%E1%88%B4?partNumber=1&uploadId=x%2By";
  r.headers = {{"Host", "127.0.0.1:8776"}, {"x-amz-meta-a", "1"}};
  sign_v4(r, {"AK", "secret", "token"}, {"any-region", "any", rules}, kS3Time);
  return r;
}

TEST(SigV4, CarriesTheSessionTokenAndTheScope) {
  const auto claim = parse(fresh(), Rules::s3).assume_value();
  EXPECT_EQ(claim.access_key, "AK");
  EXPECT_EQ(claim.session_token, "token");
  EXPECT_EQ(claim.region, "any-region");
  EXPECT_TRUE(verify(claim, "secret", kS3Time));
}

TEST(SigV4, NoticesEveryChange) {
  EXPECT_TRUE(check(fresh(), Rules::s3, "secret", kS3Time));
  EXPECT_EQ(check(fresh(), Rules::s3, "other", kS3Time).assume_error().code, SigErrc::mismatch);
  auto method = fresh();
  method.method = "GET";
  auto target = fresh();
  target.target = "/bucket/a%20b+d/%E1%88%B4?partNumber=1&uploadId=x%2By";
  auto query = fresh();
  query.target += "&acl";
  auto header = fresh();
  header.headers[1].second = "2";
  auto token = fresh();
  for (auto& [name, value] : token.headers)
    if (name == "X-Amz-Security-Token") value = "tokem";
  auto payload = fresh();
  for (auto& [name, value] : payload.headers)
    if (name == "X-Amz-Content-Sha256") value = kAnyHash;
  for (const auto& r : {method, target, query, header, token, payload})
    EXPECT_EQ(check(r, Rules::s3, "secret", kS3Time).assume_error().code, SigErrc::mismatch);
}

TEST(SigV4, KeepsToFifteenMinutes) {
  EXPECT_TRUE(check(fresh(), Rules::s3, "secret", kS3Time + 15min));
  EXPECT_TRUE(check(fresh(), Rules::s3, "secret", kS3Time - 15min));
  for (const auto skew : {15min + 1s, -15min - 1s})
    EXPECT_EQ(check(fresh(), Rules::s3, "secret", kS3Time + skew).assume_error().code,
              SigErrc::skewed);
}

TEST(SigV4, WantsEveryAmzHeaderOfS3Signed) {
  auto r = fresh();
  r.headers.emplace_back("x-amz-acl", "public-read");
  EXPECT_EQ(parse(r, Rules::s3).assume_error().code, SigErrc::malformed);
  EXPECT_NE(parse(r, Rules::s3).assume_error().message.find("x-amz-acl"), std::string::npos);
}

TEST(SigV4, TakesPlusSignsEitherWay) {
  for (const char* signed_as : {"/?marker=a%20b", "/?marker=a%2Bb"}) {
    SignedRequest r;
    r.method = "GET";
    r.target = signed_as;
    r.headers = {{"Host", "h"}};
    sign_v4(r, {"AK", "secret", ""}, {"r", "s3", Rules::s3}, kS3Time);
    r.target = "/?marker=a+b";
    EXPECT_TRUE(check(r, Rules::s3, "secret", kS3Time)) << signed_as;
  }
}

TEST(SigV4, TellsAnonymousFromBroken) {
  SignedRequest r;
  r.method = "GET";
  r.target = "/";
  r.headers = {{"Host", "h"}};
  EXPECT_EQ(parse(r, Rules::s3).assume_error().code, SigErrc::missing);
  EXPECT_EQ(parse(r, Rules::query_api).assume_error().code, SigErrc::missing);
  const std::string credential = "Credential=AK/20130524/r/s/aws4_request";
  const std::string signature = ", Signature=" + std::string(kAnyHash);
  for (const std::string& text :
       {std::string("AWS4-HMAC-SHA256 "), "AWS4-HMAC-SHA256 " + credential,
        "AWS4-HMAC-SHA256 " + credential + ", SignedHeaders=host",
        "AWS4-HMAC-SHA256 " + credential + ", SignedHeaders=host, Signature=short",
        "AWS4-HMAC-SHA256 " + credential + ", SignedHeaders=x-amz-date" + signature,
        "AWS4-HMAC-SHA256 " + credential + ", SignedHeaders=host;absent" + signature,
        "AWS4-HMAC-SHA256 " + credential + ", SignedHeaders=;" + signature,
        "AWS4-HMAC-SHA256 " + credential + ", SignedHeaders=host;Host" + signature,
        "AWS4-HMAC-SHA256 Credential=AK/2013/r/s/aws4_request, SignedHeaders=host" + signature,
        "AWS4-HMAC-SHA256 Credential=20130524/r/s/aws4_request, SignedHeaders=host" + signature,
        "AWS4-HMAC-SHA256 Credential=AK/20130524/r/s/aws5, SignedHeaders=host" + signature,
        "AWS4-HMAC-SHA256 Credential=AK/20130525/r/s/aws4_request, SignedHeaders=host" +
            signature}) {
    auto broken = r;
    broken.headers.emplace_back("X-Amz-Date", "20130524T000000Z");
    broken.headers.emplace_back("x-amz-content-sha256", "UNSIGNED-PAYLOAD");
    broken.headers.emplace_back("Authorization", text);
    EXPECT_EQ(parse(broken, Rules::query_api).assume_error().code, SigErrc::malformed) << text;
  }
  auto basic = r;
  basic.headers.emplace_back("Authorization", "Basic QTpC");
  EXPECT_EQ(parse(basic, Rules::s3).assume_error().code, SigErrc::unsupported);
  auto both = presigned_example();
  both.headers.emplace_back("Authorization", "AWS AK:c2ln");
  EXPECT_EQ(parse(both, Rules::s3).assume_error().code, SigErrc::malformed);
}

TEST(SigV4PostPolicy, ChecksThePolicyAsSent) {
  const auto key = signing_key_v4("secret", "20130524", "r", "s3");
  const std::string credential = "A/K/20130524/r/s3/aws4_request";
  EXPECT_EQ(access_key_of(credential).assume_value(), "A/K");
  std::string hex;
  for (unsigned char c : crypto::hmac_sha256(key, "cG9saWN5")) {
    constexpr char kDigits[] = "0123456789abcdef";
    hex += kDigits[c >> 4];
    hex += kDigits[c & 15];
  }
  EXPECT_TRUE(verify_post_policy("cG9saWN5", credential, hex, "secret"));
  EXPECT_FALSE(verify_post_policy("cG9saWN6", credential, hex, "secret"));
  EXPECT_FALSE(verify_post_policy("cG9saWN5", credential, hex, "other"));
  EXPECT_EQ(verify_post_policy("cG9saWN5", "A", hex, "secret").assume_error().code,
            SigErrc::malformed);
}

}  // namespace
}  // namespace angophora::sigv
