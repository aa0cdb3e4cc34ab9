// Messages as users' clients sign them, and forgeries that start from a genuine one.
#include "clc/soap/user_message.h"

#include <gtest/gtest.h>

#include "clc/testing/user_signer.h"
#include "common/base/encoding.h"
#include "common/soap/wsse_names.h"

namespace angophora::clc {
namespace {
using namespace testing;
namespace names = soap::names;

UserSigning at_noon() {
  UserSigning options;
  options.created = *common::parse_iso8601("2026-11-22T12:00:00Z");
  return options;
}
std::string content() {
  return ec2_element("TerminateInstances",
                     "<instancesSet><item><instanceId>i-1</instanceId></item></instancesSet>");
}
std::string genuine() { return sign_as_user(content(), user_key(), at_noon()); }

Result<VerifiedUserMessage> verify(const std::string& bytes, const UserKey& user = user_key()) {
  TRY(const auto message, UserMessage::read(bytes));
  return message.verify(user.certificate);
}

// Why a message was refused; "" when it was let through.
std::string refusal(const std::string& bytes, const UserKey& user = user_key()) {
  const auto got = verify(bytes, user);
  return got ? "" : got.error().message;
}
#define EXPECT_REFUSED(bytes) EXPECT_NE(refusal(bytes), "") << (bytes)

std::string replaced(std::string text, std::string_view what, std::string_view with) {
  const auto at = text.find(what);
  EXPECT_NE(at, std::string::npos) << what;
  if (at != std::string::npos) text.replace(at, what.size(), with);
  return text;
}
std::string piece(const std::string& text, std::string_view begin, std::string_view end) {
  const auto from = text.find(begin);
  const auto to = text.find(end, from);
  EXPECT_NE(to, std::string::npos) << begin << end;
  return text.substr(from, to + end.size() - from);
}

TEST(UserMessage, IsTakenAsTheOldCommandLinesSignIt) {
  const auto message = UserMessage::read(genuine());
  ASSERT_TRUE(message) << message.error().message;
  EXPECT_EQ(message.value().thumbprint(), user_key().certificate.sha1_thumbprint());
  EXPECT_EQ(message.value().created(), at_noon().created);
  EXPECT_EQ(message.value().expires(), at_noon().created + std::chrono::minutes(5));
  const auto got = message.value().verify(user_key().certificate);
  ASSERT_TRUE(got) << got.error().message;
  EXPECT_EQ(got.value().body_name, "TerminateInstances");
  EXPECT_EQ(got.value().body_space, "http://ec2.amazonaws.com/doc/2013-02-01/");
  EXPECT_NE(got.value().body.find(content()), std::string::npos);
}

TEST(UserMessage, IsTakenInEveryFormThatIsOffered) {
  for (const bool sha256 : {false, true})
    for (const bool token : {false, true})
      for (const bool sign_token : {false, token})
        for (const int bits : {1024, 2048, 4096}) {
          auto options = at_noon();
          options.sha256 = sha256;
          options.token = token;
          options.sign_token = sign_token;
          const auto& user = user_key("ana", bits);
          EXPECT_EQ(refusal(sign_as_user(content(), user, options), user), "")
              << sha256 << token << sign_token << bits;
        }
}

TEST(UserMessage, MayHaveItsHeaderInAnyOrderAndLinesBetween) {
  const auto message = genuine();
  const auto timestamp = piece(message, "<wsu:Timestamp", "</wsu:Timestamp>");
  const auto token = piece(message, "<wsse:BinarySecurityToken", "</wsse:BinarySecurityToken>");
  auto moved = replaced(replaced(message, timestamp, ""), token, "");
  moved = replaced(moved, "</wsse:Security>", "\n" + token + "\n" + timestamp + "</wsse:Security>");
  EXPECT_EQ(refusal(moved), "");
  EXPECT_EQ(refusal(replaced(message, "<wsse:Security xmlns:wsse",
                             "<wsse:Security soap:mustUnderstand=\"1\" xmlns:wsse")),
            "");
}

TEST(UserMessage, HasTheSameDigestWheneverItComes) {
  const auto digest = [](const std::string& bytes) { return verify(bytes).value().digest; };
  EXPECT_EQ(digest(genuine()), digest(genuine()));
  EXPECT_EQ(digest(replaced(genuine(), "<soap:Header>", "<soap:Header>\n")), digest(genuine()));
  auto later = at_noon();
  later.created += std::chrono::milliseconds(1);
  EXPECT_NE(digest(sign_as_user(content(), user_key(), later)), digest(genuine()));
}

TEST(UserMessage, IsRefusedByAnotherCertificate) {
  EXPECT_NE(refusal(genuine(), user_key("ben")), "");
  // The token of one, the key of another.
  const auto token = common::base64_encode(user_key("ana").certificate.der());
  const auto others = common::base64_encode(user_key("ben").certificate.der());
  const auto forged = replaced(sign_as_user(content(), user_key("ben"), at_noon()), others, token);
  EXPECT_NE(refusal(forged, user_key("ana")), "");
  EXPECT_NE(refusal(forged, user_key("ben")), "");
}

TEST(UserMessage, IsRefusedWithAKeyThatIsTooSmall) {
  const auto& user = user_key("ana", 768);
  EXPECT_NE(refusal(sign_as_user(content(), user, at_noon()), user).find("1024"),
            std::string::npos);
}

TEST(UserMessage, IsRefusedWhenAnythingSignedIsAltered) {
  EXPECT_REFUSED(replaced(genuine(), "i-1", "i-2"));
  EXPECT_REFUSED(replaced(genuine(), "2013-02-01", "2013-02-02"));
  EXPECT_REFUSED(replaced(genuine(), "TerminateInstances", "RebootInstances"));
  EXPECT_REFUSED(replaced(genuine(), "12:00:00", "13:00:00"));
  EXPECT_REFUSED(replaced(genuine(), "<instanceId>", "<instanceId> "));
  const auto digest = piece(genuine(), "<ds:DigestValue>", "</ds:DigestValue>");
  EXPECT_REFUSED(replaced(
      genuine(), digest,
      "<ds:DigestValue>" + common::base64_encode(std::string(20, 'x')) + "</ds:DigestValue>"));
}

TEST(UserMessage, IsRefusedUnsigned) {
  const auto message = genuine();
  const auto security = piece(message, "<wsse:Security ", "</wsse:Security>");
  EXPECT_EQ(refusal(replaced(message, security, "")), "the message is not signed");
  const auto signature = piece(message, "<ds:Signature ", "</ds:Signature>");
  EXPECT_EQ(refusal(replaced(message, signature, "")), "the message is not signed");
  EXPECT_REFUSED(replaced(message, piece(message, "<soap:Header>", "</soap:Header>"), ""));
  const auto timestamp = piece(message, "<wsu:Timestamp", "</wsu:Timestamp>");
  EXPECT_REFUSED(replaced(message, timestamp, ""));
}

// One reference left out: what it covered is not signed any more.
TEST(UserMessage, IsRefusedWhenTheSignatureCoversTooLittle) {
  auto options = at_noon();
  const auto message = genuine();
  const auto first = piece(message, "<ds:Reference", "</ds:Reference>");
  const auto rest = message.substr(message.find(first) + first.size());
  const auto second = piece(rest, "<ds:Reference", "</ds:Reference>");
  for (const auto& reference : {first, second}) {
    auto forged = replaced(message, reference, "");
    // Signed anew by the user himself, so that nothing but the missing part is wrong.
    const auto info = piece(forged, "<ds:SignedInfo", "</ds:SignedInfo>");
    const auto value = user_key().key.sign(crypto::SignatureHash::sha1, info).value();
    forged =
        replaced(forged, piece(forged, "<ds:SignatureValue>", "</ds:SignatureValue>"),
                 "<ds:SignatureValue>" + common::base64_encode(value) + "</ds:SignatureValue>");
    EXPECT_NE(refusal(forged).find("is not signed"), std::string::npos) << refusal(forged);
  }
}

// The genuine part goes to a hiding place and a forged one takes its position, with ids of all
// kinds.
TEST(UserMessage, IsRefusedWhenASignedPartIsMovedOrWrapped) {
  struct Target {
    std::string id, begin, end, genuine_text, forged_text;
  };
  const Target targets[] = {
      {"id-1", "<soap:Body", "</soap:Body>", "i-1", "i-forged"},
      {"Timestamp-1", "<wsu:Timestamp", "</wsu:Timestamp>", "2026-", "2027-"},
  };
  const std::string places[] = {"<soap:Header>",
                                "<wsse:Security ",
                                "</wsse:Security>",
                                "<ds:Signature ",
                                "<ds:SignedInfo",
                                "<ds:Reference",
                                "<ds:SignatureValue>",
                                "<ds:KeyInfo>",
                                "</ds:KeyInfo>",
                                "</ds:Signature>",
                                "</soap:Header>",
                                "<soap:Body",
                                "<instancesSet>",
                                "</soap:Body>",
                                "</soap:Envelope>",
                                "<wsse:Reference",
                                "<wsse:BinarySecurityToken"};
  const std::pair<std::string, std::string> wrappers[] = {
      {"", ""},
      {"<wrapper>", "</wrapper>"},
      {"<ds:Object xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\">", "</ds:Object>"},
      {"<soap:Header>", "</soap:Header>"}};
  const auto message = genuine();
  int tried = 0;
  for (const auto& target : targets) {
    const auto part = piece(message, target.begin, target.end);
    const auto id = "wsu:Id=\"" + target.id + "\"";
    for (const auto& place : places)
      for (const auto& [open, close] : wrappers)
        for (const auto& forged_id : {id, std::string("wsu:Id=\"other\""), std::string(),
                                      "Id=\"" + target.id + "\"", "xml:id=\"" + target.id + "\""}) {
          auto forged = replaced(part, target.genuine_text, target.forged_text);
          forged = replaced(forged, id, forged_id);
          auto rest = replaced(message, part, "@@");
          if (rest.find(place) == std::string::npos) continue;  // was inside of the part
          rest = replaced(rest, place, open + part + close + place);
          EXPECT_REFUSED(replaced(rest, "@@", forged));
          ++tried;
        }
  }
  EXPECT_GT(tried, 500);
}

TEST(UserMessage, IsRefusedWithAnythingTwice) {
  const auto message = genuine();
  const std::pair<std::string, std::string> parts[] = {
      {"<soap:Body", "</soap:Body>"},
      {"<wsu:Timestamp", "</wsu:Timestamp>"},
      {"<wsse:BinarySecurityToken", "</wsse:BinarySecurityToken>"},
      {"<ds:Signature ", "</ds:Signature>"},
      {"<ds:SignedInfo", "</ds:SignedInfo>"},
      {"<ds:Reference", "</ds:Reference>"},
      {"<ds:KeyInfo", "</ds:KeyInfo>"},
      {"<wsse:Security ", "</wsse:Security>"},
      {"<soap:Header>", "</soap:Header>"}};
  for (const auto& [begin, end] : parts) {
    const auto part = piece(message, begin, end);
    EXPECT_REFUSED(replaced(message, part, part + part));
  }
  EXPECT_REFUSED(replaced(message, "CertId-1\"", "id-1\""));
  EXPECT_REFUSED(replaced(message, "Id=\"Signature-1\"", "Id=\"id-1\""));
  auto same = at_noon();
  same.timestamp_id = same.body_id;
  EXPECT_REFUSED(sign_as_user(content(), user_key(), same));
}

TEST(UserMessage, IsRefusedWithAlgorithmsThatItChooses) {
  const auto message = genuine();
  for (const std::string method :
       {"http://www.w3.org/2000/09/xmldsig#hmac-sha1", "http://www.w3.org/2000/09/xmldsig#dsa-sha1",
        "http://www.w3.org/2001/04/xmldsig-more#rsa-md5",
        "http://www.w3.org/2001/04/xmldsig-more#hmac-sha256", "none"})
    EXPECT_REFUSED(replaced(message, names::kRsaSha1, method));
  EXPECT_REFUSED(replaced(message, "xmldsig#sha1", "xmldsig-more#md5"));
  EXPECT_REFUSED(replaced(message, "<ds:Transform ", "<ds:Transform x=\"y\" "));
  const auto transform = piece(message, "<ds:Transform ", "</ds:Transform>");
  EXPECT_REFUSED(replaced(message, transform, ""));
  EXPECT_REFUSED(replaced(message, transform, transform + transform));
  EXPECT_REFUSED(replaced(
      message, transform,
      replaced(transform, names::kExclusive, "http://www.w3.org/TR/1999/REC-xslt-19991116")));
  EXPECT_REFUSED(replaced(message, "URI=\"#id-1\"", "URI=\"\""));
  EXPECT_REFUSED(replaced(message, "URI=\"#id-1\"", "URI=\"http://x/#id-1\""));
  EXPECT_REFUSED(replaced(message, "URI=\"#CertId-1\"", "URI=\"#id-1\""));
}

TEST(UserMessage, TakesNoKeyFromTheMessage) {
  const auto message = genuine();
  const auto name = piece(message, "<wsse:Reference", "</wsse:Reference>");
  for (const std::string key :
       {"<ds:KeyValue><ds:RSAKeyValue/></ds:KeyValue>", "<ds:X509Data/>",
        "<ds:KeyName>a</ds:KeyName>", "<wsse:Embedded/>",
        "<wsse:KeyIdentifier ValueType=\"http://docs.oasis-open.org/wss/"
        "oasis-wss-soap-message-security-1.1#EncryptedKeySHA1\">eA==</wsse:KeyIdentifier>"}) {
    EXPECT_REFUSED(replaced(message, name, key));
    EXPECT_REFUSED(replaced(message, name, name + key));
  }
}

TEST(UserMessage, IsRefusedWithWhatHurtsParsers) {
  const auto message = genuine();
  EXPECT_REFUSED("<!DOCTYPE x [<!ENTITY a \"b\">]>" + message);
  EXPECT_REFUSED(replaced(message, "<instancesSet>", "<!-- --><instancesSet>"));
  EXPECT_REFUSED(replaced(message, "i-1", "&x;"));
  std::string deep, ends;
  for (int i = 0; i < 10000; ++i) {
    deep += "<a>";
    ends += "</a>";
  }
  EXPECT_REFUSED(replaced(message, "i-1", deep + ends));
  EXPECT_REFUSED(message.substr(0, message.size() / 2));
  EXPECT_REFUSED("");
  EXPECT_REFUSED(replaced(message, "http://schemas.xmlsoap.org/soap/envelope/",
                          "http://www.w3.org/2003/05/soap-envelope"));
  EXPECT_REFUSED(replaced(message, "</soap:Header>",
                          "<wsa:To xmlns:wsa=\"http://www.w3.org/2005/08/addressing\">x</wsa:To>"
                          "</soap:Header>"));
}

}  // namespace
}  // namespace angophora::clc
