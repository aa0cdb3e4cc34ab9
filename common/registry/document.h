// The registry as it travels: the element t:registry with a signature of the cloud controller.
#pragma once

#include <string>

#include "common/crypto/rsa.h"
#include "common/crypto/x509.h"
#include "common/registry/files.h"
#include "common/soap/contracts.h"

namespace angophora::registry {

// Signs a registry. Any thread; slow.
Result<cloud__signedRegistry> sign_registry(const t__registry& registry,
                                            const crypto::PrivateKey& key);
// What `issuer` signed. Errc::corrupt when the signature is not good for it, or the document does
// not say what the envelope says.
Result<t__registry> open_registry(const cloud__signedRegistry& document,
                                  const crypto::Certificate& issuer);

// For keeping on disk.
std::string serialise(const cloud__signedRegistry& document);
Result<cloud__signedRegistry> deserialise(std::string_view text);

}  // namespace angophora::registry
