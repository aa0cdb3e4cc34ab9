// Verifying. Parts are found by their one legal position, never by id alone; ids only tie a
// reference of the signature to the part at that position. Algorithms are compared for equality.
// No key and no choice is taken from the message.
#include <algorithm>
#include <array>
#include <set>
#include <utility>
#include <vector>

#include "common/base/encoding.h"
#include "common/base/text.h"
#include "common/crypto/digest.h"
#include "common/soap/wsse.h"
#include "common/soap/wsse_names.h"
#include "common/soap/xml_document.h"

namespace angophora::soap {
namespace {
using namespace names;

Error malformed(std::string what) { return Error(SoapErrc::malformed, std::move(what)); }
Error bad_signature(std::string what) { return Error(SoapErrc::bad_signature, std::move(what)); }

std::string_view name_of(const xmlNode* node) { return reinterpret_cast<const char*>(node->name); }

std::string attribute_text(const xmlAttr* attribute) {
  return text_of(reinterpret_cast<const xmlNode*>(attribute));
}

std::string_view space_of(const xmlAttr* attribute) {
  return attribute->ns ? reinterpret_cast<const char*>(attribute->ns->href) : "";
}

// An attribute that the element may have.
struct Allowed {
  std::string_view name_space, name;
};

// The element has all of `allowed`, each not empty, and no other attribute. Their values come in
// the same order.
Result<std::vector<std::string>> exact_attributes(const xmlNode* node,
                                                  std::vector<Allowed> allowed) {
  std::vector<std::string> values(allowed.size());
  for (const auto* a = node->properties; a; a = a->next) {
    const std::string_view name = reinterpret_cast<const char*>(a->name);
    const auto found = std::find_if(allowed.begin(), allowed.end(), [&](const Allowed& want) {
      return want.name == name && want.name_space == space_of(a);
    });
    if (found == allowed.end())
      return malformed(std::string(name_of(node)) + " has an attribute " + std::string(name));
    values[static_cast<std::size_t>(found - allowed.begin())] = attribute_text(a);
  }
  for (std::size_t i = 0; i < allowed.size(); ++i)
    if (values[i].empty())
      return malformed(std::string(name_of(node)) + " lacks its attribute " +
                       std::string(allowed[i].name));
  return values;
}

// The children are exactly these, in this order, with nothing but white space between them.
struct Child {
  std::string_view name_space, name;
};
Result<std::vector<xmlNode*>> exact_children(const xmlNode* parent, std::vector<Child> want) {
  auto children = element_children(parent);
  const auto name = std::string(name_of(parent));
  if (children.size() != want.size())
    return malformed(name + " has " + std::to_string(children.size()) + " elements, not " +
                     std::to_string(want.size()));
  for (std::size_t i = 0; i < want.size(); ++i)
    if (!is_element(children[i], want[i].name_space, want[i].name))
      return malformed("element " + std::to_string(i + 1) + " of " + name + " is not " +
                       std::string(want[i].name));
  if (!only_space_between(parent)) return malformed(name + " has text between its elements");
  return children;
}

Result<std::string> leaf_text(const xmlNode* node) {
  auto text = text_of(node);
  if (!element_children(node).empty() || text.empty() || text.size() > 4096)
    return malformed(std::string(name_of(node)) + " is not a short text");
  return text;
}

Result<> algorithm_is(const xmlNode* node, std::string_view wanted) {
  TRY(const auto values, exact_attributes(node, {{"", "Algorithm"}}));
  if (!element_children(node).empty() || !text_of(node).empty())
    return bad_signature(std::string(name_of(node)) + " has parameters");
  if (values[0] != wanted)
    return bad_signature(std::string(name_of(node)) + " is " + values[0].substr(0, 100));
  return common::ok();
}

// A part that must be signed, at its legal position.
struct Part {
  std::string_view name;
  xmlNode* node;
  std::string id;
};

// The envelope's elements, each found where it has to be.
struct Shape {
  std::vector<Part> parts;
  xmlNode* timestamp = nullptr;
  xmlNode* signature = nullptr;
  xmlNode* body = nullptr;
  Addressing addressing;
};

bool is_plain_id(std::string_view id) {
  return !id.empty() && id.size() <= 128 && std::all_of(id.begin(), id.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '.';
  });
}

Result<> add_part(Shape& shape, std::string_view name, xmlNode* node) {
  TRY(auto values, exact_attributes(node, {{kWsu, "Id"}}));
  if (!is_plain_id(values[0])) return malformed(std::string(name) + " has a strange wsu:Id");
  shape.parts.push_back({name, node, std::move(values[0])});
  return common::ok();
}

Result<> read_header(const xmlNode* header, Shape& shape) {
  std::set<std::string_view> seen;
  const std::pair<std::string_view, std::string*> texts[] = {
      {"To", &shape.addressing.to},
      {"Action", &shape.addressing.action},
      {"MessageID", &shape.addressing.message_id},
      {"RelatesTo", &shape.addressing.relates_to}};
  xmlNode* security = nullptr;
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
    TRY_VOID(add_part(shape, known->first, block));
  }
  for (const auto* required : {"To", "Action", "MessageID"})
    if (!seen.contains(required)) return malformed(std::string("the header lacks ") + required);
  if (!security) return malformed("the message is not signed");
  if (security->properties) {
    TRY_VOID(exact_attributes(security, {{kSoapSpace, "mustUnderstand"}}));
  }
  TRY(const auto children, exact_children(security, {{kWsu, "Timestamp"}, {kDs, "Signature"}}));
  shape.timestamp = children[0];
  shape.signature = children[1];
  return add_part(shape, "Timestamp", shape.timestamp);
}

// No element of the signature's namespace and no id of any kind where we do not look: nothing that
// a reference could be turned to.
Result<> check_strays(const xmlNode* root, const Shape& shape) {
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
  std::set<std::string> ids;
  for (const auto& part : shape.parts)
    if (!ids.insert(part.id).second) return malformed("two parts have the wsu:Id " + part.id);
  return common::ok();
}

Result<Shape> read_shape(xmlDoc* document) {
  Shape shape;
  const auto* root = xmlDocGetRootElement(document);
  if (!is_element(root, kSoapSpace, "Envelope"))
    return malformed("the message is no SOAP envelope");
  if (root->properties) return malformed("Envelope has attributes");
  TRY(const auto top, exact_children(root, {{kSoapSpace, "Header"}, {kSoapSpace, "Body"}}));
  if (top[0]->properties) return malformed("Header has attributes");
  if (!only_space_between(top[0])) return malformed("Header has text between its elements");
  shape.body = top[1];
  TRY_VOID(read_header(top[0], shape));
  TRY_VOID(add_part(shape, "Body", shape.body));
  if (element_children(shape.body).size() != 1 || !only_space_between(shape.body))
    return malformed("Body does not hold exactly one element");
  TRY_VOID(check_strays(root, shape));
  return shape;
}

// One ds:Reference: which part, and the digest it must have.
struct Reference {
  const Part* part;
  std::string digest;
};

Result<Reference> read_reference(const xmlNode* node, const Shape& shape) {
  TRY(const auto uri, exact_attributes(node, {{"", "URI"}}));
  TRY(const auto children,
      exact_children(node, {{kDs, "Transforms"}, {kDs, "DigestMethod"}, {kDs, "DigestValue"}}));
  TRY(const auto transforms, exact_children(children[0], {{kDs, "Transform"}}));
  TRY_VOID(exact_attributes(children[0], {}));
  TRY_VOID(exact_attributes(children[2], {}));
  TRY_VOID(algorithm_is(transforms[0], kExclusive));
  TRY_VOID(algorithm_is(children[1], kSha256));
  TRY(const auto text, leaf_text(children[2]));
  const auto digest = common::base64_decode(text);
  if (!digest || digest->size() != 32) return malformed("a DigestValue is not a SHA-256 digest");
  for (const auto& part : shape.parts)
    if (uri[0] == "#" + part.id) return Reference{&part, *digest};
  return bad_signature("a reference is to nothing that is to be signed");
}

struct SignatureParts {
  xmlNode* signed_info;
  std::vector<Reference> references;
  std::string value;
  std::string thumbprint;
};

Result<std::string> read_key_info(const xmlNode* key_info) {
  TRY_VOID(exact_attributes(key_info, {}));
  TRY(const auto reference, exact_children(key_info, {{kWsse, "SecurityTokenReference"}}));
  TRY_VOID(exact_attributes(reference[0], {}));
  TRY(const auto identifier, exact_children(reference[0], {{kWsse, "KeyIdentifier"}}));
  TRY(const auto kind, exact_attributes(identifier[0], {{"", "EncodingType"}, {"", "ValueType"}}));
  if (kind[0] != kBase64 || kind[1] != kThumbprintSha1)
    return bad_signature("the key is not named by its certificate's thumbprint");
  TRY(const auto text, leaf_text(identifier[0]));
  auto thumbprint = common::base64_decode(text);
  if (!thumbprint || thumbprint->size() != 20) return malformed("the thumbprint is none");
  return std::move(*thumbprint);
}

Result<SignatureParts> read_signature(const Shape& shape) {
  SignatureParts parts;
  TRY_VOID(exact_attributes(shape.signature, {}));
  TRY(const auto children,
      exact_children(shape.signature,
                     {{kDs, "SignedInfo"}, {kDs, "SignatureValue"}, {kDs, "KeyInfo"}}));
  parts.signed_info = children[0];
  TRY_VOID(exact_attributes(parts.signed_info, {}));
  TRY_VOID(exact_attributes(children[1], {}));
  if (!only_space_between(parts.signed_info)) return malformed("SignedInfo has text");
  const auto infos = element_children(parts.signed_info);
  if (infos.size() < 3 || infos.size() > 2 + shape.parts.size() ||
      !is_element(infos[0], kDs, "CanonicalizationMethod") ||
      !is_element(infos[1], kDs, "SignatureMethod"))
    return malformed("SignedInfo is not as it must be");
  TRY_VOID(algorithm_is(infos[0], kExclusive));
  TRY_VOID(algorithm_is(infos[1], kRsaSha256));
  std::set<const Part*> covered;
  for (std::size_t i = 2; i < infos.size(); ++i) {
    if (!is_element(infos[i], kDs, "Reference")) return malformed("SignedInfo holds a stranger");
    TRY(auto reference, read_reference(infos[i], shape));
    if (!covered.insert(reference.part).second)
      return bad_signature("two references are to " + std::string(reference.part->name));
    parts.references.push_back(std::move(reference));
  }
  for (const auto& part : shape.parts)
    if (!covered.contains(&part)) return bad_signature(std::string(part.name) + " is not signed");
  TRY(const auto text, leaf_text(children[1]));
  auto value = common::base64_decode(text);
  if (!value) return malformed("SignatureValue is not base64");
  parts.value = std::move(*value);
  TRY(parts.thumbprint, read_key_info(children[2]));
  return parts;
}

Result<> read_timestamp(Shape& shape) {
  TRY(const auto children, exact_children(shape.timestamp, {{kWsu, "Created"}, {kWsu, "Expires"}}));
  SysTime* const times[] = {&shape.addressing.created, &shape.addressing.expires};
  for (int i = 0; i < 2; ++i) {
    TRY_VOID(exact_attributes(children[i], {}));
    TRY(const auto text, leaf_text(children[i]));
    const auto time = common::parse_iso8601(text);
    if (!time || !text.ends_with('Z')) return malformed("Timestamp holds no UTC time");
    *times[i] = *time;
  }
  return common::ok();
}

}  // namespace

Result<VerifiedEnvelope> verify_envelope(std::string_view xml, const KeyOfThumbprint& key_of) {
  TRY(const auto document, read_document(xml));
  TRY(auto shape, read_shape(document.get()));
  TRY(const auto signature, read_signature(shape));
  TRY_VOID(read_timestamp(shape));

  const auto key = key_of(signature.thumbprint);
  if (!key)
    return Error(SoapErrc::unknown_signer, "no certificate with the thumbprint " +
                                               common::hex_encode(signature.thumbprint) +
                                               " is known");
  if (!key->verify(crypto::SignatureHash::sha256, canonical(document.get(), signature.signed_info),
                   signature.value))
    return bad_signature("the signature does not fit SignedInfo");
  VerifiedEnvelope verified;
  for (const auto& reference : signature.references) {
    const auto bytes = canonical(document.get(), reference.part->node);
    if (crypto::sha256(bytes) != reference.digest)
      return bad_signature("the digest of " + std::string(reference.part->name) + " is wrong");
    if (reference.part->node == shape.body) verified.body = bytes;
  }
  const auto* payload = element_children(shape.body)[0];
  verified.body_name = name_of(payload);
  verified.body_space = payload->ns ? reinterpret_cast<const char*>(payload->ns->href) : "";
  verified.thumbprint = signature.thumbprint;
  verified.addressing = std::move(shape.addressing);
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
