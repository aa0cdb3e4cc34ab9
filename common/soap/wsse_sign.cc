// Signing. Each signed part is written in its exclusive canonical form at once, so its digest is
// that of the bytes written and nothing has to be parsed again.
#include <utility>
#include <vector>

#include "common/base/encoding.h"
#include "common/crypto/digest.h"
#include "common/soap/wsse.h"
#include "common/soap/wsse_names.h"
#include "common/soap/xml_document.h"

namespace angophora::soap {
namespace {
using namespace names;

std::string attribute(std::string_view name, std::string_view value) {
  return " " + std::string(name) + "=\"" + std::string(value) + "\"";
}

// A header block such as <wsa:To wsu:Id="To">.
std::string addressing_block(std::string_view name, std::string_view text) {
  const std::string tag = "wsa:" + std::string(name);
  return "<" + tag + attribute("xmlns:wsa", kWsa) + attribute("xmlns:wsu", kWsu) +
         attribute("wsu:Id", name) + ">" + canonical_text(text) + "</" + tag + ">";
}

std::string timestamp_block(const Addressing& a) {
  return "<wsu:Timestamp" + attribute("xmlns:wsu", kWsu) + attribute("wsu:Id", "Timestamp") +
         "><wsu:Created>" + common::format_iso8601(a.created) + "</wsu:Created><wsu:Expires>" +
         common::format_iso8601(a.expires) + "</wsu:Expires></wsu:Timestamp>";
}

std::string body_block(std::string_view body_xml) {
  std::string body = "<SOAP-ENV:Body" + attribute("xmlns:SOAP-ENV", kSoapSpace) +
                     attribute("xmlns:wsu", kWsu) + attribute("wsu:Id", "Body") + ">";
  body += body_xml;
  return body += "</SOAP-ENV:Body>";
}

std::string empty_element(std::string_view name, std::string_view algorithm) {
  return "<" + std::string(name) + attribute("Algorithm", algorithm) + "></" + std::string(name) +
         ">";
}

std::string reference(std::string_view id, std::string_view canonical_bytes) {
  return "<ds:Reference" + attribute("URI", "#" + std::string(id)) + "><ds:Transforms>" +
         empty_element("ds:Transform", kExclusive) + "</ds:Transforms>" +
         empty_element("ds:DigestMethod", kSha256) + "<ds:DigestValue>" +
         common::base64_encode(crypto::sha256(canonical_bytes)) +
         "</ds:DigestValue></ds:Reference>";
}

std::string key_info(std::string_view thumbprint) {
  return "<ds:KeyInfo><wsse:SecurityTokenReference><wsse:KeyIdentifier" +
         attribute("EncodingType", kBase64) + attribute("ValueType", kThumbprintSha1) + ">" +
         common::base64_encode(thumbprint) +
         "</wsse:KeyIdentifier></wsse:SecurityTokenReference></ds:KeyInfo>";
}

}  // namespace

Result<std::string> sign_envelope(const Addressing& a, std::string_view body_xml,
                                  const crypto::PrivateKey& key, std::string_view thumbprint) {
  std::vector<std::pair<std::string_view, std::string>> blocks = {
      {"To", addressing_block("To", a.to)},
      {"Action", addressing_block("Action", a.action)},
      {"MessageID", addressing_block("MessageID", a.message_id)},
  };
  if (!a.relates_to.empty())
    blocks.emplace_back("RelatesTo", addressing_block("RelatesTo", a.relates_to));
  const auto timestamp = timestamp_block(a);
  const auto body = body_block(body_xml);

  std::string signed_info = "<ds:SignedInfo" + attribute("xmlns:ds", kDs) + ">" +
                            empty_element("ds:CanonicalizationMethod", kExclusive) +
                            empty_element("ds:SignatureMethod", kRsaSha256);
  for (const auto& [id, block] : blocks) signed_info += reference(id, block);
  signed_info += reference("Timestamp", timestamp);
  signed_info += reference("Body", body);
  signed_info += "</ds:SignedInfo>";
  TRY(const auto signature, key.sign(crypto::SignatureHash::sha256, signed_info));

  std::string envelope =
      "<SOAP-ENV:Envelope" + attribute("xmlns:SOAP-ENV", kSoapSpace) + "><SOAP-ENV:Header>";
  for (const auto& [id, block] : blocks) envelope += block;
  envelope += "<wsse:Security" + attribute("xmlns:wsse", kWsse) + ">" + timestamp +
              "<ds:Signature" + attribute("xmlns:ds", kDs) + ">" + signed_info +
              "<ds:SignatureValue>" + common::base64_encode(signature) + "</ds:SignatureValue>" +
              key_info(thumbprint) + "</ds:Signature></wsse:Security></SOAP-ENV:Header>";
  envelope += body;
  return envelope += "</SOAP-ENV:Envelope>";
}

}  // namespace angophora::soap
