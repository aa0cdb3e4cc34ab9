#include "clc/soap/user_message.h"

#include <algorithm>

#include "common/base/encoding.h"
#include "common/soap/wsse_names.h"

namespace angophora::clc {
namespace {
using namespace soap;
using namespace soap::names;

constexpr int kKeyBitsMin = 1024, kKeyBitsMax = 4096;
constexpr std::size_t kCertificateTextMax = 16 * 1024;

const SignatureRules& user_rules() {
  static const SignatureRules kRules{
      {{kRsaSha1, crypto::SignatureHash::sha1}, {kRsaSha256, crypto::SignatureHash::sha256}},
      {{kSha1, crypto::DigestKind::sha1}, {kSha256, crypto::DigestKind::sha256}},
      true};
  return kRules;
}

// A part's place in a Security header; clients differ in the order.
Result<> take(xmlNode*& place, xmlNode* node) {
  if (place) return malformed("Security holds two of " + std::string(name_of(node)));
  place = node;
  return common::ok();
}

}  // namespace

Result<> UserMessage::read_header(const xmlNode* header) {
  const auto blocks = element_children(header);
  if (blocks.empty()) return Error(SoapErrc::bad_signature, "the message is not signed");
  if (blocks.size() != 1 || !is_element(blocks[0], kWsse, "Security"))
    return malformed("the header holds more than one Security element");
  const auto* security = blocks[0];
  if (!only_space_between(security)) return malformed("Security has text between its elements");
  TRY_VOID(exact_attributes(security, {}, {{kSoapSpace, "mustUnderstand"}}));
  for (auto* node : element_children(security)) {
    if (is_element(node, kWsu, "Timestamp")) {
      TRY_VOID(take(shape_.timestamp, node));
    } else if (is_element(node, kDs, "Signature")) {
      TRY_VOID(take(shape_.signature, node));
    } else if (is_element(node, kWsse, "BinarySecurityToken")) {
      TRY_VOID(take(token_, node));
    } else {
      return malformed("Security holds " + std::string(name_of(node)).substr(0, 100));
    }
  }
  if (!shape_.signature) return Error(SoapErrc::bad_signature, "the message is not signed");
  if (!shape_.timestamp) return malformed("the message has no Timestamp");
  TRY_VOID(shape_.add_part("Timestamp", shape_.timestamp));
  TRY_VOID(shape_.add_part("Body", shape_.body));
  if (!token_) return common::ok();
  TRY(auto values,
      exact_attributes(token_, {{"", "EncodingType"}, {"", "ValueType"}, {kWsu, "Id"}}));
  if (values[0] != kBase64 || values[1] != kX509v3)
    return malformed("BinarySecurityToken is no X.509 certificate in base64");
  if (!is_plain_id(values[2])) return malformed("BinarySecurityToken has a strange wsu:Id");
  // Clients may sign it or not: it is compared with a certificate that we have.
  shape_.parts.push_back({"BinarySecurityToken", token_, std::move(values[2]), false});
  return common::ok();
}

Result<> UserMessage::read_key() {
  TRY(const auto* reference, read_token_reference(signature_, user_rules()));
  if (!token_) {
    TRY(const auto identifier, exact_children(reference, {{kWsse, "KeyIdentifier"}}));
    TRY(thumbprint_, read_thumbprint(identifier[0]));
    return common::ok();
  }
  TRY(const auto direct, exact_children(reference, {{kWsse, "Reference"}}));
  TRY(const auto values, exact_attributes(direct[0], {{"", "URI"}}, {{"", "ValueType"}}));
  if (!element_children(direct[0]).empty() || !text_of(direct[0]).empty())
    return malformed("the reference to the token is not empty");
  if (values[0] != "#" + shape_.parts.back().id || (!values[1].empty() && values[1] != kX509v3))
    return bad_signature("the key is not that of the message's BinarySecurityToken");
  TRY(const auto text, leaf_text(token_, kCertificateTextMax));
  auto der = common::base64_decode(text);
  if (!der) return malformed("BinarySecurityToken is not base64");
  token_der_ = std::move(*der);
  thumbprint_ = crypto::sha1(token_der_);
  return common::ok();
}

Result<UserMessage> UserMessage::read(std::string_view xml) {
  UserMessage message;
  TRY(message.document_, read_document(xml));
  TRY(const auto* header, read_envelope(message.document_.get(), message.shape_));
  TRY_VOID(message.read_header(header));
  TRY(message.signature_, read_signature(message.shape_, user_rules()));
  TRY_VOID(message.read_key());
  const auto* root = xmlDocGetRootElement(message.document_.get());
  TRY_VOID(check_strays(root, message.shape_, message.signature_));
  TRY_VOID(read_timestamp(message.shape_, message.created_, message.expires_));
  return message;
}

Result<VerifiedUserMessage> UserMessage::verify(const crypto::Certificate& pinned) const {
  if (pinned.sha1_thumbprint() != thumbprint_ || (token_ && pinned.der() != token_der_))
    return Error(SoapErrc::unknown_signer, "the message was signed with another certificate");
  const auto key = pinned.public_key();
  if (!key.is_rsa() || key.bits() < kKeyBitsMin || key.bits() > kKeyBitsMax)
    return bad_signature("the certificate's key is not RSA of 1024 to 4096 bits");
  VerifiedUserMessage verified;
  TRY(verified.body, verify_signature(document_.get(), shape_, signature_, key));
  verified.digest = crypto::sha256(canonical(document_.get(), signature_.signed_info));
  const auto* payload = element_children(shape_.body)[0];
  verified.body_name = name_of(payload);
  verified.body_space = payload->ns ? reinterpret_cast<const char*>(payload->ns->href) : "";
  return verified;
}

}  // namespace angophora::clc
