// Forgeries that verifiers have fallen for: signature wrapping in all its forms, keys and
// algorithms chosen by the message, documents that hurt the parser. Each starts from one genuine
// message that a forger caught, and must be refused.
#include <gtest/gtest.h>

#include "common/base/encoding.h"
#include "common/crypto/digest.h"
#include "common/soap/testing.h"
#include "common/soap/wsse_names.h"
#include "common/soap/xml_document.h"

namespace angophora::soap {
namespace {
using namespace testing;

std::optional<crypto::PublicKey> key_of_cc(std::string_view thumbprint) {
  const auto& certificate = self_named("cc-1").certificate;
  if (thumbprint != certificate.sha1_thumbprint()) return std::nullopt;
  return certificate.public_key();
}

// Why a forgery was refused; "" when it was let through.
std::string refusal(const std::string& bytes) {
  const auto got = verify_envelope(bytes, key_of_cc);
  return got ? "" : got.error().message;
}

#define EXPECT_REFUSED(bytes) EXPECT_NE(refusal(bytes), "") << bytes

// A part of the genuine message, and what a forger would like to have there.
struct Target {
  std::string name, begin, end, forged_text, genuine_text;
};

std::vector<Target> targets() {
  return {
      {"To", "<wsa:To", "</wsa:To>", "urn:angophora:service:node-2",
       "urn:angophora:service:node-1"},
      {"Action", "<wsa:Action", "</wsa:Action>", "urn:angophora:node:1/Terminate",
       "urn:angophora:node:1/GetConsoleOutput"},
      {"MessageID", "<wsa:MessageID", "</wsa:MessageID>", "urn:uuid:forged",
       request_addressing().message_id},
      {"Timestamp", "<wsu:Timestamp", "</wsu:Timestamp>", "2027-11-22", "2026-11-22"},
      {"Body", "<SOAP-ENV:Body", "</SOAP-ENV:Body>", "i-forged", "i-1"},
  };
}

std::string with_id(const std::string& element, const std::string& name, const std::string& with) {
  return replaced(element, "wsu:Id=\"" + name + "\"", with);
}

// Where the genuine part may be hidden.
struct HidingPlace {
  std::string name, before;  // in front of what; empty: at the end of the envelope
};

std::vector<HidingPlace> hiding_places() {
  return {
      {"first in Envelope", "<SOAP-ENV:Header>"}, {"first in Header", "<wsa:To"},
      {"before Security", "<wsse:Security"},      {"in Security", "<wsu:Timestamp"},
      {"before Signature", "<ds:Signature "},     {"before SignedInfo", "<ds:SignedInfo"},
      {"in SignedInfo", "<ds:Reference"},         {"before SignatureValue", "<ds:SignatureValue"},
      {"before KeyInfo", "<ds:KeyInfo"},          {"in KeyInfo", "<wsse:SecurityTokenReference"},
      {"after Signature", "</wsse:Security>"},    {"last in Header", "</SOAP-ENV:Header>"},
      {"before Body", "<SOAP-ENV:Body"},          {"in Body", "<node:GetConsoleOutput"},
      {"deep in Body", "<node:instanceId"},       {"last in Body", "</SOAP-ENV:Body>"},
      {"after Body", "</SOAP-ENV:Envelope>"}};
}

// What the genuine part is wrapped in at its hiding place.
std::vector<std::pair<std::string, std::string>> wrappers() {
  return {{"", ""},
          {"<wrapper>", "</wrapper>"},
          {"<ds:Object xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\">", "</ds:Object>"},
          {"<SOAP-ENV:Header>", "</SOAP-ENV:Header>"},
          {"<SOAP-ENV:Envelope>", "</SOAP-ENV:Envelope>"}};
}

class Wrapping : public ::testing::TestWithParam<std::size_t> {};

// The genuine part goes to a hiding place, a forged one takes its position: with its id, with
// another, with none, with an id of another kind.
TEST_P(Wrapping, IsRefusedAtEveryHidingPlace) {
  const auto target = targets()[GetParam()];
  const auto genuine = signed_request();
  const auto part = piece(genuine, target.begin, target.end);
  const auto forged = replaced(part, target.genuine_text, target.forged_text);
  const std::string id = "wsu:Id=\"" + target.name + "\"";
  const std::vector<std::string> ids = {id, "wsu:Id=\"other\"", "", "Id=\"" + target.name + "\"",
                                        "xml:id=\"" + target.name + "\""};
  for (const auto& place : hiding_places())
    for (const auto& [open, close] : wrappers())
      for (const auto& forged_id : ids) {
        auto message = replaced(genuine, part, "@@");
        // A place inside the part itself is gone with it.
        if (!place.before.empty() && message.find(place.before) == std::string::npos) {
          const auto inner = forged.find(place.before);
          if (inner == std::string::npos || inner == 0) continue;
          auto nested = with_id(forged, target.name, forged_id);
          nested = replaced(nested, place.before, open + part + close + place.before);
          EXPECT_REFUSED(replaced(message, "@@", nested));
          continue;
        }
        message = replaced(message, place.before, open + part + close + place.before);
        message = replaced(message, "@@", with_id(forged, target.name, forged_id));
        EXPECT_REFUSED(message);
      }
}

// Both stand beside each other, in either order.
TEST_P(Wrapping, IsRefusedWhenAPartComesTwice) {
  const auto target = targets()[GetParam()];
  const auto genuine = signed_request();
  const auto part = piece(genuine, target.begin, target.end);
  const auto forged = replaced(part, target.genuine_text, target.forged_text);
  for (const std::string& id : {"wsu:Id=\"" + target.name + "\"", std::string("wsu:Id=\"x\"")}) {
    const auto second = with_id(forged, target.name, id);
    EXPECT_REFUSED(replaced(genuine, part, part + second));
    EXPECT_REFUSED(replaced(genuine, part, second + part));
    EXPECT_REFUSED(replaced(genuine, part, part + part));
  }
}

TEST_P(Wrapping, IsRefusedWithoutThePart) {
  const auto target = targets()[GetParam()];
  const auto genuine = signed_request();
  EXPECT_REFUSED(replaced(genuine, piece(genuine, target.begin, target.end), ""));
}

TEST_P(Wrapping, IsRefusedWhenThePartIsNotSigned) {
  const auto target = targets()[GetParam()];
  const auto genuine = signed_request();
  const auto reference =
      piece(genuine, "<ds:Reference URI=\"#" + target.name + "\">", "</ds:Reference>");
  EXPECT_REFUSED(replaced(genuine, reference, ""));
  EXPECT_REFUSED(replaced(genuine, reference, reference + reference));
}

INSTANTIATE_TEST_SUITE_P(EachPart, Wrapping, ::testing::Range<std::size_t>(0, 5),
                         [](const auto& at) { return targets()[at.param].name; });

TEST(Forgery, IsRefusedWithoutSignature) {
  const auto genuine = signed_request();
  EXPECT_REFUSED(replaced(genuine, piece(genuine, "<wsse:Security", "</wsse:Security>"), ""));
  EXPECT_REFUSED(replaced(genuine, piece(genuine, "<ds:Signature ", "</ds:Signature>"), ""));
  EXPECT_REFUSED(
      replaced(genuine, piece(genuine, "<ds:SignatureValue", "</ds:SignatureValue>"), ""));
  const auto value = piece(genuine, "<ds:SignatureValue>", "</ds:SignatureValue>");
  EXPECT_REFUSED(replaced(genuine, value, "<ds:SignatureValue></ds:SignatureValue>"));
}

// The forger writes his own digests; the old SignedInfo is parked where a careless verifier takes
// it for the signed one.
TEST(Forgery, IsRefusedWithASecondSignedInfo) {
  const auto genuine = signed_request();
  const auto body = piece(genuine, "<SOAP-ENV:Body", "</SOAP-ENV:Body>");
  const auto forged_body = replaced(body, "i-1", "i-forged");
  const auto info = piece(genuine, "<ds:SignedInfo", "</ds:SignedInfo>");
  const auto digest = [](const std::string& bytes) {
    return common::base64_encode(crypto::sha256(bytes));
  };
  const auto forged_info = replaced(info, digest(body), digest(forged_body));
  const auto forged = replaced(replaced(genuine, body, forged_body), info, forged_info);
  EXPECT_NE(refusal(forged).find("does not fit SignedInfo"), std::string::npos);
  for (const auto& place : hiding_places())
    for (const auto& [open, close] : wrappers()) {
      if (forged.find(place.before) == std::string::npos) continue;
      EXPECT_REFUSED(replaced(forged, place.before, open + info + close + place.before));
      const std::string saml =
          "<saml:Assertion xmlns:saml=\"urn:oasis:names:tc:SAML:1.0:assertion\">";
      EXPECT_REFUSED(replaced(forged, place.before,
                              saml +
                                  "<ds:Signature xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\">" +
                                  info + "</ds:Signature></saml:Assertion>" + place.before));
    }
  EXPECT_REFUSED(replaced(forged, forged_info, info + forged_info));
  EXPECT_REFUSED(replaced(forged, forged_info, forged_info + info));
}

TEST(Forgery, IsRefusedWithASecondSignature) {
  const auto genuine = signed_request();
  const auto signature = piece(genuine, "<ds:Signature ", "</ds:Signature>");
  EXPECT_REFUSED(replaced(genuine, signature, signature + signature));
  const auto security = piece(genuine, "<wsse:Security", "</wsse:Security>");
  EXPECT_REFUSED(replaced(genuine, security, security + security));
}

// Whoever could choose the key could sign anything.
TEST(Forgery, IsRefusedWithItsOwnKeyInside) {
  const auto genuine = signed_request();
  const auto info = piece(genuine, "<ds:KeyInfo>", "</ds:KeyInfo>");
  const auto certificate = common::base64_encode(self_named("cc-1").certificate.der());
  EXPECT_REFUSED(replaced(genuine, info,
                          "<ds:KeyInfo><ds:X509Data><ds:X509Certificate>" + certificate +
                              "</ds:X509Certificate></ds:X509Data></ds:KeyInfo>"));
  EXPECT_REFUSED(replaced(genuine, info,
                          "<ds:KeyInfo><ds:KeyValue><ds:RSAKeyValue></ds:RSAKeyValue></ds:KeyValue>"
                          "</ds:KeyInfo>"));
  EXPECT_REFUSED(replaced(genuine, info, ""));
  EXPECT_REFUSED(replaced(genuine, info, info + info));
  EXPECT_REFUSED(replaced(genuine, std::string(names::kThumbprintSha1),
                          "http://www.w3.org/2000/09/xmldsig#hmac-sha1"));
  EXPECT_REFUSED(replaced(genuine, "<wsu:Timestamp",
                          "<wsse:BinarySecurityToken wsu:Id=\"X\" xmlns:wsu=\"" +
                              std::string(names::kWsu) + "\">" + certificate +
                              "</wsse:BinarySecurityToken><wsu:Timestamp"));
}

// SignedInfo with another algorithm, signed anew by the genuine key: equality alone refuses it.
class Algorithm : public ::testing::Test {
 protected:
  static std::string signed_again(const std::string& what, const std::string& with) {
    auto bytes = replaced(signed_request(), what, with);
    const auto document = read_document(bytes);
    EXPECT_TRUE(document);
    const auto info = piece(bytes, "<ds:SignedInfo", "</ds:SignedInfo>");
    const auto again = read_document(info);
    EXPECT_TRUE(again);
    const auto signed_bytes =
        canonical(again.value().get(), xmlDocGetRootElement(again.value().get()));
    const auto value =
        self_named("cc-1").key.sign(crypto::SignatureHash::sha256, signed_bytes).value();
    return replaced(bytes, piece(bytes, "<ds:SignatureValue>", "</ds:SignatureValue>"),
                    "<ds:SignatureValue>" + common::base64_encode(value) + "</ds:SignatureValue>");
  }
};

TEST_F(Algorithm, TheHelperSignsAsItMust) { EXPECT_EQ(refusal(signed_again("i-1", "i-1")), ""); }

TEST_F(Algorithm, OthersAreRefused) {
  const std::string exclusive(names::kExclusive);
  EXPECT_REFUSED(
      signed_again(std::string(names::kRsaSha256), "http://www.w3.org/2000/09/xmldsig#rsa-sha1"));
  EXPECT_REFUSED(
      signed_again(std::string(names::kRsaSha256), "http://www.w3.org/2000/09/xmldsig#hmac-sha1"));
  EXPECT_REFUSED(
      signed_again(std::string(names::kSha256), "http://www.w3.org/2000/09/xmldsig#sha1"));
  EXPECT_REFUSED(signed_again("<ds:CanonicalizationMethod Algorithm=\"" + exclusive,
                              "<ds:CanonicalizationMethod Algorithm=\""
                              "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"));
  EXPECT_REFUSED(
      signed_again("<ds:CanonicalizationMethod Algorithm=\"" + exclusive,
                   "<ds:CanonicalizationMethod Algorithm=\"" + exclusive + "WithComments"));
}

TEST_F(Algorithm, TransformsThatSelectOrChangeAreRefused) {
  const std::string exclusive(names::kExclusive);
  const auto one = "<ds:Transform Algorithm=\"" + exclusive + "\"></ds:Transform>";
  const auto other = [](const std::string& algorithm, const std::string& content) {
    return "<ds:Transform Algorithm=\"" + algorithm + "\">" + content + "</ds:Transform>";
  };
  const auto xpath = other("http://www.w3.org/TR/1999/REC-xpath-19991116",
                           "<ds:XPath>ancestor-or-self::node()</ds:XPath>");
  const auto enveloped = other("http://www.w3.org/2000/09/xmldsig#enveloped-signature", "");
  const auto xslt = other("http://www.w3.org/TR/1999/REC-xslt-19991116", "");
  for (const auto& transform : {xpath, enveloped, xslt}) {
    EXPECT_REFUSED(signed_again(one, transform));
    EXPECT_REFUSED(signed_again(one, transform + one));
    EXPECT_REFUSED(signed_again(one, one + transform));
  }
  EXPECT_REFUSED(signed_again(one, one + one));
  EXPECT_REFUSED(signed_again(one, ""));
  EXPECT_REFUSED(signed_again(
      one, other(exclusive, "<InclusiveNamespaces PrefixList=\"wsu\"></InclusiveNamespaces>")));
}

TEST_F(Algorithm, ReferencesToAnythingElseAreRefused) {
  for (const std::string uri : {"", "#xpointer(/)", "#xpointer(id('Body'))", "#None", "#",
                                "http://127.0.0.1/x", "file:///etc/passwd", "Body", "#To"})
    EXPECT_REFUSED(signed_again("URI=\"#Body\"", "URI=\"" + uri + "\""));
  EXPECT_REFUSED(signed_again(" URI=\"#Body\"", ""));
  EXPECT_REFUSED(signed_again("URI=\"#Body\"", "URI=\"#Body\" Type=\"x\""));
}

TEST_F(Algorithm, AHeaderThatNobodyAskedForIsRefused) {
  const std::string to = "<wsa:ReplyTo xmlns:wsa=\"" + std::string(names::kWsa) +
                         "\"><wsa:Address>http://127.0.0.1/</wsa:Address></wsa:ReplyTo><wsa:To";
  EXPECT_REFUSED(signed_again("<wsa:To", to));
  EXPECT_REFUSED(signed_again("<SOAP-ENV:Header>", "<SOAP-ENV:Header xmlns:x=\"u\" x:y=\"1\">"));
  EXPECT_REFUSED(signed_again("<SOAP-ENV:Header>", "<SOAP-ENV:Header>text"));
}

TEST(Document, WithADtdIsRefused) {
  const auto genuine = signed_request();
  EXPECT_REFUSED("<!DOCTYPE x>" + genuine);
  EXPECT_REFUSED("<!DOCTYPE x [<!ENTITY e SYSTEM \"file:///etc/passwd\">]>" +
                 replaced(genuine, "i-1", "&e;"));
  EXPECT_REFUSED("<!DOCTYPE x [<!ATTLIST wsa:To wsu:Id ID #IMPLIED>]>" + genuine);
  std::string bomb = "<!DOCTYPE x [<!ENTITY a \"aaaaaaaaaa\">";
  for (char c = 'b'; c < 'k'; ++c) {
    bomb += std::string("<!ENTITY ") + c + " \"";
    for (int i = 0; i < 10; ++i) bomb += std::string("&") + static_cast<char>(c - 1) + ";";
    bomb += "\">";
  }
  EXPECT_REFUSED(bomb + "]>" + replaced(genuine, "i-1", "&j;"));
  EXPECT_REFUSED(replaced(genuine, "i-1", "&unknown;"));
}

TEST(Document, WithInstructionsOrCommentsIsRefused) {
  const auto genuine = signed_request();
  EXPECT_REFUSED("<?xml-stylesheet href=\"file:///etc/passwd\"?>" + genuine);
  EXPECT_REFUSED(replaced(genuine, "i-1", "i-1<?php ?>"));
  EXPECT_REFUSED(replaced(genuine, "node-1</wsa:To>", "node-1<!-- .example.org --></wsa:To>"));
  EXPECT_REFUSED(genuine + "<!-- end -->");
}

TEST(Document, ThatIsNoEnvelopeIsRefused) {
  const auto genuine = signed_request();
  auto soap12 = genuine;
  for (std::size_t at; (at = soap12.find(kSoapSpace)) != std::string::npos;)
    soap12.replace(at, kSoapSpace.size(), "http://www.w3.org/2003/05/soap-envelope");
  EXPECT_REFUSED(soap12);
  EXPECT_REFUSED("");
  EXPECT_REFUSED("\xff\xfe");
  EXPECT_REFUSED("{\"Envelope\": 1}");
  EXPECT_REFUSED("<Envelope/>");
  EXPECT_REFUSED(genuine + genuine);
  EXPECT_REFUSED("<wrapper>" + genuine + "</wrapper>");
}

TEST(Document, ThatIsNestedTooDeeplyIsRefused) {
  for (const int depth : {70, 1000, 200'000}) {
    std::string deep;
    for (int i = 0; i < depth; ++i) deep += "<a>";
    for (int i = 0; i < depth; ++i) deep += "</a>";
    EXPECT_REFUSED(replaced(signed_request(), "<node:instanceId", deep + "<node:instanceId"));
  }
}

TEST(Document, OfTenMegabytesOfJunkIsRefusedInGoodTime) {
  const auto genuine = signed_request();
  const auto started = std::chrono::steady_clock::now();
  EXPECT_NE(refusal(std::string(10 << 20, 'x')), "");
  EXPECT_NE(refusal(std::string(10 << 20, '<')), "");
  std::string elements;
  for (int i = 0; i < 1'000'000; ++i) elements += "<a/>x";
  EXPECT_NE(refusal(replaced(genuine, "<node:instanceId", elements + "<node:instanceId")), "");
  std::string attributes = "<a";
  for (int i = 0; i < 100'000; ++i) attributes += " a" + std::to_string(i) + "=\"\"";
  EXPECT_NE(refusal(replaced(genuine, "<node:instanceId", attributes + "/><node:instanceId")), "");
  EXPECT_NE(refusal(std::string(17 << 20, ' ') + genuine), "");
  EXPECT_LT(std::chrono::steady_clock::now() - started, std::chrono::seconds(30));
}

}  // namespace
}  // namespace angophora::soap
