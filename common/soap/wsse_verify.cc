// Verifying messages between daemons: the one shape that wsse_sign.cc writes.
#include <algorithm>
#include <set>
#include <utility>
#include <vector>

#include "common/base/encoding.h"
#include "common/soap/wsse.h"
#include "common/soap/wsse_names.h"
#include "common/soap/xml_signature.h"

namespace angophora::soap {
namespace {
using namespace names;

const SignatureRules& component_rules() {
  static const SignatureRules kRules{{{kRsaSha256, crypto::SignatureHash::sha256}},
                                     {{kSha256, crypto::DigestKind::sha256}}};
  return kRules;
}

Result<> read_security(const xmlNode* security, SignedShape& shape) {
  if (security->properties) {
    TRY_VOID(exact_attributes(security, {{kSoapSpace, "mustUnderstand"}}));
  }
  TRY(const auto children, exact_children(security, {{kWsu, "Timestamp"}, {kDs, "Signature"}}));
  shape.timestamp = children[0];
  shape.signature = children[1];
  return shape.add_part("Timestamp", shape.timestamp);
}

Result<> read_header(const xmlNode* header, SignedShape& shape, Addressing& addressing) {
  std::set<std::string_view> seen;
  const std::pair<std::string_view, std::string*> texts[] = {{"To", &addressing.to},
                                                             {"Action", &addressing.action},
                                                             {"MessageID", &addressing.message_id},
                                                             {"RelatesTo", &addressing.relates_to}};
  const xmlNode* security = nullptr;
  for (auto* block : element_children(header)) {
    if (is_element(block, kWsse, "Security")) {
      if (security) return malformed("there are two Security headers");
      security = block;
      continue;
    }
    const auto known = std::find_if(std::begin(texts), std::end(texts), [&](const auto& text) {
      return is_element(block, kWsa, text.first);
    });
    if (known == std::end(texts))
      return malformed("the header holds " + std::string(name_of(block)).substr(0, 100));
    if (!seen.insert(known->first).second)
      return malformed("the header holds two of " + std::string(known->first));
    TRY(*known->second, leaf_text(block));
    if (known->second->size() > kHeaderTextMax)
      return malformed(std::string(known->first) + " is too long");
    TRY_VOID(shape.add_part(known->first, block));
  }
  for (const auto* required : {"To", "Action", "MessageID"})
    if (!seen.contains(required)) return malformed(std::string("the header lacks ") + required);
  if (!security) return malformed("the message is not signed");
  return read_security(security, shape);
}

}  // namespace

Result<VerifiedEnvelope> verify_envelope(std::string_view xml, const KeyOfThumbprint& key_of) {
  TRY(const auto document, read_document(xml));
  SignedShape shape;
  VerifiedEnvelope verified;
  auto& addressing = verified.addressing;
  TRY(const auto* header, read_envelope(document.get(), shape));
  TRY_VOID(read_header(header, shape, addressing));
  TRY_VOID(shape.add_part("Body", shape.body));
  TRY(auto signature, read_signature(shape, component_rules()));
  TRY(const auto* reference, read_token_reference(signature, component_rules()));
  TRY(const auto identifier, exact_children(reference, {{kWsse, "KeyIdentifier"}}));
  TRY(verified.thumbprint, read_thumbprint(identifier[0]));
  TRY_VOID(check_strays(xmlDocGetRootElement(document.get()), shape, signature));
  TRY_VOID(read_timestamp(shape, addressing.created, addressing.expires));

  const auto key = key_of(verified.thumbprint);
  if (!key)
    return Error(SoapErrc::unknown_signer, "no certificate with the thumbprint " +
                                               common::hex_encode(verified.thumbprint) +
                                               " is known");
  TRY(verified.body, verify_signature(document.get(), shape, signature, *key));
  const auto* payload = element_children(shape.body)[0];
  verified.body_name = name_of(payload);
  verified.body_space = payload->ns ? reinterpret_cast<const char*>(payload->ns->href) : "";
  return verified;
}

std::string_view VerifiedEnvelope::content() const {
  // The start tag has no '>' inside: its only attribute is an id of plain characters and its
  // namespaces are fixed.
  const std::string_view all = body;
  const auto begin = all.find('>') + 1;
  return all.substr(begin, all.rfind("</") - begin);
}

std::string claimed_message_id(std::string_view xml) {
  const auto document = read_document(xml);
  if (!document) return {};
  const auto* root = xmlDocGetRootElement(document.value().get());
  const auto* header = only_child(root, kSoapSpace, "Header");
  const auto* id = header ? only_child(header, kWsa, "MessageID") : nullptr;
  auto text = id ? text_of(id) : std::string();
  return text.size() <= kHeaderTextMax ? text : std::string();
}

}  // namespace angophora::soap
