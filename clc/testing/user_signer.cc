#include "clc/testing/user_signer.h"

#include <map>

#include "common/base/encoding.h"
#include "common/crypto/digest.h"
#include "common/soap/wsse_names.h"
#include "common/soap/xml_document.h"

namespace angophora::clc::testing {
namespace {
using namespace soap::names;

std::string attribute(std::string_view name, std::string_view value) {
  return " " + std::string(name) + "=\"" + std::string(value) + "\"";
}

std::string algorithm(std::string_view element, std::string_view uri) {
  const std::string name(element);
  return "<" + name + attribute("Algorithm", uri) + "></" + name + ">";
}

std::string reference(std::string_view id, std::string_view canonical_bytes, bool sha256) {
  const auto digest = sha256 ? crypto::sha256(canonical_bytes) : crypto::sha1(canonical_bytes);
  return "<ds:Reference" + attribute("URI", "#" + std::string(id)) + "><ds:Transforms>" +
         algorithm("ds:Transform", kExclusive) + "</ds:Transforms>" +
         algorithm("ds:DigestMethod", sha256 ? kSha256 : kSha1) + "<ds:DigestValue>" +
         common::base64_encode(digest) + "</ds:DigestValue></ds:Reference>";
}

std::string timestamp_element(const UserSigning& o) {
  return "<wsu:Timestamp" + attribute("xmlns:wsu", kWsu) + attribute("wsu:Id", o.timestamp_id) +
         "><wsu:Created>" + common::format_iso8601(o.created) + "</wsu:Created><wsu:Expires>" +
         common::format_iso8601(o.created + o.lifetime) + "</wsu:Expires></wsu:Timestamp>";
}

std::string token_element(const UserKey& user) {
  return "<wsse:BinarySecurityToken" + attribute("xmlns:wsse", kWsse) +
         attribute("xmlns:wsu", kWsu) + attribute("EncodingType", kBase64) +
         attribute("ValueType", kX509v3) + attribute("wsu:Id", "CertId-1") + ">" +
         common::base64_encode(user.certificate.der()) + "</wsse:BinarySecurityToken>";
}

std::string key_name(const UserKey& user, bool by_token) {
  if (by_token)
    return "<wsse:Reference" + attribute("URI", "#CertId-1") + attribute("ValueType", kX509v3) +
           "></wsse:Reference>";
  return "<wsse:KeyIdentifier" + attribute("EncodingType", kBase64) +
         attribute("ValueType", kThumbprintSha1) + ">" +
         common::base64_encode(user.certificate.sha1_thumbprint()) + "</wsse:KeyIdentifier>";
}

}  // namespace

const UserKey& user_key(const std::string& name, int bits) {
  static std::map<std::pair<std::string, int>, UserKey> made;
  if (const auto found = made.find({name, bits}); found != made.end()) return found->second;
  auto key = crypto::PrivateKey::generate(bits).value();
  crypto::CertificateSubject subject;
  subject.common_name = name;
  subject.not_before = *common::parse_iso8601("2020-01-01T00:00:00Z");
  subject.not_after = *common::parse_iso8601("2040-01-01T00:00:00Z");
  subject.serial = "serial of " + name.substr(0, 8);
  auto certificate = crypto::Certificate::self_signed(key, subject).value();
  UserKey pair{std::move(key), std::move(certificate)};
  return made.emplace(std::pair(name, bits), std::move(pair)).first->second;
}

std::string sign_as_user(std::string_view content, const UserKey& user, const UserSigning& o) {
  const auto timestamp = timestamp_element(o);
  const auto token = o.token ? token_element(user) : "";
  const auto body = "<soap:Body" + attribute("xmlns:soap", soap::kSoapSpace) +
                    attribute("xmlns:wsu", kWsu) + attribute("wsu:Id", o.body_id) + ">" +
                    std::string(content) + "</soap:Body>";
  auto signed_info = "<ds:SignedInfo" + attribute("xmlns:ds", kDs) + ">" +
                     algorithm("ds:CanonicalizationMethod", kExclusive) +
                     algorithm("ds:SignatureMethod", o.sha256 ? kRsaSha256 : kRsaSha1) +
                     reference(o.timestamp_id, timestamp, o.sha256) +
                     reference(o.body_id, body, o.sha256);
  if (o.sign_token) signed_info += reference("CertId-1", token, o.sha256);
  signed_info += "</ds:SignedInfo>";
  const auto hash = o.sha256 ? crypto::SignatureHash::sha256 : crypto::SignatureHash::sha1;
  const auto value = common::base64_encode(user.key.sign(hash, signed_info).value());
  return "<soap:Envelope" + attribute("xmlns:soap", soap::kSoapSpace) +
         "><soap:Header><wsse:Security" + attribute("xmlns:wsse", kWsse) + ">" + timestamp + token +
         "<ds:Signature" + attribute("xmlns:ds", kDs) + attribute("Id", "Signature-1") + ">" +
         signed_info + "<ds:SignatureValue>" + value +
         "</ds:SignatureValue><ds:KeyInfo><wsse:SecurityTokenReference>" + key_name(user, o.token) +
         "</wsse:SecurityTokenReference></ds:KeyInfo></ds:Signature>" +
         "</wsse:Security></soap:Header>" + body + "</soap:Envelope>";
}

std::string ec2_element(const std::string& name, const std::string& members,
                        const std::string& version) {
  return "<" + name + " xmlns=\"http://ec2.amazonaws.com/doc/" + version + "/\">" + members + "</" +
         name + ">";
}

}  // namespace angophora::clc::testing
