// Signing, and what a verifier lets through: only what was signed, by whom it knows.
#include "common/soap/wsse.h"

#include <gtest/gtest.h>

#include "common/soap/testing.h"
#include "common/soap/xml_document.h"

namespace angophora::soap {
namespace {
using namespace testing;

// Knows the keys of the members given.
KeyOfThumbprint keys_of(std::vector<std::string> names) {
  return
      [names = std::move(names)](std::string_view thumbprint) -> std::optional<crypto::PublicKey> {
        for (const auto& name : names)
          if (self_named(name).certificate.sha1_thumbprint() == thumbprint)
            return self_named(name).certificate.public_key();
        return std::nullopt;
      };
}

TEST(Wsse, LetsThroughWhatAPinnedKeySigned) {
  const auto got = verify_envelope(signed_request(), keys_of({"cc-1"}));
  ASSERT_TRUE(got) << got.error().message;
  const auto& envelope = got.value();
  EXPECT_EQ(envelope.content(), request_content());
  EXPECT_EQ(envelope.body_space, "urn:angophora:node:1");
  EXPECT_EQ(envelope.body_name, "GetConsoleOutput");
  EXPECT_EQ(envelope.addressing.to, request_addressing().to);
  EXPECT_EQ(envelope.addressing.action, request_addressing().action);
  EXPECT_EQ(envelope.addressing.message_id, request_addressing().message_id);
  EXPECT_EQ(envelope.addressing.relates_to, "");
  EXPECT_EQ(envelope.addressing.created, test_time());
  EXPECT_EQ(envelope.addressing.expires, test_time() + std::chrono::seconds(60));
  EXPECT_EQ(envelope.thumbprint, self_named("cc-1").certificate.sha1_thumbprint());
}

TEST(Wsse, BringsStrangeTextThrough) {
  auto addressing = request_addressing();
  addressing.relates_to = "urn:<&>\"'\xc3\xa4\n\t";
  const auto content =
      "<n:X xmlns:n=\"urn:n\">\n <n:y a=\"&lt;&amp;&quot;\">&amp;&lt;&gt;&#xD; "
      "\xe2\x82\xac</n:y></n:X>";
  const auto got =
      verify_envelope(signed_by(self_named("cc-1"), addressing, content), keys_of({"cc-1"}));
  ASSERT_TRUE(got) << got.error().message;
  EXPECT_EQ(got.value().content(), content);
  EXPECT_EQ(got.value().addressing.relates_to, addressing.relates_to);
}

TEST(Wsse, SignsAFaultInItsBody) {
  const Fault fault{"not found", "no <tap>", {}};
  auto addressing = request_addressing();
  addressing.action = kFaultAction;
  const auto got = verify_envelope(signed_by(self_named("cc-1"), addressing, encode_fault(fault)),
                                   keys_of({"cc-1"}));
  ASSERT_TRUE(got) << got.error().message;
  EXPECT_EQ(got.value().body_space, kSoapSpace);
  EXPECT_EQ(decode_fault(got.value().body).value().message, "no <tap>");
}

TEST(Wsse, NamesASignerThatItDoesNotKnow) {
  const auto got = verify_envelope(signed_request(), keys_of({"walrus"}));
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().code, SoapErrc::unknown_signer);
}

TEST(Wsse, RefusesASignatureByAnotherKeyThanTheOneNamed) {
  const auto& cc = self_named("cc-1");
  const auto bytes = sign_envelope(request_addressing(), request_content(),
                                   self_named("walrus").key, cc.certificate.sha1_thumbprint());
  const auto got = verify_envelope(bytes.value(), keys_of({"cc-1", "walrus"}));
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().code, SoapErrc::bad_signature);
}

TEST(Wsse, RefusesAnyChangedByteOfWhatIsSigned) {
  const auto bytes = signed_request();
  const auto signed_parts = {piece(bytes, "<wsa:To", "</wsa:To>"),
                             piece(bytes, "<wsa:Action", "</wsa:Action>"),
                             piece(bytes, "<wsa:MessageID", "</wsa:MessageID>"),
                             piece(bytes, "<wsu:Timestamp", "</wsu:Timestamp>"),
                             piece(bytes, "<ds:SignatureValue>", "</ds:SignatureValue>"),
                             piece(bytes, "<SOAP-ENV:Body", "</SOAP-ENV:Body>")};
  const auto genuine = verify_envelope(bytes, keys_of({"cc-1"})).value();
  int accepted = 0;
  for (const auto& part : signed_parts) {
    const auto at = bytes.find(part);
    for (std::size_t i = at; i < at + part.size(); i += 3) {
      auto changed = bytes;
      changed[i] = changed[i] == 'e' ? 'f' : 'e';
      const auto got = verify_envelope(changed, keys_of({"cc-1"}));
      // The name of a prefix that is bound once more than needed is no part of what is signed.
      if (got)
        EXPECT_EQ(got.value().body, genuine.body) << changed.substr(i - 5, 20);
      else
        EXPECT_NE(got.error().message, "");
      accepted += got.has_value();
    }
  }
  EXPECT_LE(accepted, 4);
}

TEST(Wsse, RefusesTruncatedMessages) {
  const auto bytes = signed_request();
  for (std::size_t length = 0; length < bytes.size(); length += 7)
    EXPECT_FALSE(verify_envelope(bytes.substr(0, length), keys_of({"cc-1"})));
}

TEST(Wsse, FindsTheClaimedIdOfAMessageThatItRefuses) {
  EXPECT_EQ(claimed_message_id(signed_request()), request_addressing().message_id);
  EXPECT_EQ(claimed_message_id("junk"), "");
  EXPECT_EQ(claimed_message_id("<a/>"), "");
}

}  // namespace
}  // namespace angophora::soap
