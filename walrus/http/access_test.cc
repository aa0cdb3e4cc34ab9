// Who may, at the front door: users by their policies, and sessions.
#include "common/sessions/session.h"
#include "walrus/http/door_fixture.h"

namespace angophora::walrus {
namespace {

using testing::HasSubstr;

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
  const Sent to_the_owner{
      "PUT", "/bucket/k", "", {{"x-amz-grant-full-control", "id=\"canonical1\""}}};
  EXPECT_EQ(as_alice(to_the_owner).status, 200);
  const Sent to_another{"PUT", "/bucket/k", "", {{"x-amz-grant-read", "id=\"canonical2\""}}};
  EXPECT_EQ(as_alice(to_another).code(), "AccessDenied");
  EXPECT_EQ(as_alice({"PUT", "/bucket/k", "", {{"x-amz-acl", "public-read"}}}).code(),
            "AccessDenied");
}

// Temporary credentials, as the cloud controller hands them out.
class SessionsTest : public FrontDoorTest {
 protected:
  void SetUp() override {
    FrontDoorTest::SetUp();
    make_bucket();
    send({"PUT", "/bucket/k", "bytes"});
    const auto key = sessions::token_key_of("the cloud's secret");
    identities_.token_keys = {{key.id, key.key}};
    identities_.roles = {{"AROAOPS", common::AccountId("1"), "arn:aws:iam::1:role/ops"}};
    identities_.roles[0].policies.own = {
        {"Read", "{\"Statement\":" + statement("Allow", "s3:GetObject", "*") + "}"}};
    know();
  }
  void know() { book_.replace(identities_, runtime_.now()); }
  sessions::Session of_role() {
    sessions::Session session;
    session.kind = sessions::Session::Kind::role;
    session.access_key = "ASIA1";
    session.secret = "for a while";
    session.account = "1";
    session.issuer = "AROAOPS";
    session.name = "night";
    session.issued_at = runtime_.now();
    session.expires_at = runtime_.now() + std::chrono::hours(1);
    return session;
  }
  Sent with(const sessions::Session& session, Sent sent) {
    sent.key = session.access_key;
    sent.secret = session.secret;
    sent.token =
        sessions::seal(session, sessions::token_key_of("the cloud's secret"), std::string(12, 'n'))
            .value();
    return sent;
  }
};

TEST_F(SessionsTest, ARolesSessionMayWhatTheRoleMay) {
  EXPECT_EQ(send(with(of_role(), {"GET", "/bucket/k", ""})).body, "bytes");
  const auto refused = send(with(of_role(), {"PUT", "/bucket/k", "other"}));
  EXPECT_EQ(refused.code(), "AccessDenied");
  EXPECT_THAT(refused.body, HasSubstr("arn:aws:sts::1:assumed-role/ops/night"));
}

TEST_F(SessionsTest, ASessionsOwnPoliciesOnlyTakeAway) {
  auto session = of_role();
  session.limited = true;
  EXPECT_EQ(send(with(session, {"GET", "/bucket/k", ""})).code(), "AccessDenied");
  session.policies = {"{\"Statement\":" + statement("Allow", "s3:*", "bucket/*") + "}"};
  EXPECT_EQ(send(with(session, {"GET", "/bucket/k", ""})).body, "bytes");
  EXPECT_EQ(send(with(session, {"PUT", "/bucket/k", "other"})).code(), "AccessDenied");
}

TEST_F(SessionsTest, EndsWithItsTimeAndItsRole) {
  const auto get = with(of_role(), {"GET", "/bucket/k", ""});
  identities_.roles.clear();
  know();
  EXPECT_EQ(send(get).code(), "InvalidAccessKeyId");
  world_.run_for(std::chrono::minutes(59));
  know();
  EXPECT_EQ(send(get).code(), "InvalidAccessKeyId");
  world_.run_for(std::chrono::minutes(2));
  know();
  EXPECT_EQ(send(get).code(), "ExpiredToken");
}

TEST_F(SessionsTest, AUsersSessionEndsWithTheUser) {
  let_alice(statement("Allow", "s3:GetObject", "*"));
  auto session = of_role();
  session.kind = sessions::Session::Kind::user;
  session.issuer = "ALICE";
  EXPECT_EQ(send(with(session, {"GET", "/bucket/k", ""})).body, "bytes");
  identities_.users.back().is_enabled = false;
  know();
  EXPECT_EQ(send(with(session, {"GET", "/bucket/k", ""})).code(), "InvalidAccessKeyId");
  identities_.users.pop_back();
  know();
  EXPECT_EQ(send(with(session, {"GET", "/bucket/k", ""})).code(), "InvalidAccessKeyId");
}

TEST_F(SessionsTest, ATokenOfAnotherCloudKeyOrAccountOpensNothing) {
  auto get = with(of_role(), {"GET", "/bucket/k", ""});
  auto forged = get;
  forged.token =
      sessions::seal(of_role(), sessions::token_key_of("a guess"), std::string(12, 'n')).value();
  EXPECT_EQ(send(forged).code(), "InvalidToken");
  forged = get;
  forged.token = "rubbish";
  EXPECT_EQ(send(forged).code(), "InvalidToken");
  forged = get;
  forged.key = "AK1";
  EXPECT_EQ(send(forged).code(), "InvalidToken");
  forged = get;
  forged.secret = "guessed";
  EXPECT_EQ(send(forged).code(), "SignatureDoesNotMatch");
  auto elsewhere = of_role();
  elsewhere.account = "2";
  EXPECT_EQ(send(with(elsewhere, {"GET", "/bucket/k", ""})).code(), "InvalidAccessKeyId");
}

}  // namespace
}  // namespace angophora::walrus
