#include "common/soap/xml_signature.h"

#include <algorithm>
#include <set>
#include <utility>

#include "common/base/encoding.h"
#include "common/base/text.h"
#include "common/soap/wsse_names.h"

namespace angophora::soap {
namespace {
using namespace names;

// The algorithm of an element that has nothing else.
Result<std::string> algorithm_of(const xmlNode* node) {
  TRY(auto values, exact_attributes(node, {{"", "Algorithm"}}));
  if (!element_children(node).empty() || !text_of(node).empty())
    return bad_signature(std::string(name_of(node)) + " has parameters");
  return std::move(values[0]);
}

Error wrong_algorithm(const xmlNode* node, const std::string& algorithm) {
  return bad_signature(std::string(name_of(node)) + " is " + algorithm.substr(0, 100));
}

Result<> algorithm_is(const xmlNode* node, std::string_view wanted) {
  TRY(const auto algorithm, algorithm_of(node));
  if (algorithm != wanted) return wrong_algorithm(node, algorithm);
  return common::ok();
}

std::size_t bytes_of(crypto::DigestKind kind) {
  return kind == crypto::DigestKind::sha256 ? 32 : kind == crypto::DigestKind::sha1 ? 20 : 16;
}

// The attributes of an element around the signature: none, or an id of its own.
Result<> own_id(const xmlNode* node, const SignatureRules& rules, std::string_view name_space,
                Signature& signature) {
  if (!rules.elements_may_have_ids) {
    TRY_VOID(exact_attributes(node, {}));
    return common::ok();
  }
  TRY(auto ids, exact_attributes(node, {}, {{name_space, "Id"}}));
  if (ids[0].empty()) return common::ok();
  if (!is_plain_id(ids[0])) return malformed(std::string(name_of(node)) + " has a strange id");
  signature.ids.push_back(std::move(ids[0]));
  return common::ok();
}

Result<Reference> read_reference(const xmlNode* node, const SignedShape& shape,
                                 const SignatureRules& rules) {
  TRY(const auto uri, exact_attributes(node, {{"", "URI"}}));
  TRY(const auto children,
      exact_children(node, {{kDs, "Transforms"}, {kDs, "DigestMethod"}, {kDs, "DigestValue"}}));
  TRY(const auto transforms, exact_children(children[0], {{kDs, "Transform"}}));
  TRY_VOID(exact_attributes(children[0], {}));
  TRY_VOID(exact_attributes(children[2], {}));
  TRY_VOID(algorithm_is(transforms[0], kExclusive));
  TRY(const auto algorithm, algorithm_of(children[1]));
  const auto method =
      std::find_if(rules.digests.begin(), rules.digests.end(),
                   [&](const DigestMethod& allowed) { return allowed.uri == algorithm; });
  if (method == rules.digests.end()) return wrong_algorithm(children[1], algorithm);
  TRY(const auto text, leaf_text(children[2]));
  auto digest = common::base64_decode(text);
  if (!digest || digest->size() != bytes_of(method->kind))
    return malformed("a DigestValue is not a digest of its DigestMethod");
  for (const auto& part : shape.parts)
    if (uri[0] == "#" + part.id) return Reference{&part, method->kind, std::move(*digest)};
  return bad_signature("a reference is to nothing that is to be signed");
}

Result<> read_references(const std::vector<xmlNode*>& infos, const SignedShape& shape,
                         const SignatureRules& rules, Signature& signature) {
  std::set<const Part*> covered;
  for (std::size_t i = 2; i < infos.size(); ++i) {
    if (!is_element(infos[i], kDs, "Reference")) return malformed("SignedInfo holds a stranger");
    TRY(auto reference, read_reference(infos[i], shape, rules));
    if (!covered.insert(reference.part).second)
      return bad_signature("two references are to " + std::string(reference.part->name));
    signature.references.push_back(std::move(reference));
  }
  for (const auto& part : shape.parts)
    if (part.must_be_signed && !covered.contains(&part))
      return bad_signature(std::string(part.name) + " is not signed");
  return common::ok();
}

}  // namespace

Result<> SignedShape::add_part(std::string_view name, xmlNode* node) {
  TRY(auto values, exact_attributes(node, {{kWsu, "Id"}}));
  if (!is_plain_id(values[0])) return malformed(std::string(name) + " has a strange wsu:Id");
  parts.push_back({name, node, std::move(values[0])});
  return common::ok();
}

Result<xmlNode*> read_envelope(xmlDoc* document, SignedShape& shape) {
  const auto* root = xmlDocGetRootElement(document);
  if (!is_element(root, kSoapSpace, "Envelope"))
    return malformed("the message is no SOAP envelope");
  if (root->properties) return malformed("Envelope has attributes");
  TRY(const auto top, exact_children(root, {{kSoapSpace, "Header"}, {kSoapSpace, "Body"}}));
  if (top[0]->properties) return malformed("Header has attributes");
  if (!only_space_between(top[0])) return malformed("Header has text between its elements");
  shape.body = top[1];
  if (element_children(shape.body).size() != 1 || !only_space_between(shape.body))
    return malformed("Body does not hold exactly one element");
  return top[0];
}

Result<> check_strays(const xmlNode* root, const SignedShape& shape, const Signature& signature) {
  for (const xmlNode* node = root; node;) {
    if (node->type == XML_ELEMENT_NODE && node != shape.signature) {
      if (node->ns && reinterpret_cast<const char*>(node->ns->href) == kDs)
        return malformed("an element of the signature stands outside of it");
      const bool is_part = std::any_of(shape.parts.begin(), shape.parts.end(),
                                       [&](const Part& part) { return part.node == node; });
      for (const auto* a = node->properties; a && !is_part; a = a->next) {
        const auto name = common::to_lower(reinterpret_cast<const char*>(a->name));
        if (name == "id" || name == "assertionid")
          return malformed("an element that is not signed has an id");
      }
    }
    // Not into the signature: its shape is checked on its own.
    if (node->children && node != shape.signature) {
      node = node->children;
      continue;
    }
    while (node != root && !node->next) node = node->parent;
    if (node == root) break;
    node = node->next;
  }
  std::set<std::string> ids(signature.ids.begin(), signature.ids.end());
  if (ids.size() != signature.ids.size()) return malformed("two elements have the same id");
  for (const auto& part : shape.parts)
    if (!ids.insert(part.id).second) return malformed("two parts have the wsu:Id " + part.id);
  return common::ok();
}

Result<Signature> read_signature(const SignedShape& shape, const SignatureRules& rules) {
  Signature signature;
  TRY_VOID(own_id(shape.signature, rules, "", signature));
  TRY(const auto children,
      exact_children(shape.signature,
                     {{kDs, "SignedInfo"}, {kDs, "SignatureValue"}, {kDs, "KeyInfo"}}));
  signature.signed_info = children[0];
  signature.key_info = children[2];
  TRY_VOID(exact_attributes(signature.signed_info, {}));
  TRY_VOID(exact_attributes(children[1], {}));
  if (!only_space_between(signature.signed_info)) return malformed("SignedInfo has text");
  const auto infos = element_children(signature.signed_info);
  if (infos.size() < 3 || infos.size() > 2 + shape.parts.size() ||
      !is_element(infos[0], kDs, "CanonicalizationMethod") ||
      !is_element(infos[1], kDs, "SignatureMethod"))
    return malformed("SignedInfo is not as it must be");
  TRY_VOID(algorithm_is(infos[0], kExclusive));
  TRY(const auto algorithm, algorithm_of(infos[1]));
  const auto method =
      std::find_if(rules.methods.begin(), rules.methods.end(),
                   [&](const SignatureMethod& allowed) { return allowed.uri == algorithm; });
  if (method == rules.methods.end()) return wrong_algorithm(infos[1], algorithm);
  signature.hash = method->hash;
  TRY_VOID(read_references(infos, shape, rules, signature));
  TRY(const auto text, leaf_text(children[1]));
  auto value = common::base64_decode(text);
  if (!value) return malformed("SignatureValue is not base64");
  signature.value = std::move(*value);
  return signature;
}

Result<xmlNode*> read_token_reference(Signature& signature, const SignatureRules& rules) {
  TRY_VOID(own_id(signature.key_info, rules, "", signature));
  TRY(const auto reference,
      exact_children(signature.key_info, {{kWsse, "SecurityTokenReference"}}));
  TRY_VOID(own_id(reference[0], rules, kWsu, signature));
  return reference[0];
}

Result<std::string> read_thumbprint(const xmlNode* key_identifier) {
  TRY(const auto kind, exact_attributes(key_identifier, {{"", "EncodingType"}, {"", "ValueType"}}));
  if (kind[0] != kBase64 || kind[1] != kThumbprintSha1)
    return bad_signature("the key is not named by its certificate's thumbprint");
  TRY(const auto text, leaf_text(key_identifier));
  auto thumbprint = common::base64_decode(text);
  if (!thumbprint || thumbprint->size() != 20) return malformed("the thumbprint is none");
  return std::move(*thumbprint);
}

Result<std::string> verify_signature(xmlDoc* document, const SignedShape& shape,
                                     const Signature& signature, const crypto::PublicKey& key) {
  if (!key.verify(signature.hash, canonical(document, signature.signed_info), signature.value))
    return bad_signature("the signature does not fit SignedInfo");
  std::string body;
  for (const auto& reference : signature.references) {
    auto bytes = canonical(document, reference.part->node);
    if (crypto::digest(reference.kind, bytes) != reference.digest)
      return bad_signature("the digest of " + std::string(reference.part->name) + " is wrong");
    if (reference.part->node == shape.body) body = std::move(bytes);
  }
  return body;
}

Result<> read_timestamp(const SignedShape& shape, SysTime& created, SysTime& expires) {
  TRY(const auto children, exact_children(shape.timestamp, {{kWsu, "Created"}, {kWsu, "Expires"}}));
  SysTime* const times[] = {&created, &expires};
  for (int i = 0; i < 2; ++i) {
    TRY_VOID(exact_attributes(children[i], {}));
    TRY(const auto text, leaf_text(children[i]));
    const auto time = common::parse_iso8601(text);
    if (!time || !text.ends_with('Z')) return malformed("Timestamp holds no UTC time");
    *times[i] = *time;
  }
  return common::ok();
}

}  // namespace angophora::soap
