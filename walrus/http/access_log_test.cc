// Access logs of buckets, from PutBucketLogging to the objects with records.
#include "walrus/logging/access_log.h"
#include "common/base/text.h"
#include "walrus/http/door_fixture.h"

namespace angophora::walrus {
namespace {

using testing::HasSubstr;
using testing::Not;

class AccessLogTest : public FrontDoorTest {
 protected:
  void SetUp() override {
    FrontDoorTest::SetUp();
    services_->settings.access_log_roll = std::chrono::seconds(10);
    start();
    make_bucket();
    EXPECT_EQ(send({"PUT", "/logs", ""}).status, 200);
  }
  void start() {
    log_ = std::make_unique<AccessLog>(*services_);
    services_->logging_changed = [this](std::string bucket) {
      return log_->reload(std::move(bucket));
    };
    door_ = std::make_unique<FrontDoor>(*services_, nullptr, nullptr, log_.get());
  }
  static std::string document(const std::string& target, const std::string& more = "") {
    return "<BucketLoggingStatus><LoggingEnabled><TargetBucket>" + target +
           "</TargetBucket><TargetPrefix>log/</TargetPrefix>" + more +
           "</LoggingEnabled></BucketLoggingStatus>";
  }
  void let_in(const std::string& source) {
    const auto policy =
        R"({"Statement":{"Effect":"Allow","Principal":{"Service":"logging.s3.amazonaws.com"},)"
        R"("Action":"s3:PutObject","Resource":"arn:aws:s3:::logs/log/*","Condition":{)"
        R"("ArnLike":{"aws:SourceArn":"arn:aws:s3:::)" +
        source + R"("},"StringEquals":{"aws:SourceAccount":"1"}}}})";
    EXPECT_EQ(send({"PUT", "/logs?policy", policy}).status, 204);
  }
  Answer turn_on(const std::string& more = "") {
    return send({"PUT", "/bucket?logging", document("logs", more)});
  }
  std::vector<std::string> names() {
    const auto page = xml::read(send({"GET", "/logs", ""}).body);
    std::vector<std::string> found;
    for (const auto* object : page.value().children_named("Contents"))
      found.push_back(object->text_of("Key"));
    return found;
  }
  // What lies in all objects with records.
  std::string records() {
    std::string all;
    for (const auto& name : names()) all += send({"GET", "/logs/" + name, ""}).body;
    return all;
  }

  std::unique_ptr<AccessLog> log_;
};

TEST_F(AccessLogTest, TellsOfRequestsOnceTheyAreOldEnough) {
  let_in("bucket");
  ASSERT_EQ(turn_on().status, 200);
  EXPECT_EQ(send({"PUT", "/bucket/key", "12345"}).status, 200);
  EXPECT_EQ(send({"GET", "/bucket/none", ""}).status, 404);
  Sent stranger{"GET", "/bucket/key", ""};
  stranger.key = "";
  EXPECT_EQ(send(stranger).status, 403);
  EXPECT_TRUE(names().empty());
  world_.run_for(std::chrono::seconds(11));
  EXPECT_TRUE(names().empty());
  send({"HEAD", "/bucket", ""});
  ASSERT_EQ(names().size(), 1u);
  EXPECT_THAT(names()[0], testing::MatchesRegex("log/....-..-..-..-..-..-[0-9a-f]+"));
  const auto text = records();
  EXPECT_EQ(common::split(text, '\n').size(), 5u) << text;  // with the one that turned it on
  EXPECT_THAT(text, HasSubstr("REST.PUT.LOGGING_STATUS"));
  EXPECT_THAT(text, HasSubstr(" canonical1 "));
  EXPECT_THAT(text, HasSubstr("REST.PUT.OBJECT key \"PUT /bucket/key HTTP/1.1\" 200 - 0 5 "));
  EXPECT_THAT(text, HasSubstr("REST.GET.OBJECT none \"GET /bucket/none HTTP/1.1\" 404 NoSuchKey "));
  EXPECT_THAT(text, HasSubstr("403 AccessDenied"));
  EXPECT_THAT(text, Not(HasSubstr("REST.HEAD.BUCKET")));
}

// Whoever reads a log could use them for up to a week.
TEST_F(AccessLogTest, NoSignatureOfAPresignedAddressIsInIt) {
  let_in("bucket");
  ASSERT_EQ(turn_on().status, 200);
  EXPECT_EQ(send({"PUT", "/bucket/key", "x"}).status, 200);
  Sent get{"GET", "/bucket/key?x%2Damz-security-token=hidden1&versionId=null", ""};
  get.headers = {{"Referer", "http://a/b?Expires=1&Signature=hidden2&X-Amz-Signature=hidden3"}};
  send(get);
  world_.run_for(std::chrono::seconds(11));
  send({"HEAD", "/bucket", ""});
  const auto text = records();
  EXPECT_THAT(text,
              HasSubstr("\"GET /bucket/key?x%2Damz-security-token=-&versionId=null HTTP/1.1\""));
  EXPECT_THAT(text, HasSubstr("\"http://a/b?Expires=1&Signature=-&X-Amz-Signature=-\""));
  EXPECT_THAT(text, Not(HasSubstr("hidden")));
}

TEST_F(AccessLogTest, EachKeyOfOneDeletionHasALine) {
  let_in("bucket");
  ASSERT_EQ(turn_on().status, 200);
  const std::string both =
      "<Delete><Object><Key>one</Key></Object><Object><Key>two</Key></Object></Delete>";
  Sent deletion{"POST", "/bucket?delete", both};
  EXPECT_EQ(send(deletion).status, 200);
  world_.run_for(std::chrono::seconds(11));
  send({"HEAD", "/bucket", ""});
  EXPECT_THAT(records(), HasSubstr("REST.POST.DELETE_MULTI_OBJECT one "));
  EXPECT_THAT(records(), HasSubstr("REST.POST.DELETE_MULTI_OBJECT two "));
}

TEST_F(AccessLogTest, SaysWhenOnlyAListLetTheCallerIn) {
  let_in("bucket");
  ASSERT_EQ(turn_on().status, 200);
  Sent open{"PUT", "/bucket/open", "x"};
  open.headers = {{"x-amz-acl", "public-read"}};
  EXPECT_EQ(send(open).status, 200);
  Sent other{"GET", "/bucket/open", ""};
  other.key = "AK2";
  EXPECT_EQ(send(other).status, 200);
  world_.run_for(std::chrono::seconds(11));
  send({"HEAD", "/bucket", ""});
  const auto text = records();
  EXPECT_THAT(text, HasSubstr("REST.GET.OBJECT open "));
  for (const auto line : common::split(text, '\n')) {
    if (line.empty()) continue;
    const bool is_read = line.find("REST.GET.OBJECT") != std::string_view::npos;
    EXPECT_TRUE(line.ends_with(is_read ? " Yes" : " -")) << line;
  }
}

TEST_F(AccessLogTest, WhatNobodyAsksForAnyMoreIsPutAwayToo) {
  let_in("bucket");
  ASSERT_EQ(turn_on().status, 200);
  runtime_.spawn("access logs", log_->run());
  world_.run_for(std::chrono::seconds(100));
  EXPECT_TRUE(names().empty());
  world_.run_for(std::chrono::seconds(40));
  EXPECT_EQ(names().size(), 1u);
}

TEST_F(AccessLogTest, IsKnownAgainAfterAStart) {
  let_in("bucket");
  ASSERT_EQ(turn_on().status, 200);
  start();
  EXPECT_EQ(log_->source("bucket"), nullptr);
  ASSERT_TRUE(world_.run(runtime_, log_->load()).has_value());
  ASSERT_NE(log_->source("bucket"), nullptr);
  EXPECT_EQ(log_->source("bucket")->rule.target, "logs");
  EXPECT_EQ(log_->source("logs"), nullptr);
}

TEST_F(AccessLogTest, NothingComesWhereItIsNotWantedAnyMore) {
  let_in("bucket");
  ASSERT_EQ(turn_on().status, 200);
  EXPECT_EQ(send({"PUT", "/bucket/key", "12345"}).status, 200);
  let_in("another");
  world_.run_for(std::chrono::seconds(11));
  EXPECT_EQ(send({"HEAD", "/bucket", ""}).status, 200);
  EXPECT_TRUE(names().empty());
}

TEST_F(AccessLogTest, TheSameDocumentAgainIsNoChange) {
  let_in("bucket");
  ASSERT_EQ(turn_on().status, 200);
  const auto first = send({"GET", "/bucket?logging", ""});
  EXPECT_THAT(first.body, HasSubstr("<TargetBucket>logs</TargetBucket>"));
  EXPECT_THAT(first.body, HasSubstr("SimplePrefix"));
  world_.run_for(std::chrono::seconds(5));
  ASSERT_EQ(turn_on().status, 200);
  EXPECT_EQ(send({"GET", "/bucket?logging", ""}).headers.get("Last-Modified"),
            first.headers.get("Last-Modified"));
  EXPECT_EQ(send({"PUT", "/bucket?logging", "<BucketLoggingStatus/>"}).status, 200);
  EXPECT_EQ(log_->source("bucket"), nullptr);
  EXPECT_THAT(send({"GET", "/bucket?logging", ""}).body, Not(HasSubstr("LoggingEnabled")));
  EXPECT_EQ(send({"DELETE", "/bucket", ""}).status, 204);
}

TEST_F(AccessLogTest, ABucketThatGoesTakesItsRuleAlong) {
  let_in("bucket");
  ASSERT_EQ(turn_on().status, 200);
  EXPECT_EQ(send({"DELETE", "/bucket", ""}).status, 204);
  EXPECT_EQ(log_->source("bucket"), nullptr);
}

TEST_F(AccessLogTest, RefusesTargetsThatWillNotDo) {
  EXPECT_EQ(turn_on().code(), "AccessDenied");
  let_in("another");
  EXPECT_EQ(turn_on().code(), "AccessDenied");
  let_in("bucket");
  EXPECT_EQ(send({"PUT", "/bucket?logging", document("nowhere")}).code(), "NoSuchKey");
  EXPECT_EQ(turn_on("<TargetObjectKeyFormat><PartitionedPrefix><PartitionDateSource>x"
                    "</PartitionDateSource></PartitionedPrefix></TargetObjectKeyFormat>")
                .code(),
            "MalformedXML");
  EXPECT_EQ(turn_on("<TargetObjectKeyFormat/>").code(), "MalformedXML");
  EXPECT_EQ(turn_on("<LoggingType>Journal</LoggingType>").code(), "MalformedXML");
  EXPECT_EQ(turn_on("<TargetGrants><Grant/></TargetGrants>").code(), "NotImplemented");
  EXPECT_EQ(send({"PUT", "/logs?logging", document("logs")}).code(), "AccessDenied");
  let_in("logs");
  EXPECT_EQ(send({"PUT", "/logs?logging", document("logs")}).code(), "InvalidArgument");
  Sent by_other{"PUT", "/bucket?logging", document("logs")};
  by_other.key = "AK2";
  EXPECT_EQ(send(by_other).code(), "AccessDenied");
  let_in("bucket");
  const auto payment = [this](const std::string& payer) {
    return send({"PUT", "/logs?requestPayment",
                 "<RequestPaymentConfiguration><Payer>" + payer +
                     "</Payer></RequestPaymentConfiguration>"});
  };
  EXPECT_EQ(payment("Requester").status, 200);
  EXPECT_EQ(turn_on().code(), "InvalidArgument");
  EXPECT_EQ(payment("BucketOwner").status, 200);
  EXPECT_EQ(turn_on().status, 200);
  EXPECT_EQ(send({"PUT", "/bucket?logging", "<BucketLoggingStatus/>"}).status, 200);
  EXPECT_EQ(send({"PUT", "/logs?encryption",
                  "<ServerSideEncryptionConfiguration><Rule><ApplyServerSideEncryptionByDefault>"
                  "<SSEAlgorithm>AES256</SSEAlgorithm></ApplyServerSideEncryptionByDefault></Rule>"
                  "</ServerSideEncryptionConfiguration>"})
                .status,
            200);
  EXPECT_EQ(turn_on().code(), "InvalidArgument");
}

TEST_F(AccessLogTest, TheOldGrantToLogDeliveryCountsToo) {
  Sent list{"PUT", "/logs?acl", ""};
  list.headers = {{"x-amz-acl", "log-delivery-write"}};
  EXPECT_EQ(send(list).status, 200);
  EXPECT_EQ(turn_on().status, 200);
}

}  // namespace
}  // namespace angophora::walrus
