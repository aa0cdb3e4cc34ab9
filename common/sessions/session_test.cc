#include "common/sessions/session.h"

#include <gtest/gtest.h>

#include "common/base/encoding.h"

namespace angophora::sessions {
namespace {

const std::string kNonce(12, 'n');
const common::SysTime kNow{std::chrono::seconds(1'700'000'000)};

Session some_session() {
  Session s;
  s.kind = Session::Kind::role;
  s.access_key = "ASIAKEY";
  s.secret = "the secret";
  s.account = "123456789012";
  s.issuer = "AROAOPS";
  s.name = "night";
  s.issued_at = kNow;
  s.expires_at = kNow + std::chrono::hours(1);
  s.limited = true;
  s.policies = {"{\"a\": \"\xc3\xa4\"}"};
  s.policy_ids = {"ANPA1"};
  s.tags = {{"team", "red"}, {"empty", ""}};
  s.transitive_tags = {"team"};
  s.source_identity = "alice";
  return s;
}

TEST(Session, SaysToWhoHasTheKeyAllThatWasSaidOfIt) {
  const auto key = token_key_of("a secret");
  const auto token = seal(some_session(), key, kNonce).value();
  const auto opened = open(token, "ASIAKEY", {token_key_of("another"), key}, kNow).value();
  EXPECT_EQ(opened.kind, Session::Kind::role);
  EXPECT_EQ(opened.secret, "the secret");
  EXPECT_EQ(opened.account, "123456789012");
  EXPECT_EQ(opened.issuer, "AROAOPS");
  EXPECT_EQ(opened.name, "night");
  EXPECT_EQ(opened.issued_at, kNow);
  EXPECT_EQ(opened.expires_at, kNow + std::chrono::hours(1));
  EXPECT_TRUE(opened.limited);
  EXPECT_EQ(opened.policies, some_session().policies);
  EXPECT_EQ(opened.policy_ids, some_session().policy_ids);
  EXPECT_EQ(opened.tags, some_session().tags);
  EXPECT_EQ(opened.transitive_tags, some_session().transitive_tags);
  EXPECT_EQ(opened.source_identity, "alice");
}

TEST(Session, SaysNothingToWhoHasNot) {
  const auto token = seal(some_session(), token_key_of("a secret"), kNonce).value();
  const auto bytes = common::base64_decode(token).value();
  EXPECT_EQ(bytes.find("the secret"), std::string::npos);
  EXPECT_EQ(open(token, "ASIAKEY", {token_key_of("another")}, kNow).error().code,
            SessionErrc::malformed);
  EXPECT_EQ(open(token, "ASIAKEY", {}, kNow).error().code, SessionErrc::malformed);
}

TEST(Session, IsRefusedWhenAByteOfItsTokenIsAnother) {
  const auto key = token_key_of("a secret");
  const auto bytes = common::base64_decode(seal(some_session(), key, kNonce).value()).value();
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    auto changed = bytes;
    changed[at] = static_cast<char>(changed[at] ^ 1);
    EXPECT_EQ(open(common::base64_encode(changed), "ASIAKEY", {key}, kNow).error().code,
              SessionErrc::malformed)
        << at;
  }
  for (const auto* text : {"", "x", "====", "AQ==", "AAAA"})
    EXPECT_EQ(open(text, "ASIAKEY", {key}, kNow).error().code, SessionErrc::malformed) << text;
}

TEST(Session, EndsAndBelongsToItsKeyAlone) {
  const auto key = token_key_of("a secret");
  const auto token = seal(some_session(), key, kNonce).value();
  const auto end = kNow + std::chrono::hours(1);
  EXPECT_TRUE(open(token, "ASIAKEY", {key}, end - std::chrono::seconds(1)));
  EXPECT_EQ(open(token, "ASIAKEY", {key}, end).error().code, SessionErrc::expired);
  EXPECT_EQ(open(token, "ASIAOTHER", {key}, kNow).error().code, SessionErrc::wrong_key);
}

TEST(Session, MakesAPrincipalOfItsKind) {
  auto session = some_session();
  const auto role = principal_of(session, std::string("arn:aws:iam::123456789012:role/ops"));
  EXPECT_EQ(role.arn, "arn:aws:sts::123456789012:assumed-role/ops/night");
  EXPECT_EQ(role.id, "AROAOPS:night");
  EXPECT_EQ(role.tags, session.tags);
  EXPECT_EQ(role.token_issued_at, kNow);
  const auto alice = policy::Principal::user("123456789012", "alice", "AIDA1");
  session.kind = Session::Kind::federated;
  session.name = "bob";
  EXPECT_EQ(principal_of(session, alice).arn, "arn:aws:sts::123456789012:federated-user/bob");
  session.kind = Session::Kind::user;
  EXPECT_EQ(principal_of(session, alice).arn, alice.arn);
  EXPECT_EQ(principal_of(session, alice).token_issued_at, kNow);
}

}  // namespace
}  // namespace angophora::sessions
