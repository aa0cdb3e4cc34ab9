// The identity document: what a guest can show to others to prove which instance it is.
#pragma once

#include <functional>
#include <string>

#include "common/base/result.h"
#include "common/crypto/rsa.h"
#include "common/crypto/x509.h"
#include "nc/domain/instance_spec.h"

namespace angophora::nc {

struct MetadataFacts;

// Signatures are base64 in lines of 64 and empty when nobody signs.
struct SignedIdentity {
  std::string document;   // JSON; the signatures are over exactly these bytes
  std::string signature;  // RSA, SHA-256, PKCS#1 v1.5
  std::string pkcs7;      // CMS with the document in it, DER without its BEGIN and END lines
};

// The document of an instance; the same bytes as long as the facts are the same.
std::string identity_document(const InstanceSpec& spec, const MetadataFacts& facts);

// Signs a document. Slow (milliseconds): the service calls it on the pool, once per document.
using IdentitySigner = std::function<common::Result<SignedIdentity>(std::string document)>;

IdentitySigner identity_signer(crypto::PrivateKey key, crypto::Certificate certificate);

}  // namespace angophora::nc
