#include "walrus/http/front_door.h"

#include <gmock/gmock.h>
#include <stdlib.h>
#include <unistd.h>

#include <filesystem>

#include "common/base/encoding.h"
#include "common/crypto/digest.h"
#include "common/runtime/sim_runtime.h"
#include "common/sigv/sign.h"
#include "common/xml/reader.h"
#include "walrus/s3/commit.h"
#include "walrus/store/migrations.h"

namespace angophora::walrus {
namespace {

using testing::HasSubstr;

// A body that arrives in pieces, and may break off.
class FakeBody final : public http::BodyReader {
 public:
  FakeBody(std::string bytes, std::optional<std::size_t> breaks_at)
      : bytes_(std::move(bytes)), breaks_at_(breaks_at) {}
  std::optional<std::uint64_t> length() const override { return bytes_.size(); }
  Task<std::size_t> read(std::span<char> into) override {
    if (breaks_at_ && at_ >= *breaks_at_)
      co_return Error(common::Errc::unavailable, "the connection broke");
    const auto count = std::min({into.size(), bytes_.size() - at_, std::size_t{1000}});
    bytes_.copy(into.data(), count, at_);
    at_ += count;
    co_return count;
  }

 private:
  std::string bytes_;
  std::optional<std::size_t> breaks_at_;
  std::size_t at_ = 0;
};

struct Sent {
  std::string method, target, body;
  sigv::HeaderList headers = {};
  std::string key = "AK1";  // access key; "" for an unsigned request
  std::string secret = "secret";
  std::optional<std::size_t> breaks_at = std::nullopt;
};
struct Answer {
  int status = 0;
  http::Headers headers;
  std::string body;
  std::string code() const {
    const auto root = xml::read(body);
    return root ? root.value().text_of("Code") : "";
  }
};

class FrontDoorTest : public testing::Test {
 protected:
  void SetUp() override {
    char pattern[] = "/tmp/angophora-door-XXXXXX";
    dir_ = mkdtemp(pattern);
    blobs_ = std::move(BlobStore::open({dir_, 0}, "start").value());
    db::Options options;
    options.path = ":memory:";
    options.inline_io = true;
    db_ = std::move(db::Database::open(runtime_, options, kMigrations).value());
    services_.reset(new Services{runtime_, *db_, *blobs_, leases_, book_, {"s3.test", "r", 5}});
    leases_.on_released([this](auto blobs) { discard_blobs(*services_, std::move(blobs)); });
    door_ = std::make_unique<FrontDoor>(*services_, nullptr);
    IdentityList list;
    list.version = 1;
    for (const std::string n : {"1", "2"}) {
      list.accounts.push_back({common::AccountId(n), "account" + n, "canonical" + n});
      list.users.push_back({common::UserId("U" + n), common::AccountId(n), "user", "arn", true});
      list.keys.push_back({"AK" + n, common::UserId("U" + n), "secret", true});
    }
    list.users.push_back(
        {common::UserId("ALICE"), common::AccountId("1"), "alice", "arn:aws:iam::1:user/alice"});
    list.keys.push_back({"AKALICE", common::UserId("ALICE"), "secret", true});
    book_.replace(list, runtime_.now());
    identities_ = std::move(list);
  }
  void TearDown() override {
    runtime_.kill();
    std::filesystem::remove_all(dir_);
  }

  Answer send(Sent sent) {
    http::Request request;
    request.method = sent.method;
    request.target = sent.target;
    sigv::SignedRequest to_sign{sent.method, sent.target, {{"Host", host_}}, {}, {}, {}};
    for (auto& header : sent.headers) to_sign.headers.push_back(header);
    to_sign.body_sha256 = crypto::sha256_hex(sent.body);
    if (!sent.key.empty())
      sigv::sign_v4(to_sign, {sent.key, sent.secret, ""}, {"r", "s3", sigv::Rules::s3},
                    runtime_.now());
    for (const auto& [name, value] : to_sign.headers) request.headers.add(name, value);
    request.headers.add("Content-Length", std::to_string(sent.body.size()));
    FakeBody body(sent.body, sent.breaks_at);
    request.body = &body;
    auto response = world_.run(runtime_, door_->handle(request));
    world_.run_for(std::chrono::milliseconds(1));
    return {response.status, response.headers, text_of(response)};
  }
  // What alice may from now on.
  void let_alice(const std::string& statements) {
    identities_.users.back().policies.own = {{"Own", "{\"Statement\":[" + statements + "]}"}};
    book_.replace(identities_, runtime_.now());
  }
  Answer as_alice(Sent sent) {
    sent.key = "AKALICE";
    return send(std::move(sent));
  }
  std::string text_of(const http::Response& response) {
    if (const auto* text = std::get_if<std::string>(&response.body)) return *text;
    if (const auto* range = std::get_if<http::FileRange>(&response.body)) {
      std::string bytes(range->length, '\0');
      EXPECT_EQ(::pread(*range->fd, bytes.data(), bytes.size(), static_cast<off_t>(range->offset)),
                static_cast<ssize_t>(bytes.size()));
      return bytes;
    }
    std::string bytes;
    for (;;) {
      const auto piece = world_.run(runtime_, std::get<http::BodySource>(response.body)());
      if (!piece || piece.value().empty()) return bytes;
      bytes += piece.value();
    }
  }
  std::size_t files() const {
    std::size_t count = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(dir_))
      count += entry.is_regular_file();
    return count;
  }
  void make_bucket() { ASSERT_EQ(send({"PUT", "/bucket", ""}).status, 200); }

  IdentityList identities_;
  std::string dir_, host_ = "127.0.0.1:8776";
  common::SimWorld world_;
  common::SimRuntime runtime_{world_, "walrus"};
  std::unique_ptr<BlobStore> blobs_;
  std::unique_ptr<db::Database> db_;
  BlobLeases leases_;
  IdentityBook book_{runtime_, [](const std::string& s) { return Result<std::string>(s); },
                     std::chrono::hours(1)};
  std::unique_ptr<Services> services_;
  std::unique_ptr<FrontDoor> door_;
};

TEST_F(FrontDoorTest, KeepsAndGivesBackAnObject) {
  make_bucket();
  const std::string bytes(300000, 'x');
  const auto put = send({"PUT", "/bucket/a%20key", bytes, {{"x-amz-meta-colour", "blue"}}});
  EXPECT_EQ(put.status, 200) << put.body;
  const auto got = send({"GET", "/bucket/a%20key", ""});
  EXPECT_EQ(got.body, bytes);
  EXPECT_EQ(got.headers.get("x-amz-meta-colour"), "blue");
  EXPECT_EQ(got.headers.get("etag"), "\"" + common::hex_encode(crypto::md5(bytes)) + "\"");
  EXPECT_FALSE(got.headers.get("x-amz-request-id").empty());
}

TEST_F(FrontDoorTest, FindsTheBucketInTheHostName) {
  make_bucket();
  host_ = "bucket.s3.test:8776";
  EXPECT_EQ(send({"PUT", "/key", "bytes"}).status, 200);
  host_ = "127.0.0.1:8776";
  EXPECT_EQ(send({"GET", "/bucket/key", ""}).body, "bytes");
}

TEST_F(FrontDoorTest, AnOverwrittenOrDeletedObjectLeavesNoFile) {
  make_bucket();
  send({"PUT", "/bucket/k", "one"});
  send({"PUT", "/bucket/k", "two"});
  EXPECT_EQ(files(), 1u);
  EXPECT_EQ(send({"DELETE", "/bucket/k", ""}).status, 204);
  EXPECT_EQ(files(), 0u);
  EXPECT_EQ(send({"GET", "/bucket/k", ""}).code(), "NoSuchKey");
}

TEST_F(FrontDoorTest, AnUploadThatBreaksOffChangesNothing) {
  make_bucket();
  send({"PUT", "/bucket/k", "old"});
  const auto broken = send({.method = "PUT",
                            .target = "/bucket/k",
                            .body = std::string(900000, 'n'),
                            .breaks_at = 500000});
  EXPECT_EQ(broken.code(), "IncompleteBody");
  EXPECT_EQ(send({"GET", "/bucket/k", ""}).body, "old");
  EXPECT_EQ(files(), 1u);
}

TEST_F(FrontDoorTest, ABodyThatIsNotTheSignedOneChangesNothing) {
  make_bucket();
  const auto refused =
      send({"PUT", "/bucket/k", "bytes", {{"x-amz-content-sha256", crypto::sha256_hex("other")}}});
  EXPECT_EQ(refused.code(), "XAmzContentSHA256Mismatch");
  EXPECT_EQ(files(), 0u);
}

TEST_F(FrontDoorTest, RefusesWrongSignaturesUnknownKeysAndStrangers) {
  make_bucket();
  EXPECT_EQ(send({.method = "GET", .target = "/bucket", .body = "", .secret = "wrong"}).code(),
            "SignatureDoesNotMatch");
  EXPECT_EQ(send({.method = "GET", .target = "/bucket", .body = "", .key = "AK9"}).code(),
            "InvalidAccessKeyId");
  EXPECT_EQ(send({.method = "GET", .target = "/bucket", .body = "", .key = ""}).code(),
            "AccessDenied");
  EXPECT_EQ(send({.method = "GET", .target = "/bucket", .body = "", .key = "AK2"}).code(),
            "AccessDenied");
}

TEST_F(FrontDoorTest, SaysThatItHasNoIdentitiesWhenTheyAreTooOld) {
  make_bucket();
  world_.run_for(std::chrono::hours(2));
  const auto refused = send({"GET", "/bucket", ""});
  EXPECT_EQ(refused.status, 503);
  EXPECT_EQ(refused.code(), "ServiceUnavailable");
}

TEST_F(FrontDoorTest, LetsAnybodyReadWhatIsPublic) {
  make_bucket();
  send({"PUT", "/bucket/k", "bytes", {{"x-amz-acl", "public-read"}}});
  EXPECT_EQ(send({.method = "GET", .target = "/bucket/k", .body = "", .key = ""}).body, "bytes");
  EXPECT_EQ(send({.method = "DELETE", .target = "/bucket/k", .body = "", .key = ""}).code(),
            "AccessDenied");
}

TEST_F(FrontDoorTest, SaysNoToWhatIsNotOffered) {
  make_bucket();
  EXPECT_EQ(send({"PUT", "/bucket?website", "<a/>"}).code(), "NotImplemented");
  EXPECT_EQ(send({"PUT", "/bucket/k?torrent", "<a/>"}).code(), "NotImplemented");
  EXPECT_EQ(send({"PUT", "/bucket/k", "", {{"x-amz-server-side-encryption", "AES256"}}}).code(),
            "NotImplemented");
  EXPECT_EQ(send({"PATCH", "/bucket/k", ""}).code(), "MethodNotAllowed");
  EXPECT_EQ(send({"GET", "/bucket?policy", ""}).code(), "NoSuchBucketPolicy");
  EXPECT_THAT(send({"GET", "/bucket?versioning", ""}).body, HasSubstr("<VersioningConfiguration"));
}

TEST_F(FrontDoorTest, HoldsAccountsToTheirNumberOfBuckets) {
  for (const std::string n : {"1", "2", "3", "4", "5"})
    EXPECT_EQ(send({"PUT", "/bucket" + n, ""}).status, 200);
  EXPECT_EQ(send({"PUT", "/bucket5", ""}).status, 200) << "made again by its owner";
  EXPECT_EQ(send({"PUT", "/bucket6", ""}).code(), "TooManyBuckets");
  EXPECT_EQ(send({"GET", "/bucket6", ""}).code(), "NoSuchBucket");
}

TEST_F(FrontDoorTest, HonoursConditionsOfWrites) {
  make_bucket();
  EXPECT_EQ(send({"PUT", "/bucket/k", "1", {{"If-None-Match", "*"}}}).status, 200);
  EXPECT_EQ(send({"PUT", "/bucket/k", "2", {{"If-None-Match", "*"}}}).code(), "PreconditionFailed");
  EXPECT_EQ(send({"PUT", "/bucket/k", "3", {{"If-Match", "\"x\""}}}).code(), "PreconditionFailed");
  EXPECT_EQ(send({"GET", "/bucket/k", ""}).body, "1");
}

std::string statement(const std::string& effect, const std::string& action,
                      const std::string& resource, const std::string& condition = "{}") {
  return R"({"Effect":")" + effect + R"(","Action":")" + action + R"(","Resource":"arn:aws:s3:::)" +
         resource + R"(","Condition":)" + condition + "}";
}

TEST_F(FrontDoorTest, AUserMayNothingWithoutAPolicy) {
  make_bucket();
  send({"PUT", "/bucket/k", "bytes"});
  for (const auto* method : {"GET", "PUT", "DELETE", "HEAD"})
    for (const auto* target : {"/", "/bucket", "/bucket/k", "/bucket?acl", "/new"}) {
      const auto answer = as_alice({method, target, ""});
      EXPECT_TRUE(answer.status == 403 || answer.status == 404 || answer.status == 405 ||
                  answer.status == 501)
          << method << target << answer.status;
    }
  EXPECT_EQ(send({"GET", "/bucket/k", ""}).body, "bytes");
  EXPECT_EQ(send({"GET", "/new", ""}).code(), "NoSuchBucket");
}

TEST_F(FrontDoorTest, AUserMayWhatThePolicySaysFromTheNextRequestOn) {
  make_bucket();
  let_alice(statement("Allow", "s3:PutObject", "bucket/alice/*"));
  EXPECT_EQ(as_alice({"PUT", "/bucket/alice/k", "mine"}).status, 200);
  EXPECT_EQ(as_alice({"PUT", "/bucket/bob/k", "mine"}).code(), "AccessDenied");
  EXPECT_EQ(as_alice({"GET", "/bucket/alice/k", ""}).code(), "AccessDenied");
  let_alice(statement("Allow", "s3:GetObject", "bucket/*"));
  EXPECT_EQ(as_alice({"GET", "/bucket/alice/k", ""}).body, "mine");
  EXPECT_EQ(as_alice({"PUT", "/bucket/alice/k", "mine"}).code(), "AccessDenied");
  EXPECT_EQ(as_alice({"GET", "/bucket/none", ""}).code(), "AccessDenied") << "she may not list";
}

TEST_F(FrontDoorTest, AUserListsThePrefixThatIsHers) {
  make_bucket();
  let_alice(
      statement("Allow", "s3:ListBucket", "bucket", R"({"StringLike":{"s3:prefix":"alice/*"}})"));
  EXPECT_EQ(as_alice({"GET", "/bucket?prefix=alice/", ""}).status, 200);
  EXPECT_EQ(as_alice({"GET", "/bucket?list-type=2&prefix=alice/b", ""}).status, 200);
  EXPECT_EQ(as_alice({"GET", "/bucket?prefix=bob/", ""}).code(), "AccessDenied");
  EXPECT_EQ(as_alice({"GET", "/bucket", ""}).code(), "AccessDenied");
}

TEST_F(FrontDoorTest, ADenyStandsInTheWayOfEachKeyThatItNames) {
  make_bucket();
  for (const auto* key : {"a", "b"}) send({"PUT", std::string("/bucket/") + key, "x"});
  let_alice(statement("Allow", "s3:*", "*") + "," +
            statement("Deny", "s3:DeleteObject", "bucket/a"));
  const auto answer = as_alice({"POST", "/bucket?delete",
                                "<Delete><Object><Key>a</Key></Object>"
                                "<Object><Key>b</Key></Object></Delete>"});
  EXPECT_THAT(answer.body, HasSubstr("<Error><Key>a</Key><Code>AccessDenied</Code>"));
  EXPECT_THAT(answer.body, HasSubstr("<Deleted><Key>b</Key>"));
  EXPECT_EQ(as_alice({"DELETE", "/bucket/a", ""}).code(), "AccessDenied");
  EXPECT_EQ(as_alice({"PUT", "/new", ""}).status, 200);
}

TEST_F(FrontDoorTest, ACopyTakesReadingItsSourceAndAListOfItsOwnAsWell) {
  make_bucket();
  send({"PUT", "/bucket/source", "bytes"});
  const Sent copy{"PUT", "/bucket/copy", "", {{"x-amz-copy-source", "/bucket/source"}}};
  let_alice(statement("Allow", "s3:PutObject", "bucket/*"));
  EXPECT_EQ(as_alice(copy).code(), "AccessDenied");
  let_alice(statement("Allow", "s3:PutObject", "bucket/*") + "," +
            statement("Allow", "s3:GetObject", "bucket/source"));
  EXPECT_EQ(as_alice(copy).status, 200);
  auto shared = copy;
  shared.headers.emplace_back("x-amz-acl", "public-read");
  EXPECT_EQ(as_alice(shared).code(), "AccessDenied");
  EXPECT_EQ(as_alice({"PUT", "/bucket/k", "", {{"x-amz-acl", "public-read"}}}).code(),
            "AccessDenied");
}

TEST(S3Operations, SayWhichActionTheyTake) {
  for (const auto* operation : s3_operations())
    EXPECT_TRUE(operation->permission.starts_with("s3:")) << operation->name;
}

class Multipart : public FrontDoorTest {
 protected:
  void SetUp() override {
    FrontDoorTest::SetUp();
    make_bucket();
    const auto begun = send({"POST", "/bucket/k?uploads", ""});
    upload_ = "/bucket/k?uploadId=" + xml::read(begun.body).value().text_of("UploadId");
  }
  std::string part(int number, const std::string& bytes) {
    const auto sent = send({"PUT", upload_ + "&partNumber=" + std::to_string(number), bytes});
    EXPECT_EQ(sent.status, 200) << sent.body;
    return "<Part><PartNumber>" + std::to_string(number) + "</PartNumber><ETag>" +
           std::string(sent.headers.get("etag")) + "</ETag></Part>";
  }
  Answer complete(const std::string& parts) {
    return send(
        {"POST", upload_, "<CompleteMultipartUpload>" + parts + "</CompleteMultipartUpload>"});
  }
  std::string upload_;
};

TEST_F(Multipart, MakesOneObjectOfItsPartsInOrder) {
  const std::string first(5 << 20, 'a'), second = "tail";
  const auto p2 = part(2, second), p1 = part(1, first);
  const auto done = complete(p1 + p2);
  EXPECT_EQ(done.status, 200) << done.body;
  EXPECT_THAT(done.body, HasSubstr("-2"));
  EXPECT_EQ(send({"GET", "/bucket/k", ""}).body, first + second);
  const auto range = "bytes=" + std::to_string(first.size() - 2) + "-";
  EXPECT_EQ(send({"GET", "/bucket/k", "", {{"Range", range}}}).body, "aatail");
  EXPECT_EQ(complete(p1 + p2).status, 200) << "asked again";
}

TEST_F(Multipart, ListsAndAborts) {
  part(1, "bytes");
  EXPECT_THAT(send({"GET", "/bucket?uploads", ""}).body, HasSubstr("<Key>k</Key>"));
  EXPECT_THAT(send({"GET", upload_, ""}).body, HasSubstr("<PartNumber>1</PartNumber>"));
  EXPECT_EQ(send({"DELETE", upload_, ""}).status, 204);
  EXPECT_EQ(files(), 0u);
  EXPECT_EQ(send({"GET", upload_, ""}).code(), "NoSuchUpload");
}

TEST_F(Multipart, RefusesSmallPartsWrongTagsAndUnknownParts) {
  const auto small = part(1, "x"), last = part(2, "y");
  EXPECT_EQ(complete(small + last).code(), "EntityTooSmall");
  EXPECT_EQ(complete("<Part><PartNumber>2</PartNumber><ETag>x</ETag></Part>").code(),
            "InvalidPart");
  EXPECT_EQ(complete("<Part><PartNumber>7</PartNumber><ETag>x</ETag></Part>").code(),
            "InvalidPart");
  EXPECT_EQ(complete(last).status, 200);
  EXPECT_EQ(send({"GET", "/bucket/k", ""}).body, "y");
  EXPECT_EQ(files(), 1u);
}

TEST_F(Multipart, CopiesAStretchOfAnObject) {
  send({"PUT", "/bucket/source", "0123456789"});
  const auto copied =
      send({"PUT",
            upload_ + "&partNumber=1",
            "",
            {{"x-amz-copy-source", "/bucket/source"}, {"x-amz-copy-source-range", "bytes=2-4"}}});
  ASSERT_EQ(copied.status, 200) << copied.body;
  const auto tag = xml::read(copied.body).value().text_of("ETag");
  complete("<Part><PartNumber>1</PartNumber><ETag>" + tag + "</ETag></Part>");
  EXPECT_EQ(send({"DELETE", "/bucket/source", ""}).status, 204);
  EXPECT_EQ(send({"GET", "/bucket/k", ""}).body, "234");
}

}  // namespace
}  // namespace angophora::walrus
