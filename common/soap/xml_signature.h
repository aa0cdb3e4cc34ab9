// The signature of a message: which parts it covers and whether it is good. Parts are found by
// their one legal position, never by id alone; ids only tie a reference of the signature to the
// part at that position. Algorithms are compared for equality. No key and no choice is taken from
// the message. For those who verify one kind of message. Any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/base/time.h"
#include "common/crypto/digest.h"
#include "common/crypto/rsa.h"
#include "common/soap/xml_shape.h"

namespace angophora::soap {

using common::SysTime;

// A part that the signature must, or may, cover, at its legal position.
struct Part {
  std::string_view name;
  xmlNode* node;
  std::string id;
  bool must_be_signed = true;
};

// The elements of a signed envelope, each found where it has to be.
struct SignedShape {
  std::vector<Part> parts;
  xmlNode* timestamp = nullptr;
  xmlNode* signature = nullptr;
  xmlNode* body = nullptr;

  // A part that has exactly a wsu:Id.
  Result<> add_part(std::string_view name, xmlNode* node);
};

struct SignatureMethod {
  std::string_view uri;
  crypto::SignatureHash hash;
};
struct DigestMethod {
  std::string_view uri;
  crypto::DigestKind kind;
};
// What one kind of message may be signed with.
struct SignatureRules {
  std::vector<SignatureMethod> methods;
  std::vector<DigestMethod> digests;
  bool elements_may_have_ids = false;  // Signature, KeyInfo and what it holds, as WSS4J writes them
};

// One ds:Reference: which part, and the digest it must have.
struct Reference {
  const Part* part;
  crypto::DigestKind kind;
  std::string digest;
};

struct Signature {
  xmlNode* signed_info = nullptr;
  xmlNode* key_info = nullptr;
  crypto::SignatureHash hash = crypto::SignatureHash::sha256;
  std::vector<Reference> references;
  std::string value;
  std::vector<std::string> ids;  // of its own elements
};

// Envelope with exactly Header and Body, neither with anything unexpected, Body with one element.
// Returns the header.
Result<xmlNode*> read_envelope(xmlDoc* document, SignedShape& shape);
// No element of the signature's namespace and no id of any kind where we do not look: nothing that
// a reference could be turned to. Also that all ids differ.
Result<> check_strays(const xmlNode* root, const SignedShape& shape, const Signature& signature);

// shape.signature with all references; every part that must be signed is.
Result<Signature> read_signature(const SignedShape& shape, const SignatureRules& rules);
// The one wsse:SecurityTokenReference of KeyInfo.
Result<xmlNode*> read_token_reference(Signature& signature, const SignatureRules& rules);
// The thumbprint that a wsse:KeyIdentifier names; raw, 20 bytes.
Result<std::string> read_thumbprint(const xmlNode* key_identifier);

// SoapErrc::bad_signature unless the signature is one of `key` and each digest fits. Returns the
// Body's bytes, those that were hashed.
Result<std::string> verify_signature(xmlDoc* document, const SignedShape& shape,
                                     const Signature& signature, const crypto::PublicKey& key);

// wsu:Created and wsu:Expires of shape.timestamp.
Result<> read_timestamp(const SignedShape& shape, SysTime& created, SysTime& expires);

}  // namespace angophora::soap
