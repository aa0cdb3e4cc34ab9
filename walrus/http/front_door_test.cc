#include "walrus/http/door_fixture.h"

namespace angophora::walrus {
namespace {

using testing::HasSubstr;

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
